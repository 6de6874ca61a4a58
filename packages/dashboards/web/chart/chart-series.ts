/** From data frames to what a chart draws: one column of times shared by all series. */
import {
  type DataFrame,
  type DisplayProcessor,
  type Field,
  FieldType,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
} from '../../model/frames/grafana-data.ts';

export type Values = readonly (number | null | undefined)[];

/** How one series is drawn, under Grafana's names; everything may be missing. */
export interface DrawSettings {
  readonly drawStyle?: 'line' | 'bars' | 'points';
  readonly lineInterpolation?: 'linear' | 'smooth' | 'stepBefore' | 'stepAfter';
  readonly lineWidth?: number;
  readonly fillOpacity?: number;
  readonly fillBelowTo?: string;
  readonly gradientMode?: 'none' | 'opacity' | 'hue' | 'scheme';
  readonly lineStyle?: { readonly fill?: 'solid' | 'dash' | 'dot'; readonly dash?: readonly number[] };
  readonly showPoints?: 'auto' | 'always' | 'never';
  readonly pointSize?: number;
  readonly spanNulls?: boolean | number;
  readonly nullsAsZero?: boolean;
  readonly stacking?: { readonly mode?: 'none' | 'normal' | 'percent'; readonly group?: string };
  readonly axisPlacement?: 'auto' | 'left' | 'right' | 'hidden';
  readonly axisLabel?: string;
  readonly axisSoftMin?: number;
  readonly axisSoftMax?: number;
  readonly axisGridShow?: boolean;
  readonly scaleDistribution?: { readonly type?: 'linear' | 'log' | 'symlog'; readonly log?: number };
  readonly thresholdsStyle?: { readonly mode?: 'off' | 'line' | 'dashed' | 'area' | 'line+area' | 'dashed+area' };
  readonly hideFrom?: { readonly legend?: boolean; readonly tooltip?: boolean; readonly viz?: boolean };
  readonly transform?: 'constant' | 'negative-Y';
  readonly barAlignment?: -1 | 0 | 1;
  readonly barWidthFactor?: number;
}

export interface ChartSeries {
  /** Unique in the chart. */
  readonly name: string;
  readonly color: string;
  /** On the chart's times; null where there is no value. */
  readonly values: Values;
  readonly display: DisplayProcessor;
  readonly unit: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly draw: DrawSettings;
  readonly field: Field;
}

export interface ChartData {
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** `frames` have their field settings applied. Frames without a time are not drawn. */
export function chartDataOf(frames: readonly DataFrame[], theme: GrafanaTheme2): ChartData {
  const columns = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) return [];
    return frame.fields
      .filter((field) => field.type === FieldType.number || field.type === FieldType.boolean)
      .map((field) => ({ times: time.values as number[], field, frame }));
  });
  const timesMs = commonTimes(columns.map(({ times }) => times));
  const all = [...frames];
  const names = new Map<string, number>();
  const series = columns.map(({ times, field, frame }) => {
    const name = uniqueName(getFieldDisplayName(field, frame, all), names);
    const draw = (field.config.custom ?? {}) as DrawSettings;
    return {
      name,
      color: getFieldSeriesColor(field, theme).color,
      values: prepared(alignTo(timesMs, times, field.values as (number | null)[]), draw),
      display: field.display!,
      unit: field.config.unit ?? '',
      min: field.config.min ?? undefined,
      max: field.config.max ?? undefined,
      draw,
      field,
    };
  });
  return { timesMs, series };
}

/** Series of one query share their array of times, so the common case costs nothing. */
function commonTimes(columns: readonly (readonly number[])[]): readonly number[] {
  const distinct = [...new Set(columns)];
  const [first] = distinct;
  if (first === undefined) return [];
  if (distinct.every((times) => sameTimes(times, first)) && isAscending(first)) return first;
  return [...new Set(distinct.flat())].sort((a, b) => a - b);
}

function sameTimes(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((time, index) => time === b[index]));
}

function isAscending(times: readonly number[]): boolean {
  return times.every((time, index) => index === 0 || time > times[index - 1]!);
}

/** Undefined where another series has a time and this one does not: a line goes through, unlike at a null. */
function alignTo(timesMs: readonly number[], times: readonly number[], values: Values): Values {
  if (timesMs.length === times.length && (timesMs === times || sameTimes(timesMs, times))) return values;
  const byTime = new Map(times.map((time, index) => [time, values[index]]));
  return timesMs.map((time) => byTime.get(time));
}

function prepared(values: Values, draw: DrawSettings): Values {
  const negative = draw.transform === 'negative-Y';
  if (!negative && draw.nullsAsZero !== true && !values.some((value) => value != null && !Number.isFinite(value)))
    return values;
  return values.map((value) => {
    if (value == null) return draw.nullsAsZero === true ? 0 : value;
    // Infinity and NaN cannot be drawn; they are gaps, as in Grafana.
    if (!Number.isFinite(value)) return null;
    return negative ? -value : value;
  });
}

function uniqueName(name: string, taken: Map<string, number>): string {
  const count = (taken.get(name) ?? 0) + 1;
  taken.set(name, count);
  return count === 1 ? name : `${name} ${count}`;
}
