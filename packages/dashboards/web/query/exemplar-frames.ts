/** Exemplars of a query: single measurements with the trace that they belong to. */
import { fieldOf, frameOf, type Labels } from '../../model/frames/build-frame.ts';
import { type DataFrame, FieldType } from '../../model/frames/grafana-data.ts';

export interface ExemplarSeries {
  readonly seriesLabels: Labels;
  readonly exemplars: readonly { readonly labels: Labels; readonly value: string; readonly timestamp: number }[];
}

export interface Exemplar {
  readonly timeMs: number;
  readonly value: number;
  readonly labels: Labels;
}

const KIND = 'exemplar';

/** A chart with more dots than this is a smear; the largest values of each stretch are kept. */
const EXEMPLARS_MAX = 60;

export function exemplarFrames(series: readonly ExemplarSeries[], refId: string): readonly DataFrame[] {
  const all = series.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map(({ labels, value, timestamp }) => ({
      timeMs: timestamp * 1000,
      value: Number(value),
      labels: { ...seriesLabels, ...labels },
    })),
  );
  const seen = new Map(all.map((exemplar) => [exemplar.labels.trace_id ?? `${exemplar.timeMs}`, exemplar]));
  const kept = thinOut([...seen.values()]);
  return [
    frameOf(
      refId,
      [
        fieldOf(
          'Time',
          FieldType.time,
          kept.map(({ timeMs }) => timeMs),
        ),
        fieldOf(
          'Value',
          FieldType.other,
          kept.map(({ value }) => value),
        ),
        fieldOf(
          'labels',
          FieldType.other,
          kept.map(({ labels }) => labels),
        ),
      ],
      { name: KIND, meta: { custom: { resultType: KIND } } },
    ),
  ];
}

function thinOut(exemplars: readonly Exemplar[]): readonly Exemplar[] {
  if (exemplars.length <= EXEMPLARS_MAX) return exemplars;
  const sorted = exemplars.toSorted((a, b) => a.timeMs - b.timeMs);
  const chunk = sorted.length / EXEMPLARS_MAX;
  return Array.from({ length: EXEMPLARS_MAX }, (_, index) => {
    const part = sorted.slice(
      Math.floor(index * chunk),
      Math.max(Math.floor(index * chunk) + 1, Math.floor((index + 1) * chunk)),
    );
    return part.reduce((largest, exemplar) => (exemplar.value > largest.value ? exemplar : largest));
  });
}

export function isExemplarFrame(frame: DataFrame): boolean {
  return frame.meta?.custom?.resultType === KIND;
}

export function exemplarsOf(frames: readonly DataFrame[]): readonly Exemplar[] {
  return frames.filter(isExemplarFrame).flatMap((frame) => {
    const [times, values, labels] = frame.fields;
    return times!.values.map((timeMs, row) => ({
      timeMs: timeMs as number,
      value: values!.values[row] as number,
      labels: labels!.values[row] as Labels,
    }));
  });
}
