/** What one scrape gave, as columns, and what reads it: the same for every exposition format. */
import type { FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../queryable.ts';

export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf';

export interface ScrapedExemplar {
  /** Index of the sample that carries it. */
  readonly sample: number;
  readonly labels: Labels;
  readonly value: number;
  /** Undefined: the time of the scrape. */
  readonly timestampMs: number | undefined;
}

/** The samples of one scrape; reused by the next `read`. */
export interface ScrapedSamples {
  count: number;
  /** Entry of each sample; see `labelsOf`. */
  entries: Int32Array<ArrayBuffer>;
  values: Float64Array<ArrayBuffer>;
  /** Milliseconds; NaN where the exposition gives none. Only valid when `hasTimestamps`. */
  timestampsMs: Float64Array<ArrayBuffer>;
  /** True when any sample brought its own timestamp. */
  hasTimestamps: boolean;
  /** When each series began to count, in milliseconds, 0 where that is not told; null when nothing is told. */
  startsMs: Float64Array<ArrayBuffer> | null;
  /** Native histograms by sample; null when there are none. */
  histograms: Map<number, FloatHistogram> | null;
  exemplars: ScrapedExemplar[];
}

/** Reads the expositions of one target, scrape after scrape. */
export interface ExpositionReader {
  readonly samples: ScrapedSamples;
  /** Counts up when entries are renumbered: whoever keeps data by entry starts again. */
  readonly generation: number;
  /** Counts up when `samples.entries` are not those of the read before. */
  readonly layout: number;
  /** Number of entries: ids are below it. */
  readonly entryCount: number;
  /** Labels of an entry, `__name__` included. */
  labelsOf(entry: number): Labels;
  /** Metadata by family name; `takeMetadataChanged` tells whether the last reads changed it. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
  takeMetadataChanged(): boolean;
  /**
   * Reads one exposition, `bytes` from 0 to `length`. The result is valid until the next call. Throws ExpositionError;
   * the reader can be used again after that.
   */
  read(bytes: Uint8Array, length: number): ScrapedSamples;
}

export function newScrapedSamples(): ScrapedSamples {
  return {
    count: 0,
    entries: new Int32Array(256),
    values: new Float64Array(256),
    timestampsMs: new Float64Array(256),
    hasTimestamps: false,
    startsMs: null,
    histograms: null,
    exemplars: [],
  };
}

export function clearSamples(samples: ScrapedSamples): void {
  samples.count = 0;
  samples.hasTimestamps = false;
  samples.startsMs = null;
  samples.histograms = null;
  if (samples.exemplars.length > 0) samples.exemplars = [];
}

/** Doubles the columns. */
export function growSamples(samples: ScrapedSamples): void {
  const size = samples.values.length * 2;
  samples.values = grownFloats(samples.values, size);
  samples.timestampsMs = grownFloats(samples.timestampsMs, size);
  if (samples.startsMs !== null) samples.startsMs = grownFloats(samples.startsMs, size);
  const entries = new Int32Array(size);
  entries.set(samples.entries);
  samples.entries = entries;
}

function grownFloats(column: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(column);
  return larger;
}
