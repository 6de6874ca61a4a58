/** Cuts the samples of a series into chunks as the real server keeps and sends them. */
import { equalBounds, type FloatHistogram } from '../model/histogram.ts';
import { detectReset } from '../model/histogram-reset.ts';
import type { SeriesSamples } from '../queryable.ts';
import { BitWriter } from './bit-writer.ts';
import { encodeFloatChunk } from './float-chunk.ts';
import { encodeHistogramChunk } from './histogram-chunk.ts';
import { isWhole } from './series-encoder.ts';

/** As the real server's: twice as many compress little better, and whoever needs one sample decodes all. */
const SAMPLES_MAX = 120;

/** The protocol's Chunk.Encoding. */
export const CHUNK_XOR = 1;
const CHUNK_HISTOGRAM = 2;
const CHUNK_FLOAT_HISTOGRAM = 3;

export interface SeriesChunk {
  readonly minTimeMs: number;
  /** Inclusive. */
  readonly maxTimeMs: number;
  readonly encoding: number;
  readonly data: Uint8Array;
}

/** A chunk without samples: the series is there, and nobody wants its samples. */
export function emptyChunk(minTimeMs: number, maxTimeMs: number): SeriesChunk {
  return { minTimeMs, maxTimeMs, encoding: CHUNK_XOR, data: new Uint8Array(2) };
}

export class SeriesChunks {
  readonly #writer = new BitWriter();

  /** The samples from `from` to before `to`, in order of time. */
  *of(samples: SeriesSamples, from: number, to: number): Generator<SeriesChunk> {
    const kinds = new SampleKinds(samples, from);
    const { timestamps } = samples;
    for (let at = from; at < to; ) {
      const end = kinds.endOfRun(at, Math.min(to, at + SAMPLES_MAX));
      const data = this.#encode(samples, kinds, at, end);
      yield { minTimeMs: timestamps[at]!, maxTimeMs: timestamps[end - 1]!, ...data };
      at = end;
    }
  }

  #encode(samples: SeriesSamples, kinds: SampleKinds, from: number, to: number) {
    if (!kinds.isHistogram(from)) {
      const data = encodeFloatChunk(this.#writer, samples, (at) => kinds.isStale(at), from, to);
      return { encoding: CHUNK_XOR, data };
    }
    const histograms = Array.from({ length: to - from }, (_, i) => kinds.histogram(from + i));
    const whole = histograms.every((histogram) => histogram === undefined || isWhole(histogram));
    const timestamps = Array.from(samples.timestamps.subarray(from, to));
    const run = { timestamps, histograms, whole, reset: kinds.resetAt(from) };
    return {
      encoding: whole ? CHUNK_HISTOGRAM : CHUNK_FLOAT_HISTOGRAM,
      data: encodeHistogramChunk(this.#writer, run),
    };
  }
}

/** What stands at each position of a series, and what may share a chunk with it. */
class SampleKinds {
  readonly #samples: SeriesSamples;
  readonly #stale: ReadonlySet<number>;
  /** Where markers stand among histograms; what came before them tells. */
  readonly #staleHistograms = new Set<number>();

  constructor(samples: SeriesSamples, from: number) {
    this.#samples = samples;
    this.#stale = new Set(samples.stale ?? []);
    let amongHistograms = samples.histograms?.some((each) => each !== undefined) ?? false;
    for (const at of samples.stale ?? []) {
      let before = at - 1;
      while (before >= from && this.#stale.has(before)) before--;
      if (before >= from) amongHistograms = samples.histograms?.[before] !== undefined;
      if (amongHistograms) this.#staleHistograms.add(at);
    }
  }

  isStale(at: number): boolean {
    return this.#stale.has(at);
  }

  isHistogram(at: number): boolean {
    return this.isStale(at) ? this.#staleHistograms.has(at) : this.#samples.histograms?.[at] !== undefined;
  }

  /** Undefined for a staleness marker. */
  histogram(at: number): FloatHistogram | undefined {
    return this.isStale(at) ? undefined : this.#samples.histograms?.[at];
  }

  resetAt(at: number): 'unknown' | 'reset' | 'gauge' {
    const histogram = this.histogram(at);
    if (histogram?.counterResetHint === 'gauge') return 'gauge';
    return histogram?.counterResetHint === 'reset' ? 'reset' : 'unknown';
  }

  /** The first position, at most `limit`, that has to begin another chunk than the sample at `from`. */
  endOfRun(from: number, limit: number): number {
    const isHistogram = this.isHistogram(from);
    for (let at = from + 1; at < limit; at++) {
      if (this.isHistogram(at) !== isHistogram) return at;
      if (isHistogram && !this.#follows(at)) return at;
    }
    return limit;
  }

  /** Whether a histogram may stand behind the one before it: same layout, no reset, nothing but markers behind a marker. */
  #follows(at: number): boolean {
    const histogram = this.histogram(at);
    if (histogram === undefined) return true;
    const before = this.histogram(at - 1);
    if (before === undefined) return false;
    const isGauge = histogram.counterResetHint === 'gauge';
    return (
      histogram.schema === before.schema &&
      histogram.zeroThreshold === before.zeroThreshold &&
      equalBounds(histogram.customValues, before.customValues) &&
      isGauge === (before.counterResetHint === 'gauge') &&
      (isGauge || !detectReset(histogram, before))
    );
  }
}
