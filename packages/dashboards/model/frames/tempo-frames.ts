/** Answers of Tempo's search and metrics API to data frames. */
import { fieldOf, formatLegend, frameOf, type Labels } from './build-frame.ts';
import { type DataFrame, FieldType } from './grafana-data.ts';

export interface TempoSearchHit {
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly startTimeUnixNano?: string;
  readonly durationMs?: number;
}

export function tempoSearchFrames(traces: readonly TempoSearchHit[], refId: string): readonly DataFrame[] {
  return [
    frameOf(
      refId,
      [
        fieldOf(
          'traceID',
          FieldType.string,
          traces.map(({ traceID }) => traceID),
          { config: { displayNameFromDS: 'Trace ID' } },
        ),
        fieldOf(
          'startTime',
          FieldType.time,
          traces.map(({ startTimeUnixNano }) => Number((startTimeUnixNano ?? '0').slice(0, -6) || '0')),
          {
            config: { displayNameFromDS: 'Start time' },
          },
        ),
        fieldOf(
          'traceService',
          FieldType.string,
          traces.map(({ rootServiceName }) => rootServiceName ?? ''),
          { config: { displayNameFromDS: 'Service' } },
        ),
        fieldOf(
          'traceName',
          FieldType.string,
          traces.map(({ rootTraceName }) => rootTraceName ?? ''),
          { config: { displayNameFromDS: 'Name' } },
        ),
        fieldOf(
          'traceDuration',
          FieldType.number,
          traces.map(({ durationMs }) => durationMs ?? 0),
          {
            config: { displayNameFromDS: 'Duration', unit: 'ms' },
          },
        ),
      ],
      { meta: { preferredVisualisationType: 'table' } },
    ),
  ];
}

export interface TempoSeries {
  readonly labels?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly samples?: readonly { readonly timestampMs: string | number; readonly value?: number }[];
}

export function tempoMetricFrames(series: readonly TempoSeries[], refId: string, legend: string): readonly DataFrame[] {
  return series.map(({ labels = [], samples = [] }) => {
    const named: Labels = Object.fromEntries(
      labels.map(({ key, value }) => [key, String(Object.values(value)[0] ?? '')]),
    );
    const written = Object.entries(named).map(([key, value]) => `${key}=${value}`);
    const displayNameFromDS =
      legend === '' || legend === '__auto' ? `{${written.join(', ')}}` : formatLegend(legend, named);
    return frameOf(refId, [
      fieldOf(
        'Time',
        FieldType.time,
        samples.map(({ timestampMs }) => Number(timestampMs)),
      ),
      fieldOf(
        'Value',
        FieldType.number,
        samples.map(({ value }) => value ?? 0),
        { labels: { ...named }, config: { displayNameFromDS } },
      ),
    ]);
  });
}
