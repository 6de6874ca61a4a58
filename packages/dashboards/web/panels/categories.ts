/** From frames to bars with names: one group a row, one bar a numeric field. */
import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
} from '../../model/frames/grafana-data.ts';

export interface BarSeries {
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly text: (value: number) => string;
}

export interface Categories {
  readonly names: readonly string[];
  readonly series: readonly BarSeries[];
}

/** `xField` names the field of names; else the first text, else the time; series of one value each become the groups. */
export function categoriesOf(
  frames: readonly DataFrame[],
  theme: GrafanaTheme2,
  xField: string,
  formatTime: (timeMs: number) => string,
): Categories {
  if (frames.length > 1 && frames.every((frame) => frame.length <= 1)) return singleValues(frames, theme);
  const [frame] = frames;
  if (frame === undefined) return { names: [], series: [] };
  if (frames.length > 1) return lastValues(frames, theme);
  const wanted =
    xField === ''
      ? undefined
      : frame.fields.find((field) => getFieldDisplayName(field, frame) === xField || field.name === xField);
  const x =
    wanted ??
    frame.fields.find(({ type }) => type === FieldType.string) ??
    frame.fields.find(({ type }) => type === FieldType.time);
  const names = Array.from({ length: frame.length }, (_, row) =>
    x === undefined ? String(row + 1) : nameAt(x, row, formatTime),
  );
  const series = frame.fields
    .filter((field) => field.type === FieldType.number && field !== x)
    .map((field) => seriesOf(field, frame, theme));
  return { names, series };
}

function nameAt(field: Field, row: number, formatTime: (timeMs: number) => string): string {
  const value: unknown = field.values[row];
  return field.type === FieldType.time ? formatTime(value as number) : formattedValueToString(field.display!(value));
}

function seriesOf(field: Field, frame: DataFrame, theme: GrafanaTheme2): BarSeries {
  return {
    name: getFieldDisplayName(field, frame),
    color: getFieldSeriesColor(field, theme).color,
    values: (field.values as (number | null)[]).map((value) =>
      value == null || !Number.isFinite(value) ? null : value,
    ),
    text: (value) => formattedValueToString(field.display!(value)),
  };
}

/** Each frame one bar, named after its series. */
function singleValues(frames: readonly DataFrame[], theme: GrafanaTheme2): Categories {
  const all = [...frames];
  const fields = frames.flatMap((frame) =>
    frame.fields.filter(({ type }) => type === FieldType.number).map((field) => ({ frame, field })),
  );
  const [first] = fields;
  if (first === undefined) return { names: [], series: [] };
  return {
    names: fields.map(({ frame, field }) => getFieldDisplayName(field, frame, all)),
    series: [
      {
        ...seriesOf(first.field, first.frame, theme),
        name: 'Value',
        values: fields.map(({ field }) => (field.values[0] as number | undefined) ?? null),
      },
    ],
  };
}

/** Series over time have no categories of their own: each is a bar with its last value. */
function lastValues(frames: readonly DataFrame[], theme: GrafanaTheme2): Categories {
  const shortened = frames.map((frame) => {
    const numeric = frame.fields.find(({ type }) => type === FieldType.number);
    const last = (numeric?.values as (number | null)[] | undefined)?.findLastIndex((value) => value != null) ?? -1;
    return {
      ...frame,
      length: last < 0 ? 0 : 1,
      fields: frame.fields.map((field) => ({ ...field, values: last < 0 ? [] : [field.values[last]] })),
    };
  });
  return singleValues(shortened, theme);
}
