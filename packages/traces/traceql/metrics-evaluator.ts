/** Runs the metrics half of a query: spans into series over steps. */

import type { Field, MetricsStage, Query, SecondStage } from './ast.ts';
import { CompareEvaluator } from './compare-evaluator.ts';
import { bucketOf, type Exemplar, type MetricsEvaluator, type MetricsRange, type Series } from './metrics-series.ts';
import { compilePipeline, type PipelineEvaluator } from './pipeline-evaluator.ts';
import { printName } from './printer.ts';
import { QueryError } from './query-error.ts';
import { applySecondStage } from './second-stage.ts';
import { createSeriesValues, type SeriesValues } from './series-values.ts';
import type { TraceContext } from './trace-context.ts';
import { intrinsicType } from './validate.ts';
import { numberOf, type Value, valueText } from './value.ts';

/** Tempo's max_series default is 1,000 for a query. */
const SERIES_MAX = 1000;
/** As Prometheus' limit of points in a series. */
const BUCKETS_MAX = 11_000;

function bucketCount(range: MetricsRange): number {
  return Number((range.endNs - range.startNs + range.stepNs - 1n) / range.stepNs);
}

type Aggregation = Extract<MetricsStage, { kind: 'aggregation' }>;

interface Group {
  readonly labels: readonly (readonly [string, Value])[];
  readonly values: SeriesValues;
  readonly exemplars: Exemplar[];
}

/** The query must have been validated. Throws QueryError when the range has too many steps. */
export function createMetricsEvaluator(query: Query, range: MetricsRange, exemplarsMax: number): MetricsEvaluator {
  const { metrics } = query;
  if (metrics === undefined) throw new QueryError('validate', 'not a metrics query');
  const buckets = bucketCount(range);
  if (buckets > BUCKETS_MAX) {
    throw new QueryError(
      'validate',
      `step of the query gives ${buckets} points, more than ${BUCKETS_MAX}: use a larger step`,
    );
  }
  const pipeline = compilePipeline(query.pipeline);
  return metrics.kind === 'compare'
    ? new CompareEvaluator(metrics, pipeline, range, buckets)
    : new AggregationEvaluator(metrics, query.secondStages, pipeline, range, buckets, exemplarsMax);
}

class AggregationEvaluator implements MetricsEvaluator {
  truncated = false;
  readonly #pipeline: PipelineEvaluator;
  readonly #stage: Aggregation;
  readonly #secondStages: readonly SecondStage[];
  readonly #range: MetricsRange;
  readonly #buckets: number;
  readonly #exemplarsMax: number;
  readonly #groups = new Map<string, Group>();
  #exemplarCount = 0;

  constructor(
    stage: Aggregation,
    secondStages: readonly SecondStage[],
    pipeline: PipelineEvaluator,
    range: MetricsRange,
    buckets: number,
    exemplarsMax: number,
  ) {
    this.#stage = stage;
    this.#secondStages = secondStages;
    this.#pipeline = pipeline;
    this.#range = range;
    this.#buckets = buckets;
    this.#exemplarsMax = exemplarsMax;
  }

  add(trace: TraceContext): void {
    for (const { spans } of this.#pipeline(trace)) {
      for (const span of spans) {
        const { batch, row } = trace.trace.spans[span]!;
        const timeNs = batch.startNs[row]!;
        const bucket = bucketOf(this.#range, timeNs);
        if (bucket >= 0) this.#observe(trace, span, timeNs, bucket);
      }
    }
  }

  finish(): readonly Series[] {
    const series: Series[] = [];
    const seconds = Number(this.#range.stepNs) / 1e9;
    for (const { labels, values, exemplars } of this.#groups.values()) {
      for (const [label, column] of values.finish(seconds)) {
        series.push({ labels: label === undefined ? labels : [...labels, label], values: column, exemplars });
      }
    }
    const sorted = series
      .map((one) => ({ one, key: one.labels.map(([, value]) => valueText(value)).join('\u0000') }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ one }) => one);
    return this.#secondStages.reduce<readonly Series[]>(applySecondStage, sorted);
  }

  #observe(trace: TraceContext, span: number, timeNs: bigint, bucket: number): void {
    const { field, by } = this.#stage;
    let value = 1;
    if (field !== undefined) {
      const measured = numberOf(trace.value(field, span));
      if (measured === undefined) return;
      value = isDuration(field) ? measured / 1e9 : measured;
    }
    const group = this.#group(by.map((name) => [printName(name), trace.value(name, span)] as const));
    if (group === undefined) return;
    group.values.add(bucket, value);
    if (this.#exemplarCount >= this.#exemplarsMax || group.exemplars.length > EXEMPLARS_PER_SERIES_MAX) return;
    this.#exemplarCount++;
    group.exemplars.push({ traceId: trace.trace.id, timestampMs: Number(timeNs / 1_000_000n), value });
  }

  #group(labels: readonly (readonly [string, Value])[]): Group | undefined {
    const key = labels.map(([, value]) => `${typeof value}:${valueText(value)}`).join('\u0000');
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= SERIES_MAX) {
        this.truncated = true;
        return undefined;
      }
      group = { labels, values: createSeriesValues(this.#stage, this.#buckets), exemplars: [] };
      this.#groups.set(key, group);
    }
    return group;
  }
}

/** One loud series must not take the exemplars of all others. */
const EXEMPLARS_PER_SERIES_MAX = 20;

function isDuration(field: Field): boolean {
  return field.kind === 'intrinsic' && intrinsicType(field.intrinsic) === 'duration';
}
