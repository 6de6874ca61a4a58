/** The narrow interface between the engine and whatever holds the lines. */
import type { Matcher } from '../ast.ts';
import type { Labels } from '../labels.ts';
import type { BaseLabels } from '../pipeline/labels-builder.ts';

export interface LogSource {
  /**
   * Blocks of the streams that match, with entries between `startNs` and `endNs` (both inclusive) or near them: a block is
   * a superset of what was asked for. The blocks stay readable until the query is over.
   */
  select(request: SelectRequest): Promise<readonly LogBlock[]>;
}

export interface SelectRequest {
  readonly matchers: readonly Matcher[];
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** Entries of one stream, side by side on disk or in memory. */
export interface LogBlock {
  readonly stream: BaseLabels;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** Uncompressed bytes of lines, for the statistics. */
  readonly sizeBytes: number;
  readonly entryCount: number;
  /** Gives undefined when no entry can have all the needles; entries without them may be left out. */
  read(needles: Needles): Promise<LogEntries | undefined>;
}

/** What every entry of a result must have: what lets a store skip blocks and lines unread. */
export interface Needles {
  /** Texts that the line contains. */
  readonly line: readonly string[];
  /** Labels that come from the stream or from structured metadata. */
  readonly labels: readonly (readonly [name: string, value: string])[];
}

export const noNeedles: Needles = { line: [], labels: [] };

/** Entries in order of time; equal times in order of arrival. */
export interface LogEntries {
  readonly count: number;
  readonly timesNs: BigInt64Array;
  line(index: number): string;
  metadata(index: number): Labels;
}

/** The first index whose time is at or after `timeNs`. */
export function lowerBound(timesNs: BigInt64Array, count: number, timeNs: bigint): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesNs[middle]! < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
