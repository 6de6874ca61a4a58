/** What metrics queries give: series over the steps of a range. */

import type { TraceContext } from './trace-context.ts';
import type { Value } from './value.ts';

/** Buckets are (start + i·step, start + (i + 1)·step] and carry the time of their right edge. */
export interface MetricsRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly stepNs: bigint;
}

export interface Exemplar {
  readonly traceId: Uint8Array;
  readonly timestampMs: number;
  readonly value: number;
}

export interface Series {
  /** Names and values; a value of undefined stands for spans without the attribute. */
  readonly labels: readonly (readonly [string, Value])[];
  /** One value a bucket; NaN where there is none. */
  readonly values: Float64Array;
  readonly exemplars: readonly Exemplar[];
}

/** Takes traces one by one, then gives the series. */
export interface MetricsEvaluator {
  add(trace: TraceContext): void;
  /** The series, sorted by the values of their labels. */
  finish(): readonly Series[];
  /** More series were met than are answered; the rest was left out. */
  readonly truncated: boolean;
}

/** The bucket of a time, or -1 when it is out of the range. */
export function bucketOf(range: MetricsRange, timeNs: bigint): number {
  if (timeNs <= range.startNs || timeNs > range.endNs) return -1;
  return Number((timeNs - range.startNs - 1n) / range.stepNs);
}
