/** Ranges of time, inclusive on both ends: [start, end, start, end, …] in ascending order, apart from one another. */
export type Intervals = Float64Array;

/** With one more range; those that overlap or touch (whole milliseconds) become one. */
export function addInterval(intervals: Intervals | undefined, startMs: number, endMs: number): Intervals {
  if (intervals === undefined) return Float64Array.of(startMs, endMs);
  const before: number[] = [];
  const after: number[] = [];
  let start = startMs;
  let end = endMs;
  for (let i = 0; i < intervals.length; i += 2) {
    const from = intervals[i]!;
    const to = intervals[i + 1]!;
    if (to + 1 < start) before.push(from, to);
    else if (from - 1 > end) after.push(from, to);
    else {
      start = Math.min(start, from);
      end = Math.max(end, to);
    }
  }
  return Float64Array.of(...before, start, end, ...after);
}

export function containsTime(intervals: Intervals, timestampMs: number): boolean {
  let low = 0;
  let high = intervals.length >> 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[2 * middle + 1]! < timestampMs) low = middle + 1;
    else high = middle;
  }
  return 2 * low < intervals.length && intervals[2 * low]! <= timestampMs;
}

/** Whether one of the ranges holds all of [startMs, endMs]. */
export function coversRange(intervals: Intervals, startMs: number, endMs: number): boolean {
  for (let i = 0; i < intervals.length; i += 2) {
    if (intervals[i]! <= startMs && endMs <= intervals[i + 1]!) return true;
  }
  return false;
}

export function touchesRange(intervals: Intervals, startMs: number, endMs: number): boolean {
  for (let i = 0; i < intervals.length; i += 2) {
    if (intervals[i]! <= endMs && startMs <= intervals[i + 1]!) return true;
  }
  return false;
}
