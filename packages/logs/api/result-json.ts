/** Results in Loki's JSON shapes. Times of lines are strings of nanoseconds, times of samples are seconds. */

import type { LogEntry, LogStream } from '../logql/evaluation/log-query.ts';
import type { Matrix, Series } from '../logql/evaluation/matrix.ts';
import { formatSample } from '../logql/go-number.ts';
import { type Labels, labelsObject } from '../logql/labels.ts';
import type { QueryData, QueryResult } from './query-engine.ts';
import { statisticsJson } from './statistics-json.ts';

/** The flag that a client sends and gets back when labels come apart by where they are from. */
export const CATEGORIZE_LABELS = 'categorize-labels';

/** Milliseconds are as fine as Loki writes sample times. */
export function sampleTime(timeNs: bigint): number {
  return Number(timeNs / 1_000_000n) / 1000;
}

export function resultJson(result: QueryResult, categorize: boolean): string {
  const { resultType, items } = dataJson(result.data, categorize);
  const flags = categorize ? `"encodingFlags":["${CATEGORIZE_LABELS}"],` : '';
  return `{"status":"success","data":{"resultType":"${resultType}",${flags}"result":${items},"stats":${JSON.stringify(statisticsJson(result))}}}`;
}

function dataJson(data: QueryData, categorize: boolean): { resultType: string; items: string } {
  switch (data.kind) {
    case 'scalar':
      return { resultType: 'scalar', items: JSON.stringify([sampleTime(data.timeNs), formatSample(data.value)]) };
    case 'vector':
      return { resultType: 'vector', items: vectorJson(data.series, data.timeNs) };
    case 'matrix':
      return { resultType: 'matrix', items: matrixJson(data.series, data.steps.startNs, data.steps.stepNs) };
    case 'streams':
      return {
        resultType: 'streams',
        items: `[${data.streams.map((stream) => streamJson(stream, categorize)).join(',')}]`,
      };
  }
}

export function vectorJson(series: Matrix, timeNs: bigint): string {
  const time = sampleTime(timeNs);
  return JSON.stringify(
    series.map(({ labels, values }) => ({ metric: labelsObject(labels), value: [time, formatSample(values[0]!)] })),
  );
}

export function matrixJson(series: Matrix, startNs: bigint, stepNs: number): string {
  return JSON.stringify(
    series.map((one) => ({ metric: labelsObject(one.labels), values: pointsOf(one, startNs, stepNs) })),
  );
}

function pointsOf({ values, present }: Series, startNs: bigint, stepNs: number): [number, string][] {
  const startMs = Number(startNs / 1_000_000n);
  const points: [number, string][] = [];
  for (let step = 0; step < values.length; step++) {
    if (present[step] === 1)
      points.push([(startMs + Math.floor((step * stepNs) / 1e6)) / 1000, formatSample(values[step]!)]);
  }
  return points;
}

export function streamJson(stream: LogStream, categorize: boolean): string {
  const labels = categorize ? stream.stream : stream.labels;
  const values = stream.entries.map((entry) => entryJson(entry, categorize)).join(',');
  return `{"stream":${JSON.stringify(labelsObject(labels))},"values":[${values}]}`;
}

function entryJson(entry: LogEntry, categorize: boolean): string {
  const plain = `"${entry.timeNs}",${JSON.stringify(entry.line)}`;
  return categorize ? `[${plain},${categoriesJson(entry.metadata, entry.parsed)}]` : `[${plain}]`;
}

function categoriesJson(metadata: Labels, parsed: Labels): string {
  return JSON.stringify({
    ...(metadata.length > 0 ? { structuredMetadata: labelsObject(metadata) } : {}),
    ...(parsed.length > 0 ? { parsed: labelsObject(parsed) } : {}),
  });
}
