// A Queryable over arrays in memory: what test scripts and benchmarks load.
import type { FloatHistogram } from '../../model/histogram.ts';
import { storedHint } from '../../model/histogram-reset.ts';
import { compareLabels, compareStrings, type Labels, METRIC_NAME } from '../../model/labels.ts';
import { compileMatcher, type LabelMatcher } from '../../model/matcher.ts';
import type {
  ExemplarSeries,
  LabelQuery,
  MetricMetadata,
  Queryable,
  SelectHints,
  SeriesSamples,
  SeriesSet,
} from '../../queryable.ts';

export interface LoadedSample {
  readonly timestampMs: number;
  readonly value: number | FloatHistogram | 'stale';
  /** 0: unknown. */
  readonly startMs: number;
}

interface StoredSeries {
  readonly labels: Labels;
  readonly samples: LoadedSample[];
  columns: SeriesSamples | null;
}

export class MemoryStore implements Queryable {
  readonly #series = new Map<string, StoredSeries>();

  clear(): void {
    this.#series.clear();
  }

  /** Adds samples; a sample at a known time replaces the one there. */
  add(labels: Labels, samples: readonly LoadedSample[]): void {
    let series = this.#series.get(labels.key);
    if (series === undefined) {
      series = { labels, samples: [], columns: null };
      this.#series.set(labels.key, series);
    }
    const byTime = new Map(series.samples.map((sample) => [sample.timestampMs, sample]));
    for (const sample of samples) byTime.set(sample.timestampMs, sample);
    series.samples.splice(0, Infinity, ...[...byTime.values()].sort((a, b) => a.timestampMs - b.timestampMs));
    series.columns = null;
  }

  /** Adds columns as they are. */
  addColumns(labels: Labels, columns: SeriesSamples): void {
    this.#series.set(labels.key, { labels, samples: [], columns });
  }

  select(matchers: readonly LabelMatcher[], _hints: SelectHints): SeriesSet {
    const found = this.#matching(matchers);
    return {
      labels: found.map((series) => series.labels),
      read: (index) => {
        const series = found[index]!;
        series.columns ??= toColumns(series.samples);
        return series.columns;
      },
    };
  }

  #matching(matchers: readonly LabelMatcher[]): StoredSeries[] {
    const compiled = matchers.map((matcher) => ({ name: matcher.name, matches: compileMatcher(matcher) }));
    return [...this.#series.values()]
      .filter(({ labels }) => compiled.every(({ name, matches }) => matches(labels.get(name))))
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  #selected(query: LabelQuery): StoredSeries[] {
    if (query.matcherSets.length === 0) return [...this.#series.values()];
    return [...new Set(query.matcherSets.flatMap((matchers) => this.#matching(matchers)))];
  }

  labelNames(query: LabelQuery): string[] {
    return [...new Set(this.#selected(query).flatMap(({ labels }) => labels.names()))].sort(compareStrings);
  }

  labelValues(name: string, query: LabelQuery): string[] {
    const values = new Set(this.#selected(query).map(({ labels }) => labels.get(name)));
    values.delete('');
    return [...values].sort(compareStrings);
  }

  exemplars(): ExemplarSeries[] {
    return [];
  }

  metadata(metric?: string): Map<string, MetricMetadata[]> {
    const names = new Set([...this.#series.values()].map(({ labels }) => labels.get(METRIC_NAME)));
    const known = [...names].filter((name) => metric === undefined || name === metric);
    return new Map(known.map((name) => [name, [{ type: 'unknown', help: '', unit: '' }]]));
  }
}

/** Histograms get the reset hints that a store gives them: known only within an unbroken run of one layout. */
function toColumns(samples: readonly LoadedSample[]): SeriesSamples {
  const n = samples.length;
  const stale: number[] = [];
  const values = new Float64Array(n);
  const histograms = new Array<FloatHistogram | undefined>(n);
  let previous: FloatHistogram | null = null;
  let anyHistogram = false;
  samples.forEach(({ value }, i) => {
    if (value === 'stale') stale.push(i);
    else if (typeof value === 'number') {
      values[i] = value;
      previous = null;
    } else {
      histograms[i] = { ...value, counterResetHint: storedHint(value, previous) };
      previous = value;
      anyHistogram = true;
    }
  });
  const starts = samples.some(({ startMs }) => startMs !== 0);
  return {
    timestamps: Float64Array.from(samples, ({ timestampMs }) => timestampMs),
    from: 0,
    to: n,
    values,
    stale: stale.length > 0 ? Int32Array.from(stale) : null,
    histograms: anyHistogram ? histograms : null,
    startTimestamps: starts ? Float64Array.from(samples, ({ startMs }) => startMs) : null,
  };
}
