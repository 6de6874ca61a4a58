/** Scrapes one target again and again: when, how, and what is told about it. */
import type { Clock, Timer } from '@mario/service';
import type { ScrapeConfig } from '../config/scrape-config.ts';
import { xxhash64 } from '../model/xxhash.ts';
import type { MetricMetadata } from '../queryable.ts';
import type { AppendRequest, AppendResult } from '../store/append-request.ts';
import { type Fetch, type FetchResponse, statusError, USER_AGENT } from './fetch.ts';
import { ScrapeLimitError } from './histogram-limits.ts';
import { acceptHeader, formatOf } from './scrape-protocol.ts';
import { type ScrapeCounts, type ScrapeReports, ScrapeSamples, type SeriesRefs } from './scrape-samples.ts';
import type { Target } from './target.ts';

export interface ScrapeStore extends SeriesRefs {
  append(request: AppendRequest): Promise<AppendResult>;
}

/** What is counted over all targets. */
export interface ScrapeObserver {
  scraped(target: Target, intervalMs: number, durationS: number): void;
  bodySizeLimitExceeded(): void;
  sampleLimitExceeded(): void;
  samplesDropped(result: AppendResult, duplicates: number): void;
  /** The store did not take the scrape. */
  appendFailed(target: Target, error: Error): void;
}

export interface TargetHealth {
  readonly health: 'unknown' | 'up' | 'down';
  readonly lastError: string;
  readonly lastScrapeMs: number;
  readonly lastDurationS: number;
}

/** A timer that fires this little late is taken as on time: timestamps then are even, and pack well. */
const TOLERANCE_MS = 2;

export interface ScrapeLoopOptions {
  readonly config: ScrapeConfig;
  readonly target: Target;
  readonly store: ScrapeStore;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly observer: ScrapeObserver;
  readonly startTimestamps?: boolean | undefined;
  /** Told why a scrape failed. */
  readonly onFailure?: ((target: Target, message: string) => void) | undefined;
}

export class ScrapeLoop {
  readonly target: Target;
  readonly #options: ScrapeLoopOptions;
  readonly #samples: ScrapeSamples;
  readonly #abort = new AbortController();
  readonly #headers: Readonly<Record<string, string>>;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #health: TargetHealth = { health: 'unknown', lastError: '', lastScrapeMs: 0, lastDurationS: 0 };

  constructor(options: ScrapeLoopOptions) {
    this.#options = options;
    this.target = options.target;
    this.#samples = new ScrapeSamples(options.config, options.target, options.store, {
      startTimestamps: options.startTimestamps ?? false,
    });
    this.#headers = {
      accept: acceptHeader(options.config.scrapeProtocols, options.config.escaping),
      'user-agent': USER_AGENT,
      'x-prometheus-scrape-timeout-seconds': String(options.target.timeoutMs / 1000),
      'accept-encoding': options.config.enableCompression ? 'gzip' : 'identity',
    };
  }

  get health(): TargetHealth {
    return this.#health;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#samples.metadata;
  }

  /** Begins at the target's own offset in the interval, so that targets are spread evenly and stay where they are. */
  start(): void {
    const { clock } = this.#options;
    const { intervalMs } = this.target;
    const offsetMs = Number(xxhash64(Buffer.from(this.target.key)) % BigInt(Math.max(1, Math.round(intervalMs))));
    const nowMs = clock.nowMs();
    const firstMs = nowMs + ((offsetMs - (nowMs % intervalMs) + intervalMs) % intervalMs);
    this.#schedule(firstMs);
  }

  /** Ends the loop and waits for a running scrape. `removed`: the target is gone, its series become stale. */
  async stop(removed: boolean): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
    if (!removed || this.#health.lastScrapeMs === 0) return;
    const { clock } = this.#options;
    await this.#append(this.#samples.end(clock.nowMs(), reportNames(this.#options.config)), 0);
  }

  /** One scrape now; resolves when its samples are stored. */
  async scrape(timestampMs: number): Promise<void> {
    const { clock, observer, config } = this.#options;
    const startMs = clock.monotonicMs();
    const seconds = () => (clock.monotonicMs() - startMs) / 1000;
    const counts: ScrapeCounts = { scraped: 0, afterRelabelling: 0, added: 0, duplicates: 0 };
    let failure: string | undefined;
    let request: AppendRequest | undefined;
    let durationS = 0;
    let bodyBytes = 0;
    const reports = (up: number) => reportsOf(config, up, durationS, counts, bodyBytes);
    try {
      const { body, contentType, release } = await this.#fetch();
      bodyBytes = body.length;
      request = this.#samples.read(body, formatOf(contentType, config), timestampMs, counts, () => {
        durationS = seconds();
        return reports(1);
      });
      release?.();
    } catch (error) {
      failure = (error as Error).message;
      if (failure === 'body size limit exceeded') observer.bodySizeLimitExceeded();
      if (error instanceof ScrapeLimitError) observer.sampleLimitExceeded();
    }
    if (this.#abort.signal.aborted) return;
    durationS = seconds();
    request ??= this.#samples.end(timestampMs, reports(0));
    if (failure !== undefined) this.#options.onFailure?.(this.target, failure);
    this.#health = {
      health: failure === undefined ? 'up' : 'down',
      lastError: failure ?? '',
      lastScrapeMs: timestampMs,
      lastDurationS: durationS,
    };
    observer.scraped(this.target, this.target.intervalMs, durationS);
    await this.#append(request, counts.duplicates);
  }

  #schedule(atMs: number): void {
    const { clock } = this.#options;
    const { intervalMs } = this.target;
    this.#timer = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      const nowMs = clock.nowMs();
      const timestampMs = Math.abs(nowMs - atMs) <= TOLERANCE_MS ? atMs : nowMs;
      this.#running = this.scrape(timestampMs).finally(() => {
        if (this.#abort.signal.aborted) return;
        // A clock that jumped, or a scrape longer than the interval: the next regular time, none made up.
        const missed = Math.floor((clock.nowMs() - atMs) / intervalMs);
        const jumpedBack = atMs - clock.nowMs() > intervalMs;
        this.#schedule(jumpedBack ? clock.nowMs() + intervalMs : atMs + (Math.max(0, missed) + 1) * intervalMs);
      });
    });
  }

  async #fetch(): Promise<FetchResponse> {
    const { config, fetch } = this.#options;
    const response = await fetch({
      url: this.target.url,
      headers: this.#headers,
      timeoutMs: this.target.timeoutMs,
      bodyBytesMax: config.limits.bodySizeBytes,
      client: config.client,
      signal: this.#abort.signal,
    });
    if (response.status === 200) return response;
    response.release?.();
    throw new Error(statusError(response.status));
  }

  async #append(request: AppendRequest, duplicates: number): Promise<void> {
    const { store, observer } = this.#options;
    try {
      observer.samplesDropped(await store.append(request), duplicates);
    } catch (error) {
      observer.appendFailed(this.target, error as Error);
    }
  }
}

function reportsOf(
  config: ScrapeConfig,
  up: number,
  durationS: number,
  counts: ScrapeCounts,
  bodyBytes: number,
): ScrapeReports {
  return {
    up,
    scrape_duration_seconds: durationS,
    scrape_samples_scraped: counts.scraped,
    scrape_samples_post_metric_relabeling: counts.afterRelabelling,
    scrape_series_added: up === 1 ? counts.added : 0,
    ...(config.extraScrapeMetrics
      ? {
          scrape_timeout_seconds: config.scrapeTimeoutMs / 1000,
          scrape_sample_limit: config.limits.samples,
          scrape_body_size_bytes: up === 1 ? bodyBytes : 0,
        }
      : {}),
  };
}

function reportNames(config: ScrapeConfig): ScrapeReports {
  const names = Object.keys(reportsOf(config, 0, 0, { scraped: 0, afterRelabelling: 0, added: 0, duplicates: 0 }, 0));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
