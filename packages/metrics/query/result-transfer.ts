/** Results of queries as few large arrays, which cross threads without being copied. */
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { Annotation, InstantSample, MatrixSeries, QueryData, QueryResult } from '../promql/index.ts';

type Histograms = readonly (FloatHistogram | undefined)[] | null;

interface FlatVector {
  readonly type: 'vector';
  readonly timestampMs: number;
  readonly keys: readonly string[];
  readonly values: Float64Array;
  readonly histograms: Histograms;
}

interface FlatMatrix {
  readonly type: 'matrix';
  readonly keys: readonly string[];
  /** Times that several series share stand here once. */
  readonly times: readonly Float64Array[];
  readonly timesOf: Int32Array;
  /** The values of all series, one after the other. */
  readonly values: Float64Array;
  readonly histograms: readonly Histograms[] | null;
}

type FlatData = FlatVector | FlatMatrix | Extract<QueryData, { type: 'scalar' | 'string' }>;

export interface FlatResult extends Omit<QueryResult, 'data'> {
  readonly data: FlatData;
  readonly annotations: readonly Annotation[];
}

/** The result, and the memory that may move with it. */
export function flatten(result: QueryResult): { readonly flat: FlatResult; readonly transfer: ArrayBuffer[] } {
  const { data } = result;
  if (data.type === 'vector') {
    const flat = flattenVector(data.samples, data.timestampMs);
    return { flat: { ...result, data: flat }, transfer: [flat.values.buffer as ArrayBuffer] };
  }
  if (data.type === 'matrix') {
    const flat = flattenMatrix(data.series);
    return { flat: { ...result, data: flat }, transfer: [flat.values.buffer as ArrayBuffer] };
  }
  return { flat: { ...result, data }, transfer: [] };
}

export function unflatten(flat: FlatResult): QueryResult {
  return { ...flat, data: unflattenData(flat.data) };
}

function flattenVector(samples: readonly InstantSample[], timestampMs: number): FlatVector {
  const values = new Float64Array(samples.length);
  let histograms: (FloatHistogram | undefined)[] | null = null;
  samples.forEach(({ value }, i) => {
    if (typeof value === 'number') values[i] = value;
    else (histograms ??= new Array(samples.length))[i] = value;
  });
  return { type: 'vector', timestampMs, keys: samples.map(({ labels }) => labels.key), values, histograms };
}

function flattenMatrix(series: readonly MatrixSeries[]): FlatMatrix {
  let points = 0;
  for (const { timestamps } of series) points += timestamps.length;
  const values = new Float64Array(points);
  const timesOf = new Int32Array(series.length);
  const times: Float64Array[] = [];
  const known = new Map<Float64Array, number>();
  let at = 0;
  let anyHistograms = false;
  series.forEach((one, i) => {
    let number = known.get(one.timestamps);
    if (number === undefined) known.set(one.timestamps, (number = times.push(one.timestamps) - 1));
    timesOf[i] = number;
    values.set(one.values.subarray(0, one.timestamps.length), at);
    at += one.timestamps.length;
    if (one.histograms !== null) anyHistograms = true;
  });
  return {
    type: 'matrix',
    keys: series.map(({ labels }) => labels.key),
    times,
    timesOf,
    values,
    histograms: anyHistograms ? series.map(({ histograms }) => histograms) : null,
  };
}

function unflattenData(data: FlatData): QueryData {
  if (data.type === 'vector') {
    const { timestampMs, values, histograms } = data;
    const samples = data.keys.map((key, i) => ({ labels: Labels.fromKey(key), value: histograms?.[i] ?? values[i]! }));
    return { type: 'vector', timestampMs, samples };
  }
  if (data.type === 'matrix') {
    let at = 0;
    const series = data.keys.map((key, i): MatrixSeries => {
      const timestamps = data.times[data.timesOf[i]!]!;
      const values = data.values.subarray(at, at + timestamps.length);
      at += timestamps.length;
      return { labels: Labels.fromKey(key), timestamps, values, histograms: data.histograms?.[i] ?? null };
    });
    return { type: 'matrix', series };
  }
  return data;
}
