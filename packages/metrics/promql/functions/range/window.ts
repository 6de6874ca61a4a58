// What a function over a range sees of one series at one step.
import type { FloatHistogram } from '../../../model/histogram.ts';
import type { Annotations } from '../../engine/annotations.ts';
import type { FloatColumn, HistogramColumn } from '../../engine/columns.ts';
import type { SeriesBuilder } from '../../engine/value.ts';
import type { Bounds, WindowBounds } from '../../engine/windows.ts';
import type { Span } from '../../parse/ast.ts';

/**
 * The samples of one series in (startMs, endMs]: floats at positions floatLo <= i < floatHi of their columns,
 * histograms likewise. With `anchored` and `smoothed` the positions reach further, up to the look-back before the
 * start (and, smoothed, after the end). One object is reused for all windows.
 */
export interface Window {
  floats: FloatColumn;
  floatLo: number;
  floatHi: number;
  histograms: HistogramColumn;
  histogramLo: number;
  histogramHi: number;
  startMs: number;
  endMs: number;
  step: number;
  /** The instant being evaluated: endMs unless the selector is shifted. */
  evaluationMs: number;
}

/** What stays the same for all windows of one call, except the series' name. */
export interface RangeCall {
  /** Name of the function, for messages. */
  readonly func: string;
  /** Metric name of the current series, for annotations. */
  metricName: string;
  readonly rangeSeconds: number;
  readonly modifier: 'anchored' | 'smoothed' | null;
  /** The scalar arguments by position among the scalars, one value per step. */
  readonly scalars: readonly Float64Array[];
  readonly annotations: Annotations;
  /** The first argument, for positions of annotations. */
  readonly span: Span;
  readonly useStartTimestamps: boolean;
}

/** Result of one window: undefined is "no sample". */
export type WindowResult = number | FloatHistogram | undefined;

export interface RangeFunction {
  readonly evaluate: (window: Window, call: RangeCall) => WindowResult;
  /** Keeps the metric name, as last_over_time does. */
  readonly keepsName?: boolean;
  /**
   * All windows of a series of plain floats at once; only used without modifier and without start timestamps. Must
   * give what `evaluate` gives.
   */
  readonly allFloats?: (
    column: FloatColumn,
    bounds: Bounds,
    ends: WindowBounds,
    call: RangeCall,
    out: SeriesBuilder,
  ) => void;
}

export function floatCount(window: Window): number {
  return window.floatHi - window.floatLo;
}

export function histogramCount(window: Window): number {
  return window.histogramHi - window.histogramLo;
}

/** Applies a function of the samples at lo <= i < hi to every window of a plain series that has `least` of them. */
export function perWindow(
  compute: (values: Float64Array, lo: number, hi: number, times: Float64Array, call: RangeCall, step: number) => number,
  least = 1,
): NonNullable<RangeFunction['allFloats']> {
  return (column, bounds, _ends, call, out) => {
    const { values, times, from, to } = column;
    const { lo, hi } = bounds;
    for (let step = 0; step < lo.length; step++) {
      const first = Math.max(lo[step]!, from);
      const end = Math.min(hi[step]!, to);
      if (end - first >= least) out.setFloat(step, compute(values, first, end, times, call, step));
    }
  };
}
