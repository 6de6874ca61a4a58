/** Which segments are too old or too many: a pure decision that the stores carry out. */

import type { ManifestEntry } from './manifest.ts';

export interface RetentionPolicy {
  /** Entries whose newest row is older than this go. 0 keeps for ever. */
  readonly ageMsMax: number;
  /** When the entries together are larger, the oldest go first. 0 is no limit. */
  readonly sizeBytesMax: number;
}

export interface RetentionDecision {
  readonly keep: readonly ManifestEntry[];
  readonly dropByAge: readonly ManifestEntry[];
  readonly dropBySize: readonly ManifestEntry[];
}

/**
 * Decides by the newest row of each entry, so that a segment goes only when everything in it is too old. `otherBytes`
 * (the write-ahead log, say) count towards the size. The order of `keep` is the order of `entries`.
 */
export function decideRetention(
  entries: readonly ManifestEntry[],
  policy: RetentionPolicy,
  nowMs: number,
  otherBytes = 0,
): RetentionDecision {
  const oldestMs = policy.ageMsMax > 0 ? nowMs - policy.ageMsMax : Number.NEGATIVE_INFINITY;
  const dropByAge = entries.filter((entry) => entry.maxTimeMs < oldestMs);
  const young = entries.filter((entry) => entry.maxTimeMs >= oldestMs);
  if (policy.sizeBytesMax <= 0) return { keep: young, dropByAge, dropBySize: [] };
  let sizeBytes = otherBytes;
  for (const entry of young) sizeBytes += entry.sizeBytes;
  const dropBySize: ManifestEntry[] = [];
  for (const entry of [...young].sort((a, b) => a.maxTimeMs - b.maxTimeMs)) {
    if (sizeBytes <= policy.sizeBytesMax) break;
    dropBySize.push(entry);
    sizeBytes -= entry.sizeBytes;
  }
  const dropped = new Set(dropBySize);
  return { keep: young.filter((entry) => !dropped.has(entry)), dropByAge, dropBySize };
}
