/** Stores OTLP metrics as the real server's OTLP endpoint does: names, types, labels, `target_info`. */
import {
  type ExemplarTable,
  flagNoRecordedValue,
  type MetricBatch,
  type MetricsConsumer,
  MetricType,
  numberValue,
  PermanentError,
  type Points,
  Present,
  type PrometheusNameType,
  RetryableError,
  Temporality,
} from '@mario/otlp';
import { isStorageError } from '@mario/storage';
import type { OtlpConfig } from '../config/otlp-config.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { formatGoF } from '../promql/format.ts';
import type { MetricMetadata } from '../queryable.ts';
import type { AppendRequest, AppendResult } from '../store/append-request.ts';
import type { LastSample } from '../store/last-samples.ts';
import { DELTA_SILENCE_MS_MAX, type DeltaRequest, DeltaSums } from './delta-sums.ts';
import { type ExemplarPoint, pointExemplars } from './otlp-exemplars.ts';
import { explicitHistogram, exponentialHistogram } from './otlp-histogram.ts';
import { type OriginLabels, originLabels, pointLabels, targetInfo } from './otlp-labels.ts';
import { metricName } from './otlp-names.ts';
import { RowCollector } from './row-collector.ts';

export interface IntakeStore {
  ref(labels: Labels): number;
  readonly refGeneration: number;
  append(request: AppendRequest): Promise<AppendResult>;
}

export interface OtlpStore extends IntakeStore {
  /** The newest sample of each of the series since a time, by ref. */
  lastSamples(refs: readonly number[], sinceMs: number): Promise<ReadonlyMap<number, LastSample>>;
}

export interface IntakeOptions {
  /** Since when series count is stored where senders tell it. */
  readonly startTimestamps?: boolean | undefined;
}

/** The store may give up its refs, or a batch have more series than are followed: some begin at zero then. */
const LOOK_UPS_MAX = 3;

export class OtlpIntake implements MetricsConsumer {
  readonly #store: OtlpStore;
  readonly #config: () => OtlpConfig;
  readonly #options: IntakeOptions;
  readonly #deltas = new DeltaSums();

  constructor(store: OtlpStore, config: () => OtlpConfig, options: IntakeOptions = {}) {
    this.#store = store;
    this.#config = config;
    this.#options = options;
  }

  /** See MetricsConsumer. Points that are late, double or of no known type are refused, the others stored. */
  async consumeMetrics(batch: MetricBatch): Promise<void> {
    const { request, refused, reasons, deltas } = await this.#translate(batch);
    let result: AppendResult;
    try {
      result = await this.#store.append(request);
    } catch (error) {
      deltas.rollBack();
      const exhausted = isStorageError(error, 'STORAGE_LIMIT') || isStorageError(error, 'STORAGE_FULL');
      throw new RetryableError(`the metrics store cannot take the data now: ${(error as Error).message}`, {
        exhausted,
        cause: error,
      });
    }
    const dropped = result.outOfOrder + result.duplicate + result.outOfBounds;
    if (dropped > 0) reasons.add('out of order, duplicate or out of bounds samples');
    // A histogram point is many samples: the count of points refused is what the sender knows.
    const rejected = Math.min(batch.count, refused + dropped);
    if (rejected > 0) throw new PermanentError(`refused: ${[...reasons].join('; ')}`, { rejected });
  }

  /** Translates; series with delta temporality that are not followed yet are looked up in the store first. */
  async #translate(batch: MetricBatch) {
    for (let attempt = 1; ; attempt++) {
      const generation = this.#store.refGeneration;
      const deltas = this.#deltas.begin(generation);
      const translation = new BatchTranslation(batch, this.#config(), this.#store, deltas, this.#options);
      const translated = { ...translation.run(), deltas };
      if (deltas.unknown.size === 0 || attempt === LOOK_UPS_MAX) return translated;
      deltas.rollBack();
      const refs = [...deltas.unknown];
      const sinceMs = (translated.request.rows[0]?.timestampMs ?? 0) - DELTA_SILENCE_MS_MAX;
      const found = await this.#store.lastSamples(refs, sinceMs);
      if (this.#store.refGeneration === generation) this.#deltas.seed(refs, found);
    }
  }
}

class BatchTranslation {
  readonly #batch: MetricBatch;
  readonly #config: OtlpConfig;
  readonly #store: IntakeStore;
  readonly #deltas: DeltaRequest;
  readonly #startTimestamps: boolean;
  readonly #rows = new RowCollector();
  readonly #exemplars: ExemplarPoint[] = [];
  readonly #metadata = new Map<string, MetricMetadata>();
  readonly #origins = new Map<number, OriginLabels>();
  /** Newest time of each resource, for `target_info`. */
  readonly #newest = new Map<number, { timestampMs: number; origin: OriginLabels }>();
  #refused = 0;
  readonly #reasons = new Set<string>();

  constructor(
    batch: MetricBatch,
    config: OtlpConfig,
    store: IntakeStore,
    deltas: DeltaRequest,
    { startTimestamps = false }: IntakeOptions,
  ) {
    this.#startTimestamps = startTimestamps;
    this.#batch = batch;
    this.#config = config;
    this.#store = store;
    this.#deltas = deltas;
  }

  run(): { request: AppendRequest; refused: number; reasons: Set<string> } {
    this.#numbers();
    this.#histograms();
    this.#exponentials();
    this.#summaries();
    this.#targetInfos();
    return {
      request: { rows: this.#rows.rows(), exemplars: this.#exemplars, metadata: [...this.#metadata] },
      refused: this.#refused,
      reasons: this.#reasons,
    };
  }

  #numbers(): void {
    const { numbers, metrics } = this.#batch;
    for (let i = 0; i < numbers.count; i++) {
      const metric = numbers.metric[i]!;
      const sum = metrics.type[metric] === MetricType.sum;
      const counter = sum && metrics.monotonic[metric] === 1;
      const point = this.#point(numbers, i, counter ? 'counter' : 'gauge', counter ? 'counter' : 'gauge');
      if (point === undefined) continue;
      const ref = this.#sample(point, '', undefined, numberValue(numbers, i));
      if (ref >= 0) this.#exemplars.push(...pointExemplars(numbers.exemplars, i, ref, point.timestampMs, this.#config));
    }
  }

  #histograms(): void {
    const { histograms } = this.#batch;
    for (let i = 0; i < histograms.count; i++) {
      const point = this.#point(histograms, i, 'other', 'histogram');
      if (point === undefined) continue;
      if (this.#config.convertHistogramsToNhcb) {
        this.#native(point, explicitHistogram(histograms, i), histograms.exemplars, i);
        continue;
      }
      if (histograms.present[i]! & Present.sum) this.#sample(point, '_sum', undefined, histograms.sum[i]!);
      this.#sample(point, '_count', undefined, histograms.total[i]!);
      const firstBound = histograms.boundOffsets[i]!;
      const bounds = histograms.bounds.subarray(firstBound, histograms.boundOffsets[i + 1]!);
      const firstBucket = histograms.bucketOffsets[i]!;
      let cumulative = 0;
      const exemplars = pointExemplars(histograms.exemplars, i, -1, point.timestampMs, this.#config);
      for (let b = 0; b <= bounds.length; b++) {
        const last = b === bounds.length;
        if (!last) cumulative += histograms.buckets[firstBucket + b]!;
        const upper = last ? Infinity : bounds[b]!;
        const ref = this.#sample(point, '_bucket', ['le', formatGoF(upper)], last ? histograms.total[i]! : cumulative);
        const lower = b === 0 ? -Infinity : bounds[b - 1]!;
        for (const { exemplar } of exemplars) {
          if (ref >= 0 && exemplar.value > lower && exemplar.value <= upper) this.#exemplars.push({ ref, exemplar });
        }
      }
    }
  }

  #exponentials(): void {
    const { exponentials } = this.#batch;
    for (let i = 0; i < exponentials.count; i++) {
      const point = this.#point(exponentials, i, 'other', 'histogram');
      if (point === undefined) continue;
      const histogram = exponentialHistogram(exponentials, i);
      if (histogram === undefined)
        this.#refuse(`scale ${exponentials.scale[i]} of an exponential histogram is below -4`);
      else this.#native(point, histogram, exponentials.exemplars, i);
    }
  }

  /** Adds a native histogram with its exemplars. */
  #native(point: Point, histogram: FloatHistogram, exemplars: ExemplarTable, i: number): void {
    const ref = this.#ref(point, '', undefined);
    if (ref < 0) return;
    const { group, timestampMs, startMs } = point;
    if (point.stale) {
      this.#rows.addStale(group, timestampMs, ref);
      return;
    }
    const stored = point.delta ? this.#deltas.addHistogram(ref, timestampMs, histogram) : histogram;
    if (stored !== undefined) this.#rows.addHistogram(group, timestampMs, ref, stored, startMs);
    this.#exemplars.push(...pointExemplars(exemplars, i, ref, timestampMs, this.#config));
  }

  #summaries(): void {
    const { summaries } = this.#batch;
    for (let i = 0; i < summaries.count; i++) {
      const point = this.#point(summaries, i, 'other', 'summary');
      if (point === undefined) continue;
      this.#sample(point, '_sum', undefined, summaries.sum[i]!);
      this.#sample(point, '_count', undefined, summaries.total[i]!);
      for (let q = summaries.quantileOffsets[i]!; q < summaries.quantileOffsets[i + 1]!; q++) {
        this.#sample(point, '', ['quantile', formatGoF(summaries.quantiles[q]!)], summaries.quantileValues[q]!);
      }
    }
  }

  #targetInfos(): void {
    for (const [resource, { timestampMs, origin }] of this.#newest) {
      const labels = targetInfo(this.#batch, resource, origin, this.#config);
      const ref = labels === undefined ? -1 : this.#store.ref(labels);
      if (ref >= 0) this.#rows.add(`otlp ${origin.job} ${origin.instance} target_info`, timestampMs, ref, 1);
    }
  }

  /** What all samples of a point share; undefined when the point cannot be stored. */
  #point(points: Points, i: number, named: PrometheusNameType, type: MetricMetadata['type']): Point | undefined {
    const batch = this.#batch;
    const metric = points.metric[i]!;
    const { metrics } = batch;
    const unit = batch.strings[metrics.unit[metric]!]!;
    const name = metricName(batch.strings[metrics.name[metric]!]!, unit, named, this.#config.translationStrategy);
    if (name === '') {
      this.#refuse('a metric without a name');
      return undefined;
    }
    if (!this.#metadata.has(name)) {
      this.#metadata.set(name, { type, help: batch.strings[metrics.description[metric]!]!, unit });
    }
    const origin = this.#origin(metrics.resource[metric]!, metrics.scope[metric]!);
    const timestampMs = Number(points.timeNs[i]! / 1_000_000n);
    const newest = this.#newest.get(metrics.resource[metric]!);
    if (newest === undefined || newest.timestampMs < timestampMs) {
      this.#newest.set(metrics.resource[metric]!, { timestampMs, origin });
    }
    return {
      name,
      labels: pointLabels(points.attributes, i, origin, this.#config),
      timestampMs,
      stale: (points.flags[i]! & flagNoRecordedValue) !== 0,
      delta: metrics.temporality[metric] === Temporality.delta,
      startMs: this.#startMs(points, i, type),
      // One metric's points of one sender share a timestamp; those of another metric need not.
      group: `otlp ${origin.job} ${origin.instance} ${name}`,
    };
  }

  /** Only what counts up since then has a start; that of a delta is the end of the one before. */
  #startMs(points: Points, i: number, type: MetricMetadata['type']): number {
    const { metrics } = this.#batch;
    const cumulative = type !== 'gauge' && metrics.temporality[points.metric[i]!] !== Temporality.delta;
    return this.#startTimestamps && cumulative ? Number(points.startNs[i]! / 1_000_000n) : 0;
  }

  /** Adds one sample; gives the ref, or -1. */
  #sample(point: Point, suffix: string, extra: readonly [string, string] | undefined, value: number): number {
    const ref = this.#ref(point, suffix, extra);
    if (ref < 0) return ref;
    if (point.stale) {
      this.#rows.addStale(point.group, point.timestampMs, ref);
      return ref;
    }
    const stored = point.delta ? this.#deltas.add(ref, point.timestampMs, value) : value;
    if (stored !== undefined) this.#rows.add(point.group, point.timestampMs, ref, stored, point.startMs);
    return ref;
  }

  #ref(point: Point, suffix: string, extra: readonly [string, string] | undefined): number {
    const pairs = new Map(point.labels);
    if (extra !== undefined) pairs.set(extra[0], extra[1]);
    pairs.set('__name__', point.name + suffix);
    const ref = this.#store.ref(Labels.from(pairs));
    if (ref < 0) this.#refuse('a limit on series or labels is met');
    return ref;
  }

  #refuse(reason: string): void {
    this.#refused++;
    this.#reasons.add(reason);
  }

  #origin(resource: number, scope: number): OriginLabels {
    const key = resource * 65_536 + scope;
    let origin = this.#origins.get(key);
    if (origin === undefined)
      this.#origins.set(key, (origin = originLabels(this.#batch, resource, scope, this.#config)));
    return origin;
  }
}

interface Point {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly timestampMs: number;
  readonly stale: boolean;
  readonly delta: boolean;
  /** 0 where it is not known, or not kept. */
  readonly startMs: number;
  readonly group: string;
}
