/** Durations of spans as people read them: three significant digits in the unit that fits. */

export function formatDurationNs(ns: number): string {
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  if (ns < 1_000_000) return `${digits(ns / 1_000)} µs`;
  if (ns < 1_000_000_000) return `${digits(ns / 1_000_000)} ms`;
  const seconds = ns / 1_000_000_000;
  if (seconds < 60) return `${digits(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds - minutes * 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Round marks over a duration, the first one 0, at most `countMax` after it. */
export function timeMarks(durationNs: number, countMax = 5): readonly number[] {
  if (durationNs <= 0) return [0];
  const rough = durationNs / countMax;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const marks: number[] = [];
  for (let mark = 0; mark <= durationNs; mark += step) marks.push(mark);
  return marks;
}
