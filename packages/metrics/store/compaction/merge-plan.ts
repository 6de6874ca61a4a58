/**
 * Which blocks become one: those of one span of 6 hours, then of 18 hours, and so on by threes, as the real server does.
 * Larger blocks mean fewer indexes to ask and each label set once; smaller ones mean less to read for a short query.
 */
import type { ManifestEntry } from '@mario/storage';

const FIRST_SPAN_MS = 6 * 60 * 60_000;
const SPAN_FACTOR = 3;
/** No block spans more than this, nor a tenth of the retention: data goes in whole blocks. */
const SPAN_MS_MAX = 31 * 24 * 60 * 60_000;
const RETENTION_SHARE = 0.1;

/** A query reads a block whole, and a merge holds its sources in memory. */
export const MERGE_BYTES_MAX = 64 * 1024 * 1024;

/** The blocks to merge next, by time; undefined when there is nothing to do. `retentionMs` 0 keeps for ever. */
export function planMerge(
  entries: readonly ManifestEntry[],
  retentionMs: number,
): readonly ManifestEntry[] | undefined {
  const sorted = entries.toSorted((a, b) => a.minTimeMs - b.minTimeMs);
  const newestMs = Math.max(...sorted.map(({ minTimeMs }) => minTimeMs));
  const spanMsMax = Math.min(SPAN_MS_MAX, retentionMs > 0 ? retentionMs * RETENTION_SHARE : SPAN_MS_MAX);
  for (let spanMs = FIRST_SPAN_MS; spanMs <= spanMsMax; spanMs *= SPAN_FACTOR) {
    const windows = new Map<number, ManifestEntry[]>();
    for (const entry of sorted) {
      if (entry.maxTimeMs - entry.minTimeMs >= spanMs) continue;
      const window = Math.floor(entry.minTimeMs / spanMs);
      const list = windows.get(window);
      if (list === undefined) windows.set(window, [entry]);
      else list.push(entry);
    }
    for (const [window, list] of windows) {
      // Only a span that is over: further blocks may still begin in the present one.
      if ((window + 1) * spanMs > newestMs) continue;
      const part = list.length > 1 ? firstFitting(list) : undefined;
      if (part !== undefined) return part;
    }
  }
  return undefined;
}

/** The first neighbours, as many as fit; undefined when no two do. */
function firstFitting(list: readonly ManifestEntry[]): readonly ManifestEntry[] | undefined {
  for (let from = 0; from + 1 < list.length; from++) {
    let bytes = list[from]!.sizeBytes;
    let to = from + 1;
    while (to < list.length && bytes + list[to]!.sizeBytes <= MERGE_BYTES_MAX) bytes += list[to++]!.sizeBytes;
    if (to - from > 1) return list.slice(from, to);
  }
  return undefined;
}
