/** Transformations that Grafana keeps outside @grafana/data. */

import { map } from 'rxjs';
import { extractFields } from './extract-fields.ts';
import { type DataFrame, type DataTransformerInfo, type Field, FieldType, reduceField } from './grafana-data.ts';
import { prepareTimeSeries } from './prepare-time-series.ts';
import { rowsToFields } from './rows-to-fields.ts';

interface TimeSeriesTableOptions {
  readonly [refId: string]: { readonly stat?: string } | undefined;
}

/** One row for each series: its labels, and its points as a small chart. */
const timeSeriesTable: DataTransformerInfo<TimeSeriesTableOptions> = {
  id: 'timeSeriesTable' as DataTransformerInfo['id'],
  name: 'Time series to table',
  defaultOptions: {},
  operator: (options) => (source) => source.pipe(map((frames) => seriesToTables(frames, options))),
};

function seriesToTables(frames: DataFrame[], options: TimeSeriesTableOptions): DataFrame[] {
  const byRefId = Map.groupBy(frames, (frame) => frame.refId ?? 'A');
  return [...byRefId].map(([refId, group]) => tableOf(group, refId, options[refId]?.stat ?? 'lastNotNull'));
}

function tableOf(frames: readonly DataFrame[], refId: string, stat: string): DataFrame {
  const rows = frames.flatMap((frame) =>
    frame.fields.filter((field) => field.type === FieldType.number).map((field) => ({ frame, field })),
  );
  const names = [...new Set(rows.flatMap(({ field }) => Object.keys(field.labels ?? {})))];
  const labels: Field[] = names.map((name) => ({
    name,
    type: FieldType.string,
    config: {},
    values: rows.map(({ field }) => field.labels?.[name]),
  }));
  const trend: Field = {
    name: 'Trend',
    type: FieldType.frame,
    config: {},
    labels: { refId },
    values: rows.map(({ frame, field }) => ({
      ...frame,
      value: reduceField({ field, reducers: [stat] })[stat] ?? null,
    })),
  };
  return { refId, fields: [...labels, trend], length: rows.length, meta: { type: 'timeseries-table' as never } };
}

interface PartitionOptions {
  readonly fields?: readonly string[];
  readonly keepFields?: boolean;
}

/** One frame for each combination of values of some fields. */
const partitionByValues: DataTransformerInfo<PartitionOptions> = {
  id: 'partitionByValues' as DataTransformerInfo['id'],
  name: 'Partition by values',
  defaultOptions: {},
  operator: (options) => (source) => source.pipe(map((frames) => frames.flatMap((frame) => partition(frame, options)))),
};

function partition(frame: DataFrame, { fields = [], keepFields = false }: PartitionOptions): DataFrame[] {
  const keys = frame.fields.filter((field) => fields.includes(field.name));
  if (keys.length === 0) return [frame];
  const groups = Map.groupBy(
    Array.from({ length: frame.length }, (_, row) => row),
    (row) => JSON.stringify(keys.map((key) => key.values[row])),
  );
  return [...groups].map(([, rows]) => {
    const first = rows[0]!;
    const labels = Object.fromEntries(keys.map((key) => [key.name, String(key.values[first])]));
    const kept = keepFields ? frame.fields : frame.fields.filter((field) => !keys.includes(field));
    const name = Object.values(labels).join(' ');
    return {
      ...frame,
      name,
      length: rows.length,
      fields: kept.map((field) => ({
        ...field,
        state: null,
        labels: field.type === FieldType.time ? field.labels! : { ...field.labels, ...labels },
        values: rows.map((row) => field.values[row]),
      })),
    };
  });
}

export const ownTransformers: readonly DataTransformerInfo[] = [
  timeSeriesTable,
  partitionByValues,
  prepareTimeSeries,
  rowsToFields,
  extractFields,
];
