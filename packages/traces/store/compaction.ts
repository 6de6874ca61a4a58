/** Which segments to merge: a pure decision. */

import type { ManifestEntry } from '@mario/storage';

/** Segments of one size class that are merged into one of the next. Few merges, and few segments to search. */
const FAN_IN = 6;
/** Larger segments are left alone: merging them needs memory, and gains little. */
const COMPACTED_BYTES_MAX = 8 * 1024 * 1024;
/** The smallest class: everything up to 256 KiB. */
const CLASS_BYTES = 256 * 1024;

/** The oldest FAN_IN segments of the smallest size class that has as many; none when there is nothing to do. */
export function chooseCompaction<T extends { readonly entry: ManifestEntry }>(segments: readonly T[]): readonly T[] {
  const classes = new Map<number, T[]>();
  for (const segment of segments) {
    const { sizeBytes } = segment.entry;
    if (sizeBytes > COMPACTED_BYTES_MAX / FAN_IN) continue;
    const size = Math.max(0, Math.ceil(Math.log(sizeBytes / CLASS_BYTES) / Math.log(FAN_IN)));
    classes.set(size, [...(classes.get(size) ?? []), segment]);
  }
  for (const size of [...classes.keys()].sort((a, b) => a - b)) {
    const members = classes.get(size)!.sort((a, b) => a.entry.minTimeMs - b.entry.minTimeMs);
    if (members.length >= FAN_IN) return members.slice(0, FAN_IN);
  }
  return [];
}
