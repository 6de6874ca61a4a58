/** The targets of one scrape config, followed as discovery finds and loses them. */
import type { ScrapeConfig } from '../config/scrape-config.ts';
import { type Discovery, type DiscoveryContext, startDiscovery } from '../discovery/discovery.ts';
import { FailureLog } from './failure-log.ts';
import { ScrapeLoop, type ScrapeObserver, type ScrapeStore } from './scrape-loop.ts';
import { type DiscoveredTarget, makeTarget, type Target } from './target.ts';

/** Dropped targets that are remembered for the status page where no limit is configured; discovery can find thousands. */
const DROPPED_MAX = 1_000;

export interface ScrapePoolContext extends DiscoveryContext {
  readonly store: ScrapeStore;
  readonly observer: ScrapeObserver;
  /** Since when series count is stored where targets tell it. */
  readonly startTimestamps?: boolean | undefined;
}

export interface FailedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly error: string;
}

export class ScrapePool {
  readonly config: ScrapeConfig;
  readonly #context: ScrapePoolContext;
  readonly #loops = new Map<string, ScrapeLoop>();
  readonly #stopping = new Set<Promise<void>>();
  #discovery: Discovery | undefined;
  readonly #failureLog: FailureLog | undefined;
  /** All that were dropped, remembered or not. */
  droppedCount = 0;
  #dropped: Readonly<Record<string, string>>[] = [];
  #failed: FailedTarget[] = [];

  constructor(config: ScrapeConfig, context: ScrapePoolContext) {
    this.config = config;
    this.#context = context;
    if (config.failureLogFile !== '')
      this.#failureLog = new FailureLog(config.failureLogFile, context.clock, context.log);
  }

  get loops(): readonly ScrapeLoop[] {
    return [...this.#loops.values()];
  }

  get dropped(): readonly Readonly<Record<string, string>>[] {
    return this.#dropped;
  }

  /** Targets that cannot be scraped for what their labels say, and all of them when there are too many. */
  get failed(): readonly FailedTarget[] {
    return this.#failed;
  }

  start(): void {
    this.#discovery = startDiscovery(this.config.discovery, this.#context, (targets) => this.#sync(targets));
  }

  /** Ends all loops; the series of those for which `isGone` holds become stale. */
  async stop(isGone: (target: Target) => boolean): Promise<void> {
    this.#discovery?.stop();
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    await Promise.all([...this.#stopping, ...loops.map((loop) => loop.stop(isGone(loop.target)))]);
    await this.#failureLog?.close();
  }

  #sync(found: readonly DiscoveredTarget[]): void {
    const wanted = new Map<string, Target>();
    this.#dropped = [];
    this.droppedCount = 0;
    this.#failed = [];
    for (const each of found) {
      const outcome = makeTarget(this.config, each);
      if ('target' in outcome) wanted.set(outcome.target.key, outcome.target);
      else if ('error' in outcome) this.#fail(outcome);
      else {
        this.droppedCount++;
        if (this.#dropped.length < (this.config.droppedTargetsMax || DROPPED_MAX)) this.#dropped.push(outcome.dropped);
      }
    }
    const { targets: limit } = this.config.limits;
    if (limit > 0 && wanted.size > limit) {
      for (const { discoveredLabels } of wanted.values())
        this.#failed.push({ discoveredLabels, error: 'target_limit exceeded' });
      wanted.clear();
    }
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      this.#end(loop);
    }
    for (const [key, target] of wanted) {
      if (this.#loops.has(key)) continue;
      const { store, fetch, clock, observer, startTimestamps } = this.#context;
      const onFailure = ({ url }: Target, message: string) => this.#failureLog?.add(this.config.jobName, url, message);
      const { config } = this;
      const loop = new ScrapeLoop({ config, target, store, fetch, clock, observer, startTimestamps, onFailure });
      this.#loops.set(key, loop);
      loop.start();
    }
  }

  #fail({ discoveredLabels, error }: FailedTarget): void {
    this.#failed.push({ discoveredLabels, error });
    const address = discoveredLabels.__address__ ?? '';
    this.#context.log.warn('a target cannot be scraped', { job: this.config.jobName, address, error });
  }

  #end(loop: ScrapeLoop): void {
    const ended = loop.stop(true).finally(() => this.#stopping.delete(ended));
    this.#stopping.add(ended);
  }
}
