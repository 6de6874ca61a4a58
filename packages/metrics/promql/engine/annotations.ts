// Warnings and infos of a query, with the real server's texts, each text once.
import { quoteGo } from '../../model/labels.ts';
import { formatGoG, formatGoPrecise } from '../format.ts';
import type { Span } from '../parse/ast.ts';
import { positionText } from '../parse/parse-error.ts';

export interface Annotation {
  readonly kind: 'warning' | 'info';
  readonly text: string;
  readonly span: Span;
}

/** Where counts of classic buckets had to be raised, for one sample. */
export interface ForcedMonotonicity {
  readonly minBound: number;
  readonly maxBound: number;
  /** Largest fall from one bucket to the next. */
  readonly maxFall: number;
}

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

const forName = (text: string, name: string): string =>
  name === '' ? text : `${text} for metric name ${quoteGo(name)}`;

export class Annotations {
  readonly #byText = new Map<string, Annotation>();
  /** By text: over all samples that needed it. */
  readonly #forced = new Map<string, ForcedMonotonicity & { minMs: number; maxMs: number; samples: number }>();

  get list(): readonly Annotation[] {
    return [...this.#byText.values()];
  }

  /** `text (line:column)`, as the API shows them. */
  texts(kind: Annotation['kind'], source: string): string[] {
    return this.list
      .filter((one) => one.kind === kind)
      .map((one) => `${one.text}${this.#extent(one.text)} (${positionText(source, one.span.start)})`);
  }

  #extent(text: string): string {
    const forced = this.#forced.get(text);
    if (forced === undefined) return '';
    const { minBound, maxBound, maxFall, minMs, maxMs, samples } = forced;
    const buckets = `from buckets ${formatGoG(minBound)} to ${formatGoG(maxBound)}`;
    const fall = `with a max diff of ${formatGoPrecise(maxFall, 2)}`;
    return `, ${buckets}, ${fall}, over ${samples} samples from ${toSecond(minMs)} to ${toSecond(maxMs)}`;
  }

  #add(kind: Annotation['kind'], detail: string, span: Span): string {
    const text = `PromQL ${kind}: ${detail}`;
    // Where the same is said of several places, the last one is shown: as a rule the outermost.
    this.#byText.set(text, { kind, text, span });
    return text;
  }

  invalidQuantile(q: number, span: Span): void {
    this.#add('warning', `quantile value should be between 0 and 1, got ${formatGoG(q)}`, span);
  }

  invalidRatio(ratio: number, cap: number, span: Span): void {
    const detail = `ratio value should be between -1 and 1, got ${formatGoG(ratio)}, capping to ${formatGoG(cap)}`;
    this.#add('warning', detail, span);
  }

  badBucketLabel(name: string, le: string, span: Span): void {
    this.#add(
      'warning',
      forName(`bucket label "le" is missing or has a malformed value of ${quoteGo(le)}`, name),
      span,
    );
  }

  mixedFloatsHistograms(name: string, span: Span): void {
    this.#add('warning', `encountered a mix of histograms and floats for metric name ${quoteGo(name)}`, span);
  }

  mixedFloatsHistogramsInAggregation(span: Span): void {
    this.#add('warning', 'encountered a mix of histograms and floats for aggregation', span);
  }

  mixedClassicNative(name: string, span: Span): void {
    this.#add('warning', forName('vector contains a mix of classic and native histograms', name), span);
  }

  histogramNotCounter(name: string, span: Span): void {
    this.#add('warning', `this native histogram metric is not a counter: ${quoteGo(name)}`, span);
  }

  histogramNotGauge(name: string, span: Span): void {
    this.#add('warning', `this native histogram metric is not a gauge: ${quoteGo(name)}`, span);
  }

  mixedExponentialCustom(name: string, span: Span): void {
    const detail = 'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
    this.#add('warning', `${detail} ${quoteGo(name)}`, span);
  }

  incompatibleBucketLayout(op: string, span: Span): void {
    this.#add('warning', `incompatible bucket layout encountered for binary operator ${op}`, span);
  }

  counterResetCollision(operation: HistogramOperation, span: Span): void {
    this.#add('warning', `conflicting counter resets during histogram ${operation}`, span);
  }

  startTimeOverlap(name: string, span: Span): void {
    const detail = 'sample has start time that overlaps with previous sample timestamp for metric';
    this.#add('warning', `${detail} ${quoteGo(name)}`, span);
  }

  boundsReconciled(operation: HistogramOperation, span: Span): void {
    this.#add('info', `mismatched custom buckets were reconciled during ${operation}`, span);
  }

  possibleNonCounter(name: string, span: Span): void {
    const detail = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
    this.#add('info', `${detail} ${quoteGo(name)}`, span);
  }

  possibleNonCounterType(name: string, type: string, span: Span): void {
    const detail = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"';
    this.#add('info', `${detail}, got ${quoteGo(type)}: ${quoteGo(name)}`, span);
  }

  sortInRangeQuery(span: Span): void {
    this.#add('warning', 'sort is ineffective for range queries since results are always ordered by labels', span);
  }

  /** Once for every sample that needed it. */
  forcedMonotonicity(name: string, forced: ForcedMonotonicity, timeMs: number, span: Span): void {
    const link = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
    const detail = `input to histogram_quantile needed to be fixed for monotonicity (see ${link})`;
    const text = this.#add('info', forName(detail, name), span);
    const before = this.#forced.get(text);
    this.#forced.set(text, {
      minBound: Math.min(forced.minBound, before?.minBound ?? Infinity),
      maxBound: Math.max(forced.maxBound, before?.maxBound ?? -Infinity),
      maxFall: Math.max(forced.maxFall, before?.maxFall ?? 0),
      minMs: Math.min(timeMs, before?.minMs ?? Infinity),
      maxMs: Math.max(timeMs, before?.maxMs ?? -Infinity),
      samples: (before?.samples ?? 0) + 1,
    });
  }

  incompatibleTypes(left: string, op: string, right: string, span: Span): void {
    const detail = `incompatible sample types encountered for binary operator ${quoteGo(op)}: ${left} ${op} ${right}`;
    this.#add('info', detail, span);
  }

  histogramIgnoredInAggregation(aggregation: string, span: Span): void {
    this.#add('info', `ignored histogram in ${aggregation} aggregation`, span);
  }

  histogramIgnoredInMixedRange(name: string, span: Span): void {
    const detail = 'ignored histograms in a range containing both floats and histograms for metric name';
    this.#add('info', `${detail} ${quoteGo(name)}`, span);
  }

  quantileOfNaN(name: string, skewed: boolean, span: Span): void {
    const result = skewed ? 'result is skewed higher' : 'result is NaN';
    this.#add('info', forName(`input to histogram_quantile has NaN observations, ${result}`, name), span);
  }

  fractionOfNaN(name: string, span: Span): void {
    const detail = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
    this.#add('info', forName(detail, name), span);
  }
}

/** RFC 3339 without fraction, in UTC. */
function toSecond(timeMs: number): string {
  return new Date(Math.trunc(timeMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
