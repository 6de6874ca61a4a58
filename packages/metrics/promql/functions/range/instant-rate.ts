// irate and idelta: from the last two samples of the window.
import { compactHistogram, divideHistogram, withHint } from '../../../model/histogram.ts';
import { detectReset } from '../../../model/histogram-reset.ts';
import { mergedSamples } from './merged.ts';
import { subtractNoted } from './rate.ts';
import { isStartReset } from './start-timestamp.ts';
import { perWindow, type RangeCall, type RangeFunction, type Window, type WindowResult } from './window.ts';

export const irate: RangeFunction = {
  evaluate: (window, call) => lastTwo(window, call, true),
  allFloats: perWindow((values, _lo, hi, times) => {
    const before = values[hi - 2]!;
    const last = values[hi - 1]!;
    return (last < before ? last : last - before) / ((times[hi - 1]! - times[hi - 2]!) / 1000);
  }, 2),
};
export const idelta: RangeFunction = {
  evaluate: (window, call) => lastTwo(window, call, false),
  allFloats: perWindow((values, _lo, hi) => values[hi - 1]! - values[hi - 2]!, 2),
};

function lastTwo(window: Window, call: RangeCall, isRate: boolean): WindowResult {
  const samples = mergedSamples(tail(window), call);
  if (samples.length < 2) return undefined;
  const before = samples[samples.length - 2]!;
  const last = samples[samples.length - 1]!;
  const seconds = (last.timeMs - before.timeMs) / 1000;
  if (seconds === 0) return undefined;
  const a = before.value;
  const b = last.value;
  const started =
    isRate && call.useStartTimestamps && isStartReset(before.startMs, before.timeMs, last.startMs, last.timeMs);
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = isRate && (b < a || started) ? b : b - a;
    return isRate ? difference / seconds : difference;
  }
  if (typeof a === 'number' || typeof b === 'number') {
    call.annotations.mixedFloatsHistograms(call.metricName, call.span);
    return undefined;
  }
  const gauges = [a, b].filter((h) => h.counterResetHint === 'gauge').length;
  if (isRate && gauges > 0) call.annotations.histogramNotCounter(call.metricName, call.span);
  if (!isRate && gauges < 2) call.annotations.histogramNotGauge(call.metricName, call.span);
  const restarted = isRate && (started || detectReset(b, a));
  const difference = restarted ? b : subtractNoted(b, a, call);
  if (difference === null) return undefined;
  const result = compactHistogram(withHint(difference, 'gauge'));
  return isRate ? divideHistogram(result, seconds) : result;
}

/** Only the last two samples of each kind can be the last two of all. */
function tail(window: Window): Window {
  return {
    ...window,
    floatLo: Math.max(window.floatLo, window.floatHi - 2),
    histogramLo: Math.max(window.histogramLo, window.histogramHi - 2),
  };
}
