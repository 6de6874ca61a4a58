/** compare(): which attribute values are more frequent among selected spans than among the others. */

import { type AttributeTable, attributeKey } from '@mario/otlp';
import type { Field, Intrinsic, MetricsStage } from './ast.ts';
import { compileField, type FieldEvaluator } from './field-evaluator.ts';
import { bucketOf, type MetricsEvaluator, type MetricsRange, type Series } from './metrics-series.ts';
import type { PipelineEvaluator } from './pipeline-evaluator.ts';
import { printName } from './printer.ts';
import type { TraceContext } from './trace-context.ts';
import { Several, type Value, valueText } from './value.ts';

type Compare = Extract<MetricsStage, { kind: 'compare' }>;
type Side = 'baseline' | 'selection';

/** Distinct values followed for one attribute: beyond, it is an id and tells nothing. */
const VALUES_MAX = 1000;
/** Attributes followed in one query. */
const ATTRIBUTES_MAX = 1000;

/** Intrinsics that are compared like attributes. */
const INTRINSICS: readonly Intrinsic[] = [
  'span:name',
  'span:kind',
  'span:status',
  'span:statusMessage',
  'trace:rootName',
  'trace:rootService',
];

interface AttributeCounts {
  readonly total: Float64Array;
  readonly values: Map<string, { readonly value: Value; readonly counts: Float64Array }>;
  tooMany: boolean;
}

/**
 * Series carry the label `__meta_type`: `baseline` and `selection` with the most frequent values of each attribute,
 * `baseline_total` and `selection_total` with how many spans have the attribute at all.
 */
export class CompareEvaluator implements MetricsEvaluator {
  truncated = false;
  readonly #stage: Compare;
  readonly #isSelected: FieldEvaluator;
  readonly #pipeline: PipelineEvaluator;
  readonly #range: MetricsRange;
  readonly #buckets: number;
  readonly #sides: Readonly<Record<Side, Map<string, AttributeCounts>>> = { baseline: new Map(), selection: new Map() };

  constructor(stage: Compare, pipeline: PipelineEvaluator, range: MetricsRange, buckets: number) {
    this.#stage = stage;
    this.#isSelected = compileField(stage.filter.expression);
    this.#pipeline = pipeline;
    this.#range = range;
    this.#buckets = buckets;
  }

  add(trace: TraceContext): void {
    for (const { spans } of this.#pipeline(trace)) {
      for (const span of spans) {
        const { batch, row } = trace.trace.spans[span]!;
        const bucket = bucketOf(this.#range, batch.startNs[row]!);
        if (bucket < 0) continue;
        const side = this.#side(trace, span, batch.startNs[row]!);
        for (const intrinsic of INTRINSICS) this.#count(side, bucket, trace, span, { kind: 'intrinsic', intrinsic });
        this.#countTable(side, bucket, trace, span, 'span', batch.attributes, row);
        this.#countTable(side, bucket, trace, span, 'resource', batch.resources.attributes, batch.resource[row]!);
      }
    }
  }

  finish(): readonly Series[] {
    const series: Series[] = [];
    for (const side of ['baseline', 'selection'] as const) {
      const attributes = [...this.#sides[side]].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [name, { total, values, tooMany }] of attributes) {
        const error: readonly (readonly [string, Value])[] = tooMany ? [['__meta_error', '__too_many_values__']] : [];
        const top = [...values.values()]
          .map(({ value, counts }) => ({ value, counts, sum: counts.reduce((a, b) => a + b, 0) }))
          .sort((a, b) => b.sum - a.sum || (valueText(a.value) < valueText(b.value) ? -1 : 1))
          .slice(0, this.#stage.topN);
        for (const { value, counts } of top) {
          series.push({ labels: [['__meta_type', side], ...error, [name, value]], values: counts, exemplars: [] });
        }
        const labels: Series['labels'] = [['__meta_type', `${side}_total`], ...error, [name, undefined]];
        series.push({ labels, values: total, exemplars: [] });
      }
    }
    return series;
  }

  #side(trace: TraceContext, span: number, timeNs: bigint): Side {
    const { startNs, endNs } = this.#stage;
    const outside = startNs > 0 && (Number(timeNs) < startNs || Number(timeNs) >= endNs);
    return !outside && this.#isSelected(trace, span) === true ? 'selection' : 'baseline';
  }

  #countTable(
    side: Side,
    bucket: number,
    trace: TraceContext,
    span: number,
    scope: 'span' | 'resource',
    table: AttributeTable,
    owner: number,
  ): void {
    for (let row = table.offsets[owner]!; row < table.offsets[owner + 1]!; row++) {
      this.#count(side, bucket, trace, span, {
        kind: 'attribute',
        scope,
        parent: false,
        name: attributeKey(table, row),
      });
    }
  }

  #count(side: Side, bucket: number, trace: TraceContext, span: number, field: Field): void {
    const value = trace.value(field, span);
    if (value === undefined || value === '' || value instanceof Several) return;
    const attributes = this.#sides[side];
    const name = printName(field);
    let counts = attributes.get(name);
    if (counts === undefined) {
      if (attributes.size >= ATTRIBUTES_MAX) {
        this.truncated = true;
        return;
      }
      counts = { total: new Float64Array(this.#buckets), values: new Map(), tooMany: false };
      attributes.set(name, counts);
    }
    counts.total[bucket]! += 1;
    const key = `${typeof value}:${valueText(value)}`;
    let known = counts.values.get(key);
    if (known === undefined) {
      if (counts.values.size >= VALUES_MAX) {
        counts.tooMany = true;
        return;
      }
      known = { value, counts: new Float64Array(this.#buckets) };
      counts.values.set(key, known);
    }
    known.counts[bucket]! += 1;
  }
}
