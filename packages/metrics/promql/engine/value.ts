// What evaluation produces: for every node one column per series over all steps.

import type { FloatHistogram } from '../../model/histogram.ts';
import { compareLabels, Labels, METRIC_NAME, METRIC_TYPE, METRIC_UNIT } from '../../model/labels.ts';
import { QueryError } from './query-error.ts';
import { cutBytes, cutFloats } from './slabs.ts';

/** The instants of an evaluation: startMs, startMs + stepMs, … */
export interface Steps {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** One series over all steps. `presence[i]` tells whether step i holds nothing, a float or a histogram. */
export interface StepSeries {
  readonly labels: Labels;
  /** The metric name is to be removed at the end of the query (delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  readonly presence: Uint8Array;
  readonly histograms: (FloatHistogram | undefined)[] | null;
  /** How many steps hold something; as many as there are steps in the usual case. */
  readonly points: number;
}

export interface VectorValue {
  readonly type: 'vector';
  readonly series: readonly StepSeries[];
}

export interface ScalarValue {
  readonly type: 'scalar';
  readonly values: Float64Array;
}

export interface StringValue {
  readonly type: 'string';
  readonly value: string;
}

export type Value = VectorValue | ScalarValue | StringValue;

export function stepTime(steps: Steps, index: number): number {
  return steps.startMs + index * steps.stepMs;
}

export function endTime(steps: Steps): number {
  return stepTime(steps, steps.count - 1);
}

const FEW_STEPS = 16;

/** A series under construction; histograms are allocated with the first one. */
export class SeriesBuilder {
  readonly values: Float64Array;
  readonly presence: Uint8Array;
  histograms: (FloatHistogram | undefined)[] | null = null;
  points = 0;

  constructor(count: number) {
    this.values = cutFloats(count);
    this.presence = cutBytes(count);
  }

  setFloat(step: number, value: number): void {
    this.values[step] = value;
    this.presence[step] = FLOAT;
    this.points++;
  }

  setHistogram(step: number, histogram: FloatHistogram): void {
    this.histograms ??= new Array<FloatHistogram | undefined>(this.values.length);
    this.histograms[step] = histogram;
    this.presence[step] = HISTOGRAM;
    this.points++;
  }

  set(step: number, value: number | FloatHistogram): void {
    if (typeof value === 'number') this.setFloat(step, value);
    else this.setHistogram(step, value);
  }

  /** Makes the builder empty again; only when nobody keeps what was built. */
  clear(): void {
    const { presence } = this;
    // A call costs more than the few steps of an instant query.
    if (presence.length > FEW_STEPS) presence.fill(ABSENT);
    else for (let step = 0; step < presence.length; step++) presence[step] = ABSENT;
    this.histograms = null;
    this.points = 0;
  }

  build(labels: Labels, dropName: boolean): StepSeries {
    const { values, presence, histograms, points } = this;
    return { labels, dropName, values, presence, histograms, points };
  }
}

export function sampleAt(series: StepSeries, step: number): number | FloatHistogram | undefined {
  const presence = series.presence[step];
  if (presence === ABSENT) return undefined;
  return presence === FLOAT ? series.values[step]! : series.histograms![step]!;
}

/** Whether every step holds a float. */
export function isDense({ points, values, histograms }: StepSeries): boolean {
  return points === values.length && histograms === null;
}

/** The series with only the samples that `keeps` wants. */
export function filterSteps(series: StepSeries, keeps: (presence: number, step: number) => boolean): StepSeries {
  const presence = new Uint8Array(series.presence.length);
  let points = 0;
  for (let step = 0; step < presence.length; step++) {
    const kind = series.presence[step]!;
    if (kind === ABSENT || !keeps(kind, step)) continue;
    presence[step] = kind;
    points++;
  }
  return { ...series, presence, points };
}

const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, METRIC_TYPE, METRIC_UNIT]);

/** Labels without name, type and unit: what an operation that changes the meaning of a value leaves. */
export function withoutName(labels: Labels): Labels {
  const { pairs } = labels;
  // Nearly always the name stands first and is the only one of the three.
  if (pairs[0] === METRIC_NAME && pairs[2]?.startsWith('__') !== true) return Labels.fromSortedPairs(pairs.slice(2));
  return labels.drop(METADATA_LABELS);
}

const SAME_LABELS = 'vector cannot contain metrics with the same labelset';

/**
 * Joins series with equal labels whose samples do not meet in a step; two samples in one step are an error, because
 * a vector names each series once. Series of which only one is to lose its name stay apart.
 */
export function mergeEqualSeries(series: readonly StepSeries[]): readonly StepSeries[] {
  return isAscending(series) ? series : mergeByKey(series);
}

/** Selectors give their series in order, and most operations keep it: what ascends differs, without any look-up. */
function isAscending(series: readonly StepSeries[]): boolean {
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1]!.labels, series[i]!.labels) >= 0) return false;
  }
  return true;
}

function mergeByKey(series: readonly StepSeries[]): StepSeries[] {
  const byKey = new Map<string, number[]>();
  const out: StepSeries[] = [];
  for (const one of series) {
    const places = byKey.get(one.labels.key);
    if (places === undefined) {
      byKey.set(one.labels.key, [out.length]);
      out.push(one);
      continue;
    }
    for (const at of places) if (overlap(out[at]!, one)) throw new QueryError('execution', SAME_LABELS);
    const twin = places.find((at) => out[at]!.dropName === one.dropName);
    if (twin === undefined) {
      places.push(out.length);
      out.push(one);
    } else {
      out[twin] = joinSeries(out[twin]!, one);
    }
  }
  return out;
}

function overlap(a: StepSeries, b: StepSeries): boolean {
  return a.presence.some((presence, step) => presence !== ABSENT && b.presence[step] !== ABSENT);
}

function joinSeries(a: StepSeries, b: StepSeries): StepSeries {
  const joined = new SeriesBuilder(a.values.length);
  for (let step = 0; step < a.values.length; step++) {
    const sample = sampleAt(a, step) ?? sampleAt(b, step);
    if (sample !== undefined) joined.set(step, sample);
  }
  return joined.build(a.labels, a.dropName);
}
