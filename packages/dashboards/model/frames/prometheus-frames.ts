/** Answers of the Prometheus HTTP API (and Loki's metric queries, which have the same shape) to data frames. */
import { fieldOf, formatLegend, frameOf, type Labels, seriesName } from './build-frame.ts';
import { type DataFrame, type Field, FieldType } from './grafana-data.ts';

export type PrometheusPoint = readonly [number, string];

export type PrometheusData =
  | {
      readonly resultType: 'matrix';
      readonly result: readonly {
        readonly metric: Labels;
        readonly values?: readonly PrometheusPoint[];
        readonly histograms?: readonly unknown[];
      }[];
    }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Labels; readonly value?: PrometheusPoint }[];
    }
  | { readonly resultType: 'scalar'; readonly result: PrometheusPoint }
  | { readonly resultType: 'string'; readonly result: PrometheusPoint };

export interface FrameOptions {
  readonly refId: string;
  /** As in the file: `__auto`, empty for the whole series, or a text with `{{label}}`. */
  readonly legend: string;
  readonly format: 'time_series' | 'table' | 'heatmap';
  readonly expression: string;
  /** Of a range query: points are laid on this grid and gaps become null, so that lines break where data is missing. */
  readonly grid?: { readonly startMs: number; readonly endMs: number; readonly stepMs: number };
  /** Several queries answer as tables: each names its column of values after itself. */
  readonly severalTables: boolean;
}

export function prometheusFrames(data: PrometheusData, options: FrameOptions): readonly DataFrame[] {
  if (data.resultType === 'scalar' || data.resultType === 'string')
    return [scalarFrame(data.result, data.resultType, options)];
  const series = seriesOf(data);
  if (options.format === 'table') return [tableFrame(series, options)];
  if (options.format === 'heatmap') return heatmapFrames(series, options);
  const grid = options.grid === undefined ? undefined : gridTimes(options.grid);
  return series.map((one) => seriesFrame(one, options, grid));
}

interface Series {
  readonly labels: Labels;
  readonly points: readonly PrometheusPoint[];
}

function seriesOf(data: Extract<PrometheusData, { resultType: 'matrix' | 'vector' }>): readonly Series[] {
  if (data.resultType === 'matrix')
    return data.result.map(({ metric, values }) => ({ labels: metric, points: values ?? [] }));
  return data.result.map(({ metric, value }) => ({ labels: metric, points: value === undefined ? [] : [value] }));
}

/** `+Inf` and `NaN` are words in the API. */
export function parseSample(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

interface Grid {
  readonly times: number[];
  readonly startMs: number;
  readonly stepMs: number;
}

/** The array of times is shared by all series of a query. */
function gridTimes({ startMs, endMs, stepMs }: NonNullable<FrameOptions['grid']>): Grid {
  const count = Math.floor((endMs - startMs) / stepMs + 1e-6) + 1;
  return { startMs, stepMs, times: Array.from({ length: count }, (_, index) => startMs + index * stepMs) };
}

function seriesFrame({ labels, points }: Series, options: FrameOptions, grid: Grid | undefined): DataFrame {
  let times: number[];
  let values: (number | null)[];
  if (grid === undefined) {
    times = points.map(([atS]) => atS * 1000);
    values = points.map(([, text]) => parseSample(text));
  } else {
    times = grid.times;
    values = new Array<number | null>(times.length).fill(null);
    for (const [atS, text] of points) {
      const index = Math.round((atS * 1000 - grid.startMs) / grid.stepMs);
      if (index >= 0 && index < values.length) values[index] = parseSample(text);
    }
  }
  const interval = grid === undefined ? {} : { interval: grid.stepMs };
  return frameOf(
    options.refId,
    [
      fieldOf('Time', FieldType.time, times, { config: interval }),
      fieldOf(valueName(labels, options), FieldType.number, values, {
        labels: { ...labels },
        config: naming(labels, options),
      }),
    ],
    { meta: { type: 'timeseries-multi' as never } },
  );
}

/** Left to the panel (`__auto`), a name is made of the labels in which series differ. */
function naming(labels: Labels, { legend, expression }: FrameOptions): Field['config'] {
  if (legend === '__auto')
    return Object.keys(labels).length > 0 ? {} : { displayNameFromDS: expression.replace(/\s+/g, ' ') };
  if (legend === '') return { displayNameFromDS: seriesName(labels) };
  return { displayNameFromDS: formatLegend(legend, labels) };
}

function valueName(labels: Labels, { legend }: FrameOptions): string {
  return legend === '__auto' && labels.__name__ !== undefined ? labels.__name__ : 'Value';
}

/** One row for each point of each series, a column for each label. */
function tableFrame(series: readonly Series[], options: FrameOptions): DataFrame {
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const rows = series.flatMap(({ labels, points }) => points.map((point) => ({ labels, point })));
  if (options.grid !== undefined) rows.sort((a, b) => a.point[0] - b.point[0]);
  const value = options.severalTables ? `Value #${options.refId}` : 'Value';
  return frameOf(options.refId, [
    fieldOf(
      'Time',
      FieldType.time,
      rows.map(({ point }) => point[0] * 1000),
    ),
    ...names.map((name) =>
      fieldOf(
        name,
        FieldType.string,
        rows.map(({ labels }) => labels[name] ?? ''),
        { config: { filterable: true } },
      ),
    ),
    fieldOf(
      value,
      FieldType.number,
      rows.map(({ point }) => parseSample(point[1])),
    ),
  ]);
}

/** Buckets of a classic histogram, in order, each without what the smaller ones hold. */
function heatmapFrames(series: readonly Series[], options: FrameOptions): readonly DataFrame[] {
  const grid = options.grid === undefined ? undefined : gridTimes(options.grid);
  const sorted = series.toSorted((a, b) => parseSample(a.labels.le ?? '+Inf') - parseSample(b.labels.le ?? '+Inf'));
  const frames = sorted.map((one) => seriesFrame(one, { ...options, legend: options.legend || '{{le}}' }, grid));
  for (let i = frames.length - 1; i > 0; i--) {
    const values = frames[i]!.fields[1]!.values as (number | null)[];
    const below = frames[i - 1]!.fields[1]!.values as (number | null)[];
    for (let k = 0; k < values.length; k++) {
      if (values[k] != null && below[k] != null) values[k] = Math.max(0, values[k]! - below[k]!);
    }
  }
  return frames;
}

function scalarFrame([atS, text]: PrometheusPoint, type: 'scalar' | 'string', options: FrameOptions): DataFrame {
  const isNumber = type === 'scalar';
  const config = options.legend === '' || options.legend === '__auto' ? {} : { displayNameFromDS: options.legend };
  return frameOf(options.refId, [
    fieldOf('Time', FieldType.time, [atS * 1000]),
    fieldOf('Value', isNumber ? FieldType.number : FieldType.string, [isNumber ? parseSample(text) : text], { config }),
  ]);
}
