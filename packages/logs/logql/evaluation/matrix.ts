/** The result of a metric expression: one column of values a series, over all steps at once. */
import type { Labels } from '../labels.ts';

export interface Series {
  readonly labels: Labels;
  /** One value a step; meaningless where `present` is 0. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export type Matrix = readonly Series[];

/** The steps of an evaluation; an instant query has one. */
export interface Steps {
  readonly startNs: bigint;
  readonly stepNs: number;
  readonly count: number;
  readonly instant: boolean;
}

export function emptySeries(labels: Labels, steps: number): Series {
  return { labels, values: new Float64Array(steps), present: new Uint8Array(steps) };
}

export function hasPoints(series: Series): boolean {
  return series.present.includes(1);
}
