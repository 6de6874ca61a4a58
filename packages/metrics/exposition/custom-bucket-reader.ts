/**
 * Makes native histograms with custom buckets of the classic ones that another reader gives
 * (`convert_classic_histograms_to_nhcb`). Classic ones whose counts contradict one another stay classic.
 */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, NO_BUCKETS } from '../model/histogram.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { MetricMetadata } from '../queryable.ts';
import { EntryTable } from './entry-table.ts';
import { parseFloatText } from './float-text.ts';
import {
  clearSamples,
  type ExpositionReader,
  growSamples,
  newScrapedSamples,
  type ScrapedExemplar,
  type ScrapedSamples,
} from './scraped-samples.ts';

/** What one series of a classic histogram is. */
interface Part {
  /** Labels of the histogram: the metric's name, without `le`. */
  readonly labels: Labels;
  readonly kind: '_bucket' | '_count' | '_sum';
  readonly bound: number;
}

/** One classic histogram while its series are gathered. */
interface Gathered {
  readonly labels: Labels;
  readonly samples: number[];
  readonly bounds: number[];
  readonly cumulative: number[];
  count: number | undefined;
  sum: number;
  startMs: number;
  timestampMs: number;
}

export class CustomBucketReader implements ExpositionReader {
  readonly samples = newScrapedSamples();
  readonly #base: ExpositionReader;
  readonly #alwaysClassic: boolean;
  readonly #entries = new EntryTable();
  #parts: (Part | null)[] = [];
  /** By entry of the base, which would read them anew. */
  #labels: (Labels | undefined)[] = [];
  #baseGeneration = 0;

  constructor(base: ExpositionReader, options: { readonly alwaysClassic: boolean }) {
    this.#base = base;
    this.#alwaysClassic = options.alwaysClassic;
  }

  get generation(): number {
    return this.#entries.generation;
  }

  get layout(): number {
    return this.#entries.layout;
  }

  get entryCount(): number {
    return this.#entries.count;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#base.metadata;
  }

  labelsOf(entry: number): Labels {
    return this.#entries.labelsOf(entry);
  }

  takeMetadataChanged(): boolean {
    return this.#base.takeMetadataChanged();
  }

  read(bytes: Uint8Array, length: number): ScrapedSamples {
    const from = this.#base.read(bytes, length);
    if (this.#baseGeneration !== this.#base.generation) {
      this.#parts = [];
      this.#labels = [];
    }
    this.#baseGeneration = this.#base.generation;
    const gathered = this.#gather(from);
    const converted = new Map<Gathered, FloatHistogram>();
    const taken = new Set<number>();
    for (const each of gathered) {
      const histogram = customBuckets(each);
      if (histogram === undefined) continue;
      converted.set(each, histogram);
      if (!this.#alwaysClassic) for (const sample of each.samples) taken.add(sample);
    }
    this.#copy(from, taken, converted);
    return this.samples;
  }

  #gather(from: ScrapedSamples): readonly Gathered[] {
    const byKey = new Map<string, Gathered>();
    for (let i = 0; i < from.count; i++) {
      const part = this.#part(from.entries[i]!);
      if (part === null) continue;
      const timestampMs = from.hasTimestamps ? from.timestampsMs[i]! : Number.NaN;
      const { labels } = part;
      let found = byKey.get(labels.key);
      if (found === undefined) {
        const startMs = from.startsMs?.[i] ?? 0;
        found = { labels, samples: [], bounds: [], cumulative: [], count: undefined, sum: 0, startMs, timestampMs };
        byKey.set(labels.key, found);
      }
      found.samples.push(i);
      const value = from.values[i]!;
      if (part.kind === '_count') found.count = value;
      else if (part.kind === '_sum') found.sum = value;
      else {
        found.bounds.push(part.bound);
        found.cumulative.push(value);
      }
    }
    return [...byKey.values()];
  }

  #part(entry: number): Part | null {
    let part = this.#parts[entry];
    if (part === undefined) this.#parts[entry] = part = partOf(this.#baseLabels(entry), this.#base.metadata);
    return part;
  }

  #baseLabels(entry: number): Labels {
    return (this.#labels[entry] ??= this.#base.labelsOf(entry));
  }

  #copy(from: ScrapedSamples, taken: ReadonlySet<number>, converted: ReadonlyMap<Gathered, FloatHistogram>): void {
    const { samples } = this;
    clearSamples(samples);
    this.#entries.begin();
    const moved = new Map<number, number>();
    for (let i = 0; i < from.count; i++) {
      if (taken.has(i)) continue;
      const labels = this.#baseLabels(from.entries[i]!);
      const at = this.#add(labels, from.values[i]!, from.startsMs?.[i] ?? 0);
      this.#time(at, from.hasTimestamps ? from.timestampsMs[i]! : Number.NaN);
      const native = from.histograms?.get(i);
      if (native !== undefined) (samples.histograms ??= new Map()).set(at, native);
      moved.set(i, at);
    }
    for (const [{ labels, samples: parts, startMs, timestampMs }, histogram] of converted) {
      const at = this.#add(labels, 0, startMs);
      this.#time(at, timestampMs);
      (samples.histograms ??= new Map()).set(at, histogram);
      for (const part of parts) moved.set(part, at);
    }
    samples.exemplars = from.exemplars.map((each): ScrapedExemplar => ({ ...each, sample: moved.get(each.sample)! }));
    this.#entries.commit();
  }

  #add(labels: Labels, value: number, startMs: number): number {
    const { samples } = this;
    const at = samples.count++;
    if (at === samples.values.length) growSamples(samples);
    samples.entries[at] = this.#entries.next(labels.key, () => labels);
    samples.values[at] = value;
    if (startMs > 0) samples.startsMs ??= new Float64Array(samples.values.length);
    if (samples.startsMs !== null) samples.startsMs[at] = startMs;
    return at;
  }

  #time(at: number, timestampMs: number): void {
    const { samples } = this;
    if (!Number.isNaN(timestampMs) && !samples.hasTimestamps) {
      samples.hasTimestamps = true;
      samples.timestampsMs.fill(Number.NaN, 0, at);
    }
    if (samples.hasTimestamps) samples.timestampsMs[at] = timestampMs;
  }
}

function partOf(labels: Labels, metadata: ReadonlyMap<string, MetricMetadata>): Part | null {
  const name = labels.metricName;
  const kind = (['_bucket', '_count', '_sum'] as const).find((suffix) => name.endsWith(suffix));
  if (kind === undefined) return null;
  const family = name.slice(0, -kind.length);
  if (metadata.get(family)?.type !== 'histogram') return null;
  const bound = kind === '_bucket' ? parseFloatText(labels.get('le')) : 0;
  if (bound === undefined || Number.isNaN(bound)) return null;
  return { labels: labels.dropOne('le').with(METRIC_NAME, family), kind, bound };
}

/** Undefined when the counts contradict one another. Of buckets with one bound the first counts. */
export function customBuckets(
  classic: Pick<Gathered, 'bounds' | 'cumulative' | 'count' | 'sum'>,
): FloatHistogram | undefined {
  const { bounds, cumulative, sum } = classic;
  const order = bounds.flatMap((bound, i) => (bounds.indexOf(bound) === i ? [i] : []));
  order.sort((a, b) => bounds[a]! - bounds[b]!);
  const last = order.at(-1);
  const highest = last === undefined ? 0 : cumulative[last]!;
  const count = classic.count ?? highest;
  if (last !== undefined && bounds[last] === Infinity && highest !== count) return undefined;
  const customValues: number[] = [];
  const indexes: number[] = [];
  const counts: number[] = [];
  let before = 0;
  const add = (total: number) => {
    if (total > before) {
      indexes.push(customValues.length);
      counts.push(total - before);
    }
    const rises = total >= before;
    before = total;
    return rises;
  };
  for (const i of order) {
    if (bounds[i] === Infinity) continue;
    if (!add(cumulative[i]!)) return undefined;
    customValues.push(bounds[i]!);
  }
  if (!add(count)) return undefined;
  return {
    ...{ schema: CUSTOM_BUCKETS_SCHEMA, zeroThreshold: 0, zeroCount: 0, count, sum, customValues },
    positive: { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) },
    negative: NO_BUCKETS,
    counterResetHint: 'unknown',
  };
}
