/** Results of queries as JSON: written in pieces, so that a large matrix neither stands in memory nor stops intake. */

import type { FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import { ABSENT, FLOAT, type StepSeries, type Steps, stepTime } from '../promql/engine/value.ts';
import { formatHistogram, formatSample, formatTimestamp, goJson } from './go-json.ts';

/** Pieces are collected to this size before they are sent: smaller ones cost a system call each. */
const PIECE_CHARS = 64 * 1024;

export function labelsJson(labels: Labels): string {
  return goJson(labels.toObject());
}

/** `[{"metric":{…},"value":[…]},…]` of one step. */
export function* vectorJson(series: readonly StepSeries[], timeMs: number): Generator<string> {
  const time = formatTimestamp(timeMs);
  yield* inPieces(function* () {
    for (const one of series) {
      if (one.presence[0] === ABSENT) continue;
      const sample =
        one.presence[0] === FLOAT
          ? `"value":[${time},"${formatSample(one.values[0]!)}"]`
          : `"histogram":[${time},${formatHistogram(one.histograms![0]!)}]`;
      yield `{"metric":${labelsJson(one.labels)},${sample}}`;
    }
  });
}

/** `[{"metric":{…},"values":[…]},…]` over all steps; series without any point are left out. */
export function* matrixJson(series: readonly StepSeries[], steps: Steps): Generator<string> {
  // Times repeat in every series, so each is written once.
  const times = Array.from({ length: steps.count }, (_, i) => formatTimestamp(stepTime(steps, i)));
  yield* inPieces(function* () {
    for (const { labels, presence, values, histograms } of series) {
      let floats = '';
      let natives = '';
      for (let i = 0; i < presence.length; i++) {
        if (presence[i] === ABSENT) continue;
        if (presence[i] === FLOAT) floats += `${floats === '' ? '' : ','}[${times[i]},"${formatSample(values[i]!)}"]`;
        else natives += `${natives === '' ? '' : ','}[${times[i]},${formatHistogram(histograms![i]!)}]`;
      }
      const points = pointsJson(floats, natives);
      if (points !== '') yield `{"metric":${labelsJson(labels)},${points}}`;
    }
  });
}

export interface RawSeries {
  readonly labels: Labels;
  readonly timestamps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** By position; undefined where the sample is a float. */
  readonly histograms: readonly (FloatHistogram | undefined)[] | null;
}

/** As stored, not at steps: the answer to an instant query for a range vector. */
export function* rawMatrixJson(series: readonly RawSeries[]): Generator<string> {
  yield* inPieces(function* () {
    for (const { labels, timestamps, values, histograms } of series) {
      const floats: string[] = [];
      const natives: string[] = [];
      for (let i = 0; i < timestamps.length; i++) {
        const time = formatTimestamp(timestamps[i]!);
        const histogram = histograms?.[i];
        if (histogram === undefined) floats.push(`[${time},"${formatSample(values[i]!)}"]`);
        else natives.push(`[${time},${formatHistogram(histogram)}]`);
      }
      const points = pointsJson(floats.join(','), natives.join(','));
      if (points !== '') yield `{"metric":${labelsJson(labels)},${points}}`;
    }
  });
}

function pointsJson(floats: string, natives: string): string {
  const parts: string[] = [];
  if (floats !== '') parts.push(`"values":[${floats}]`);
  if (natives !== '') parts.push(`"histograms":[${natives}]`);
  return parts.join(',');
}

/** A JSON array of the items, in pieces of about PIECE_CHARS. */
function* inPieces(items: () => Iterable<string>): Generator<string> {
  let piece = '[';
  let first = true;
  for (const item of items()) {
    piece += first ? item : `,${item}`;
    first = false;
    if (piece.length >= PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]`;
}
