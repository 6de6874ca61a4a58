/** Which new series are let in: limits in all and by job, what is refused counted by reason and said in the log now and then. */
import type { Clock, Log } from '@mario/service';
import type { Labels } from '../model/labels.ts';
import type { SeriesClock } from './series-clock.ts';
import type { SeriesIndex } from './series-index.ts';
import type { StoreLimits } from './store-options.ts';

export const REFUSAL_REASONS = ['series_limit', 'job_limit', 'label_count', 'label_length'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Counting idle series walks over all of them. */
const IDLE_COUNT_PERIOD_MS = 10_000;

/** One line for each reason in this time, however many are refused. */
const LOG_PERIOD_MS = 60_000;

interface IdleCount {
  readonly atMs: number;
  idle: number;
}

export interface SeriesGateParts {
  readonly index: SeriesIndex;
  readonly seriesClock: SeriesClock;
  readonly limits: StoreLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Asked when idle series should leave the memory; they do so some time later. */
  readonly makeRoom: () => void;
}

export class SeriesGate {
  readonly #parts: SeriesGateParts;
  readonly #refused = new Map<RefusalReason, number>(REFUSAL_REASONS.map((reason) => [reason, 0]));
  readonly #saidMs = new Map<RefusalReason, number>();
  /** Idle series that give way to new ones until they are gone: in all ('') and by job. */
  readonly #idle = new Map<string, IdleCount>();

  constructor(parts: SeriesGateParts) {
    this.#parts = parts;
  }

  get refused(): ReadonlyMap<RefusalReason, number> {
    return this.#refused;
  }

  /** Whether a series that is not known may become one. */
  admits(labels: Labels): boolean {
    const { index, limits } = this.#parts;
    if (labels.size > limits.labelsPerSeries) return this.#refuse('label_count', labels);
    if (labels.pairs.some((text) => text.length > limits.labelChars)) return this.#refuse('label_length', labels);
    if (limits.seriesPerJob > 0) {
      const job = labels.get('job');
      const full = job !== '' && index.valueCount('job', job) >= limits.seriesPerJob;
      if (full && !this.#takesIdle(job)) return this.#refuse('job_limit', labels);
    }
    if (index.size >= limits.series && !this.#takesIdle('')) return this.#refuse('series_limit', labels);
    return true;
  }

  /** Idle series were taken out: they can no longer give way. */
  forgetIdle(): void {
    this.#idle.clear();
  }

  /** Lets a new series take the place of an idle one, which leaves as soon as it can. */
  #takesIdle(job: string): boolean {
    const nowMs = this.#parts.clock.nowMs();
    let count = this.#idle.get(job);
    if (count === undefined || Math.abs(nowMs - count.atMs) >= IDLE_COUNT_PERIOD_MS) {
      count = { atMs: nowMs, idle: this.#countIdle(job, nowMs) - this.#beyond(job) };
      this.#idle.set(job, count);
    }
    if (count.idle <= 0) return false;
    count.idle--;
    this.#parts.makeRoom();
    return true;
  }

  /** Series that were let in for idle ones which are not gone yet. */
  #beyond(job: string): number {
    const { index, limits } = this.#parts;
    const beyond = job === '' ? index.size - limits.series : index.valueCount('job', job) - limits.seriesPerJob;
    return Math.max(0, beyond);
  }

  #countIdle(job: string, nowMs: number): number {
    const { index, seriesClock, limits } = this.#parts;
    const oldestMs = nowMs - limits.idleMs;
    let idle = 0;
    const look = (ref: number) => {
      const lastMs = seriesClock.get(ref);
      if (lastMs < oldestMs && lastMs !== Number.NEGATIVE_INFINITY) idle++;
    };
    if (job !== '') for (const ref of index.match([{ name: 'job', op: '=', value: job }])) look(ref);
    else for (let ref = 0; ref < index.refCount; ref++) if (index.has(ref)) look(ref);
    return idle;
  }

  #refuse(reason: RefusalReason, labels: Labels): false {
    const { clock, log, limits } = this.#parts;
    this.#refused.set(reason, this.#refused.get(reason)! + 1);
    const nowMs = clock.nowMs();
    const saidMs = this.#saidMs.get(reason);
    if (saidMs === undefined || Math.abs(nowMs - saidMs) >= LOG_PERIOD_MS) {
      this.#saidMs.set(reason, nowMs);
      log.warn('new series are refused because a limit is met', {
        reason,
        metric: labels.metricName,
        job: labels.get('job'),
        refused: this.#refused.get(reason),
        limit: limitOf(reason, limits),
      });
    }
    return false;
  }
}

function limitOf(reason: RefusalReason, limits: StoreLimits): number {
  switch (reason) {
    case 'series_limit':
      return limits.series;
    case 'job_limit':
      return limits.seriesPerJob;
    case 'label_count':
      return limits.labelsPerSeries;
    case 'label_length':
      return limits.labelChars;
  }
}
