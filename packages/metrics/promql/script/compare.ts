// Comparing what an evaluation gave with what a script expects.
import { type BucketCounts, compactHistogram, type FloatHistogram, printHistogram } from '../../model/histogram.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { MatrixSeries, QueryData } from '../engine/engine.ts';
import { formatGoG } from '../format.ts';
import type { EvalCommand, ExpectedSeries } from './commands.ts';

/** Relative tolerance of the scripts. */
const TOLERANCE = 1e-6;
const NORMAL_MIN = 2.2250738585072014e-308;

export interface Difference {
  readonly expected: string;
  readonly actual: string;
}

export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < NORMAL_MIN) return difference < TOLERANCE * NORMAL_MIN;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

function sameCounts(a: BucketCounts, b: BucketCounts): boolean {
  if (a.indexes.length !== b.indexes.length) return false;
  return a.indexes.every((index, i) => index === b.indexes[i] && almostEqual(a.counts[i]!, b.counts[i]!));
}

function sameHistogram(expected: FloatHistogram, actual: FloatHistogram, withHints: boolean): boolean {
  const a = compactHistogram(expected);
  const b = compactHistogram(actual);
  return (
    a.schema === b.schema &&
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    almostEqual(a.zeroThreshold, b.zeroThreshold) &&
    almostEqual(a.zeroCount, b.zeroCount) &&
    a.customValues.length === b.customValues.length &&
    a.customValues.every((bound, i) => almostEqual(bound, b.customValues[i]!)) &&
    sameCounts(a.positive, b.positive) &&
    sameCounts(a.negative, b.negative) &&
    (!withHints || a.counterResetHint === 'unknown' || a.counterResetHint === b.counterResetHint)
  );
}

type Sample = number | FloatHistogram;

function sameSample(
  expected: ExpectedSeries['values'][number] | undefined,
  actual: Sample,
  withHints: boolean,
): boolean {
  if (expected === null || expected === undefined || expected === 'stale') return false;
  if (typeof expected === 'number') return typeof actual === 'number' && almostEqual(expected, actual);
  return typeof actual !== 'number' && sameHistogram(expected, actual, withHints);
}

export function showSample(sample: ExpectedSeries['values'][number] | undefined): string {
  if (sample === null || sample === undefined) return '_';
  if (typeof sample === 'number') return formatGoG(sample);
  return sample === 'stale'
    ? 'stale'
    : `${printHistogram(sample, formatGoG)}/${sample.schema}/${sample.counterResetHint}`;
}

/** Null when the result is as expected. */
export function compareData(command: EvalCommand, data: QueryData): Difference | null {
  if (command.string !== null) {
    const actual = data.type === 'string' ? data.value : data.type;
    return data.type === 'string' && data.value === command.string ? null : { expected: command.string, actual };
  }
  if (command.scalar !== null) {
    const actual = data.type === 'scalar' ? data.value : Number.NaN;
    const same = data.type === 'scalar' && almostEqual(command.scalar, actual);
    return same ? null : { expected: formatGoG(command.scalar), actual: `${data.type} ${formatGoG(actual)}` };
  }
  switch (data.type) {
    case 'vector':
      return compareVector(
        command,
        data.samples.map(({ labels, value }) => ({ labels, value })),
      );
    case 'matrix':
      return compareMatrix(command, data.series);
    default:
      return { expected: 'a vector', actual: `${data.type} ${data.value}` };
  }
}

/** An instant vector against the first value of each expected line. */
export function compareVector(
  command: EvalCommand,
  samples: readonly { labels: Labels; value: Sample }[],
): Difference | null {
  const show = (series: readonly { labels: Labels; value: ExpectedSeries['values'][number] | undefined }[]): string =>
    series.map(({ labels, value }) => `${labels} ${showSample(value)}`).join('\n');
  const expectedSamples = command.series.map(({ labels, values }) => ({ labels, value: values[0] }));
  const difference = (): Difference => ({ expected: show(expectedSamples), actual: show(samples) });
  if (samples.length !== command.series.length) return difference();
  const byKey = new Map(samples.map((sample, i) => [sample.labels.key, i]));
  for (let i = 0; i < command.series.length; i++) {
    const wanted = command.series[i]!;
    const at = byKey.get(wanted.labels.key);
    if (at === undefined || (command.ordered && at !== i)) return difference();
    if (!sameSample(wanted.values[0], samples[at]!.value, wanted.withHints)) return difference();
  }
  return null;
}

function compareMatrix(command: EvalCommand, series: readonly MatrixSeries[]): Difference | null {
  const grid = command.range ?? command;
  const stepMs = grid.stepMs;
  const show = (): Difference => ({
    expected: command.series.map(({ labels, values }) => `${labels} ${values.map(showSample).join(' ')}`).join('\n'),
    actual: series.map((one) => `${one.labels} ${showPoints(one)}`).join('\n'),
  });
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1]!.labels, series[i]!.labels) >= 0) {
      return { expected: 'series sorted by labels', actual: show().actual };
    }
  }
  const wantedSeries = command.series.filter(({ values }) => values.some((value) => value !== null));
  if (wantedSeries.length !== series.length) return show();
  const byKey = new Map(series.map((one) => [one.labels.key, one]));
  for (const { labels, values, withHints } of wantedSeries) {
    const actual = byKey.get(labels.key);
    if (actual === undefined) return show();
    const points = new Map<number, Sample>();
    actual.timestamps.forEach((t, i) => {
      points.set(t, actual.histograms?.[i] ?? actual.values[i]!);
    });
    let matched = 0;
    for (let i = 0; i < values.length; i++) {
      const at = grid.startMs + i * stepMs;
      if (values[i] === null || at > grid.endMs) continue;
      const point = points.get(at);
      if (point === undefined || !sameSample(values[i], point, withHints)) return show();
      matched++;
    }
    if (matched !== points.size) return show();
  }
  return null;
}

function showPoints({ timestamps, values, histograms }: MatrixSeries): string {
  return [...timestamps].map((t, i) => `${showSample(histograms?.[i] ?? values[i]!)}@${t / 1000}`).join(' ');
}
