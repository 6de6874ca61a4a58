/** Runs the metrics half of a query: spans into series over steps. */

import type { Field, MetricsStage, Query, SecondStage } from './ast.ts';
import { compilePipeline, type PipelineEvaluator } from './pipeline-evaluator.ts';
import { printName } from './printer.ts';
import { QueryError, unsupported } from './query-error.ts';
import { applySecondStage } from './second-stage.ts';
import { createSeriesValues, type SeriesValues } from './series-values.ts';
import type { TraceContext } from './trace-context.ts';
import { intrinsicType } from './validate.ts';
import { type Value, valueText } from './value.ts';

/** Buckets are (start + i·step, start + (i + 1)·step] and carry the time of their right edge. */
export interface MetricsRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly stepNs: bigint;
}

interface Exemplar {
  readonly traceId: Uint8Array;
  readonly timestampMs: number;
  readonly value: number;
}

export interface Series {
  /** Names and values; a value of undefined stands for spans without the attribute. */
  readonly labels: readonly (readonly [string, Value])[];
  /** One value a bucket; NaN where there is none. */
  readonly values: Float64Array;
  readonly exemplars: readonly Exemplar[];
}

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

/** Takes traces one by one, then gives the series. */
export class MetricsEvaluator {
  /** More groups were met than SERIES_MAX; the rest was left out. */
  truncated = false;
  readonly #pipeline: PipelineEvaluator;
  readonly #stage: Aggregation;
  readonly #secondStages: readonly SecondStage[];
  readonly #range: MetricsRange;
  readonly #buckets: number;
  readonly #exemplarsMax: number;
  readonly #groups = new Map<string, Group>();
  #exemplarCount = 0;

  constructor(query: Query, range: MetricsRange, exemplarsMax: number) {
    if (query.metrics === undefined) throw new QueryError('validate', 'not a metrics query');
    if (query.metrics.kind === 'compare') throw unsupported('compare()');
    this.#stage = query.metrics;
    this.#secondStages = query.secondStages;
    this.#pipeline = compilePipeline(query.pipeline);
    this.#range = range;
    this.#buckets = bucketCount(range);
    this.#exemplarsMax = exemplarsMax;
    if (this.#buckets > BUCKETS_MAX) {
      throw new QueryError(
        'validate',
        `step of the query gives ${this.#buckets} points, more than ${BUCKETS_MAX}: use a larger step`,
      );
    }
  }

  add(trace: TraceContext): void {
    const { startNs, endNs, stepNs } = this.#range;
    for (const { spans } of this.#pipeline(trace)) {
      for (const span of spans) {
        const { batch, row } = trace.trace.spans[span]!;
        const timeNs = batch.startNs[row]!;
        if (timeNs <= startNs || timeNs > endNs) continue;
        this.#observe(trace, span, timeNs, Number((timeNs - startNs - 1n) / stepNs));
      }
    }
  }

  /** The series, sorted by the values of their labels. */
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
      const measured = trace.value(field, span);
      if (typeof measured !== 'number') return;
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
