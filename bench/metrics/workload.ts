/**
 * What the servers are fed with, no easier than life: every target has a phase and jitter of its own, restarts (all of
 * its counters begin again), misses scrapes (stale, then away for a while) and may be replaced by another instance.
 * Of ten counters seven count things, two add decimals, one adds full doubles.
 */
import { randomFrom } from './random.ts';
import { encodeLabels, encodeRequest, type SeriesSlice } from './write-request.ts';

export interface WorkloadOptions {
  readonly targets: number;
  readonly countersPerTarget: number;
  readonly histogramsPerTarget: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Histograms are many series: they begin late, for the hour that is asked. */
  readonly histogramsFromMs: number;
}

export interface WriteBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly sampleCount: number;
}

export const SCRAPE_MS = 15_000;
const JITTER_MS = 40;
const JOBS = 10;
export const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
/** A request carries this much time of one target, as a sender that has fallen behind a little. */
const SLICE_MS = 10 * 60_000;

const GAP_CHANCE = 0.001;
const GAP_SCRAPES = 20;
/** Of the targets, over the whole time. */
const RESTART_SHARE = 0.3;
const REPLACED_SHARE = 0.1;

export function* requestsOf(options: WorkloadOptions): Generator<WriteBody> {
  const random = randomFrom(42);
  const targets = Array.from({ length: options.targets }, (_, i) => new Target(i, options, random));
  for (let fromMs = options.startMs; fromMs < options.endMs; fromMs += SLICE_MS) {
    for (const target of targets) {
      const slices = target.slice(Math.min(fromMs + SLICE_MS, options.endMs));
      const sampleCount = slices.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
      if (sampleCount > 0) yield { body: encodeRequest(slices), sampleCount };
    }
  }
}

class Target {
  readonly #index: number;
  readonly #options: WorkloadOptions;
  readonly #random: () => number;
  readonly #restartMs: number;
  readonly #replacedMs: number;
  readonly #values: Float64Array;
  readonly #slopes: Float64Array;
  readonly #bucketCounts: Float64Array;
  #generation = 0;
  #labels: readonly Uint8Array[] = [];
  #dueMs: number;
  #restarted = false;

  constructor(index: number, options: WorkloadOptions, random: () => number) {
    this.#index = index;
    this.#options = options;
    this.#random = random;
    const moment = (share: number) =>
      random() < share ? options.startMs + random() * (options.endMs - options.startMs) : Infinity;
    this.#restartMs = moment(RESTART_SHARE);
    this.#replacedMs = moment(REPLACED_SHARE);
    this.#dueMs = options.startMs + random() * SCRAPE_MS;
    this.#values = Float64Array.from({ length: options.countersPerTarget }, () => Math.floor(random() * 1e8));
    // Busy and idle series: from one event in some minutes to a thousand a scrape.
    this.#slopes = Float64Array.from({ length: options.countersPerTarget }, () => 10 ** (random() * 4.5 - 1.5));
    this.#bucketCounts = new Float64Array(options.histogramsPerTarget * BUCKETS.length);
    this.#name();
  }

  /** All series of the target up to this moment. */
  slice(untilMs: number): SeriesSlice[] {
    if (this.#dueMs < this.#replacedMs || this.#generation > 0) return this.#scrapes(untilMs);
    this.#generation++;
    this.#name();
    this.#values.fill(0);
    return this.#scrapes(untilMs);
  }

  #scrapes(untilMs: number): SeriesSlice[] {
    const timestampsMs: number[] = [];
    let staleAt = -1;
    let resetAt = -1;
    for (; this.#dueMs < untilMs; this.#dueMs += SCRAPE_MS) {
      timestampsMs.push(Math.round(this.#dueMs + (this.#random() - 0.5) * JITTER_MS));
      if (!this.#restarted && this.#dueMs >= this.#restartMs) {
        this.#restarted = true;
        resetAt = timestampsMs.length - 1;
      }
      if (this.#random() < GAP_CHANCE) {
        staleAt = timestampsMs.length - 1;
        this.#dueMs += SCRAPE_MS * GAP_SCRAPES;
        break;
      }
    }
    return this.#fill(timestampsMs, staleAt, resetAt);
  }

  #fill(timestampsMs: readonly number[], staleAt: number, resetAt: number): SeriesSlice[] {
    const { countersPerTarget, histogramsPerTarget, histogramsFromMs } = this.#options;
    const withHistograms = (timestampsMs[0] ?? 0) >= histogramsFromMs;
    const count = countersPerTarget + 1 + (withHistograms ? histogramsPerTarget * BUCKETS.length : 0);
    const columns = Array.from({ length: count }, () => new Float64Array(timestampsMs.length));
    for (let i = 0; i < timestampsMs.length; i++) {
      if (i === resetAt) {
        this.#values.fill(0);
        this.#bucketCounts.fill(0);
      }
      this.#count();
      for (let s = 0; s < count; s++) columns[s]![i] = i === staleAt ? Number.NaN : this.#valueOf(s);
    }
    return columns.map((values, s) => ({ labels: this.#labels[s]!, timestampsMs, values }));
  }

  #count(): void {
    const random = this.#random;
    for (let s = 0; s < this.#values.length; s++) {
      const step = this.#slopes[s]! * random() * 2;
      const kind = s % 10;
      if (kind < 7) this.#values[s]! += Math.floor(step + random());
      else if (kind < 9) this.#values[s] = Math.round((this.#values[s]! + step) * 1000) / 1000;
      else this.#values[s]! += step;
    }
    for (let h = 0; h < this.#bucketCounts.length; h += BUCKETS.length) {
      let events = 0;
      for (let b = 0; b < BUCKETS.length; b++) {
        events += Math.floor(random() * 5);
        this.#bucketCounts[h + b]! += events;
      }
    }
  }

  #valueOf(series: number): number {
    const counters = this.#values.length;
    if (series < counters) return this.#values[series]!;
    return series === counters ? 1 : this.#bucketCounts[series - counters - 1]!;
  }

  /** In the order of `#valueOf`: counters, target_info, buckets. */
  #name(): void {
    const { countersPerTarget, histogramsPerTarget } = this.#options;
    const instance = `10.${this.#generation}.${this.#index >> 8}.${this.#index & 255}:8080`;
    const target = { job: `job-${this.#index % JOBS}`, instance };
    const labels: Uint8Array[] = [];
    for (let s = 0; s < countersPerTarget; s++) {
      const own = { handler: `/api/v1/resource/${s}`, code: s % 10 === 0 ? '500' : '200' };
      labels.push(encodeLabels({ __name__: 'http_requests_total', ...target, ...own }));
    }
    const version = `1.${this.#index % 5}.${this.#generation}`;
    labels.push(encodeLabels({ __name__: 'target_info', ...target, version }));
    for (let h = 0; h < histogramsPerTarget; h++) {
      for (const le of BUCKETS) {
        const own = { handler: `/api/v1/resource/${h}`, le };
        labels.push(encodeLabels({ __name__: 'http_request_duration_seconds_bucket', ...target, ...own }));
      }
    }
    this.#labels = labels;
  }
}
