// The narrow contract between whoever stores metrics (the store, a block reader, a test) and whoever reads them (the
// PromQL engine, the HTTP API, federation, rules). Data crosses it as columns; nothing in it is a callback, so a
// reader over SharedArrayBuffers can live in a worker thread.
import type { FloatHistogram } from './model/histogram.ts';
import type { Labels } from './model/labels.ts';
import type { LabelMatcher } from './model/matcher.ts';

/** What the reader will do with the data. Only `startMs` and `endMs` bind; the rest may be used to read less. */
export interface SelectHints {
  /** First instant that can matter, inclusive, milliseconds since the epoch. */
  readonly startMs: number;
  /** Last instant that can matter, inclusive. */
  readonly endMs: number;
  /** Distance of the evaluation steps; 0 for an instant query. */
  readonly stepMs?: number;
  /** Width of the range selector around each step; 0 for an instant selector. */
  readonly rangeMs?: number;
  /** Name of the function or aggregation directly around the selector ("rate", "sum", "series" for the series API). */
  readonly func?: string;
  /** Labels of the aggregation directly around the selector. */
  readonly grouping?: readonly string[];
  /** Whether `grouping` is kept (`by`) or dropped (`without`). */
  readonly by?: boolean;
  /** At most this many series are wanted (0 or absent: all). */
  readonly limit?: number;
  /** Aborts the read: `select` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * The samples of one series as columns. Position i is valid for from <= i < to; the arrays may be longer.
 *
 * Ownership: `values`, `stale`, `histograms` and the object itself belong to the set and are valid until its next
 * `read`; who wants to keep them copies them. `timestamps` is different: an array handed out keeps its content for the
 * life of the set, so its identity may key a cache, and the series of one scrape target should share one array.
 */
export interface SeriesSamples {
  /** Milliseconds since the epoch, strictly ascending. May reach beyond the hinted times on both sides. */
  timestamps: Float64Array;
  /** First valid position. */
  from: number;
  /** First position after the valid ones. */
  to: number;
  /** Aligned with `timestamps`. What stands at the position of a staleness marker or of a histogram means nothing. */
  values: Float64Array;
  /** Ascending positions of staleness markers, absolute (they index `timestamps`), or null when there are none. */
  stale: Int32Array | null;
  /** Native histograms by position (undefined: the sample is a float), or null for a series of floats. */
  histograms: readonly (FloatHistogram | undefined)[] | null;
  /** Start timestamps ("created") by position in milliseconds, 0 where unknown, or null when none is known. */
  startTimestamps: Float64Array | null;
  /**
   * Ascending positions p, from < p < to, of floats below the one before (values[p] < values[p - 1]): null for none.
   * Left out where the store does not know them without looking at every value.
   */
  resets?: Int32Array | null | undefined;
}

/** The series that matched, sorted by labels, each label set once. */
export interface SeriesSet {
  readonly labels: readonly Labels[];
  /** Samples of series i (an index of `labels`). Throws when the data cannot be read. See SeriesSamples on ownership. */
  read(index: number): SeriesSamples;
  /** Problems that left the answer incomplete (a corrupt segment set aside …), for the response's warnings. */
  readonly warnings?: readonly string[];
}

/** Trace or other references attached to a sample. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

export interface ExemplarSeries {
  readonly seriesLabels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface MetricMetadata {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown';
  readonly help: string;
  readonly unit: string;
}

/** A restriction of label look-ups; several matcher lists are joined by "or", as the API's repeated match[]. */
export interface LabelQuery {
  readonly matcherSets: readonly (readonly LabelMatcher[])[];
  readonly startMs: number;
  readonly endMs: number;
  /** 0 or absent: all. */
  readonly limit?: number;
}

/**
 * A store that can be asked. Reads see everything acknowledged before the call and may see more. Methods reject with a
 * typed error when the data cannot be read, and with the signal's reason when aborted.
 */
export interface Queryable {
  /** Matchers are joined by "and"; an absent label has the value "". At least one matcher does not match "". */
  select(matchers: readonly LabelMatcher[], hints: SelectHints): SeriesSet | Promise<SeriesSet>;
  /** Sorted, unique. */
  labelNames(query: LabelQuery): string[] | Promise<string[]>;
  /** Sorted, unique, without "". */
  labelValues(name: string, query: LabelQuery): string[] | Promise<string[]>;
  /** Exemplars in the inclusive time range, sorted by series labels, then by time. */
  exemplars(query: LabelQuery): ExemplarSeries[] | Promise<ExemplarSeries[]>;
  /** Metadata by metric family name; `metric` restricts to one. */
  metadata(metric?: string): Map<string, MetricMetadata[]> | Promise<Map<string, MetricMetadata[]>>;
}
