/** Answers of Loki's query API: streams to a frame of log lines; metric answers go the way of Prometheus. */
import { fieldOf, frameOf, type Labels } from './build-frame.ts';
import { type DataFrame, FieldType } from './grafana-data.ts';

/** With categorised labels a value carries `{structuredMetadata, parsed}` as its third part. */
export type LokiValue = readonly [string, string, LokiCategories?];

interface LokiCategories {
  readonly structuredMetadata?: Labels;
  readonly parsed?: Labels;
}

export interface LokiStream {
  readonly stream: Labels;
  readonly values: readonly LokiValue[];
}

export interface LogLine {
  /** Nanoseconds as text: they do not fit a number. */
  readonly timestampNs: string;
  readonly timeMs: number;
  readonly line: string;
  readonly labels: Labels;
  readonly stream: Labels;
}

/** Newest first, as Loki shows them. */
export function logLines(streams: readonly LokiStream[]): readonly LogLine[] {
  const lines = streams.flatMap(({ stream, values }) =>
    values.map(([timestampNs, line, categories]) => ({
      timestampNs,
      timeMs: Number(timestampNs.slice(0, -6) || '0'),
      line,
      stream,
      labels: categories === undefined ? stream : { ...stream, ...categories.structuredMetadata, ...categories.parsed },
    })),
  );
  return lines.sort((a, b) => compareNs(b.timestampNs, a.timestampNs));
}

function compareNs(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function lokiFrames(streams: readonly LokiStream[], refId: string): readonly DataFrame[] {
  const lines = logLines(streams);
  return [
    frameOf(
      refId,
      [
        fieldOf(
          'labels',
          FieldType.other,
          lines.map(({ labels }) => labels),
        ),
        fieldOf(
          'Time',
          FieldType.time,
          lines.map(({ timeMs }) => timeMs),
        ),
        fieldOf(
          'Line',
          FieldType.string,
          lines.map(({ line }) => line),
        ),
        fieldOf(
          'tsNs',
          FieldType.string,
          lines.map(({ timestampNs }) => timestampNs),
        ),
      ],
      { meta: { preferredVisualisationType: 'logs' } },
    ),
  ];
}

/** The lines of a frame that lokiFrames made. */
export function linesOf(frame: DataFrame): readonly LogLine[] {
  const [labels, times, lines, ns] = ['labels', 'Time', 'Line', 'tsNs'].map((name) =>
    frame.fields.find((field) => field.name === name),
  );
  if (lines === undefined) return [];
  return lines.values.map((line, row) => ({
    line: String(line),
    labels: (labels?.values[row] ?? {}) as Labels,
    stream: (labels?.values[row] ?? {}) as Labels,
    timeMs: Number(times?.values[row] ?? 0),
    timestampNs: String(ns?.values[row] ?? `${times?.values[row] ?? 0}000000`),
  }));
}
