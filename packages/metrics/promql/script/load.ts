// Carrying out `load`: samples into the store, and native histograms from classic ones where asked.
import { CUSTOM_BUCKETS_SCHEMA, denseBuckets, EMPTY_HISTOGRAM, type FloatHistogram } from '../../model/histogram.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { LoadCommand } from './commands.ts';
import type { LoadedSample, MemoryStore } from './memory-store.ts';

/** What scripts load into: the store in memory, or a writer of a real one. */
export type ScriptStore = Pick<MemoryStore, 'add' | 'clear'>;

export function load(store: ScriptStore, command: LoadCommand): void {
  const series = new Map<string, { labels: Labels; samples: LoadedSample[] }>();
  const starts = new Map<string, readonly (number | null)[]>();
  for (const line of command.lines) {
    if ('offsetsMs' in line) {
      starts.set(line.labels.key, line.offsetsMs);
      continue;
    }
    const offsets = starts.get(line.labels.key);
    const samples: LoadedSample[] = [];
    line.values.forEach((value, i) => {
      if (value === null) return;
      const timestampMs = i * command.stepMs;
      const offset = offsets?.[i];
      const startMs = offset === undefined || offset === null ? 0 : timestampMs + offset;
      samples.push({ timestampMs, value, startMs });
    });
    series.set(line.labels.key, { labels: line.labels, samples });
  }
  for (const { labels, samples } of series.values()) store.add(labels, samples);
  if (command.withNhcb)
    for (const { labels, samples } of nativeFromClassic([...series.values()])) store.add(labels, samples);
}

interface ClassicSample {
  readonly buckets: Map<number, number>;
  count: number | null;
  sum: number;
}

const SUFFIX = /_(bucket|count|sum)$/;

function nativeFromClassic(
  loaded: readonly { labels: Labels; samples: readonly LoadedSample[] }[],
): { labels: Labels; samples: LoadedSample[] }[] {
  const histograms = new Map<string, { labels: Labels; byTime: Map<number, ClassicSample>; hasBuckets: boolean }>();
  for (const { labels, samples } of loaded) {
    const name = labels.get(METRIC_NAME);
    const suffix = SUFFIX.exec(name)?.[1];
    const bound = suffix === 'bucket' ? parseBound(labels.get('le')) : 0;
    if (suffix === undefined || Number.isNaN(bound)) continue;
    const base = labels.dropOne('le').with(METRIC_NAME, name.replace(SUFFIX, ''));
    let histogram = histograms.get(base.key);
    if (histogram === undefined) {
      histogram = { labels: base, byTime: new Map(), hasBuckets: false };
      histograms.set(base.key, histogram);
    }
    if (suffix === 'bucket') histogram.hasBuckets = true;
    for (const { timestampMs, value } of samples) {
      if (typeof value !== 'number') continue;
      let classic = histogram.byTime.get(timestampMs);
      if (classic === undefined) {
        classic = { buckets: new Map(), count: null, sum: 0 };
        histogram.byTime.set(timestampMs, classic);
      }
      if (suffix === 'bucket') classic.buckets.set(bound, value);
      else classic[suffix as 'count' | 'sum'] = value;
    }
  }
  return [...histograms.values()]
    .filter(({ hasBuckets }) => hasBuckets)
    .map(({ labels, byTime }) => ({
      labels,
      samples: [...byTime]
        .sort(([a], [b]) => a - b)
        .map(([timestampMs, classic]) => ({
          timestampMs,
          value: toNative(classic),
          startMs: 0,
        })),
    }));
}

function parseBound(le: string): number {
  return /^\+?inf$/i.test(le) ? Infinity : le === '' ? Number.NaN : Number(le);
}

function toNative({ buckets, count, sum }: ClassicSample): FloatHistogram {
  const bounds = [...buckets.keys()].sort((a, b) => a - b);
  const total = count ?? buckets.get(Infinity) ?? buckets.get(bounds[bounds.length - 1]!) ?? 0;
  const finite = bounds.filter((bound) => bound !== Infinity);
  let below = 0;
  const counts = finite.map((bound) => {
    const inside = buckets.get(bound)! - below;
    below = buckets.get(bound)!;
    return inside;
  });
  counts.push((buckets.get(Infinity) ?? total) - below);
  return {
    ...EMPTY_HISTOGRAM,
    schema: CUSTOM_BUCKETS_SCHEMA,
    count: total,
    sum,
    customValues: finite,
    positive: denseBuckets(0, counts),
  };
}
