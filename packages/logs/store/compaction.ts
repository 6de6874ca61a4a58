/** Which segments are worth merging: a pure decision. Quiet hours make small segments, and each costs an open file. */
import type { ManifestEntry } from '@mario/storage';

/** Segments with less text than this are small. */
const SMALL_TEXT_BYTES = 8 * 1024 * 1024;

/** Text of a merged segment: what is decompressed at once while merging. */
const MERGED_TEXT_BYTES_MAX = 32 * 1024 * 1024;

/** Fewer are not worth the writing. */
const SEGMENT_COUNT_MIN = 8;

/** Retention forgets whole segments, so one must not hold much more than a day. */
const MERGED_SPAN_MS_MAX = 86_400_000;

/** The oldest run of small neighbours in time, or none. `excluded` are names that could not be merged before. */
export function chooseCompaction(
  entries: readonly ManifestEntry[],
  excluded: ReadonlySet<string>,
): readonly ManifestEntry[] {
  const sorted = [...entries].sort((a, b) => a.minTimeMs - b.minTimeMs);
  let run: ManifestEntry[] = [];
  let textBytes = 0;
  for (const entry of sorted) {
    const size = Number(entry.meta.lineBytes);
    const small = size < SMALL_TEXT_BYTES && !excluded.has(entry.name);
    const fits =
      run.length === 0 ||
      (textBytes + size <= MERGED_TEXT_BYTES_MAX && entry.maxTimeMs - run[0]!.minTimeMs <= MERGED_SPAN_MS_MAX);
    if (!small || !fits) {
      if (run.length >= SEGMENT_COUNT_MIN) return run;
      run = [];
      textBytes = 0;
    }
    if (!small) continue;
    run.push(entry);
    textBytes += size;
  }
  return run.length >= SEGMENT_COUNT_MIN ? run : [];
}
