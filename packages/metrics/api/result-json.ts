/** Results of queries as JSON: written in pieces, so that a large matrix neither stands in memory nor stops intake. */
import type { Labels } from '../model/labels.ts';
import type { InstantSample, MatrixSeries } from '../promql/index.ts';
import { formatHistogram, formatSample, formatTimestamp, goJson } from './go-json.ts';

/** Pieces are collected to this size before they are sent: smaller ones cost a system call each. */
const PIECE_CHARS = 64 * 1024;

export function labelsJson(labels: Labels): string {
  return goJson(labels.toObject());
}

/** `[{"metric":{…},"value":[…]},…]` */
export function* vectorJson(samples: readonly InstantSample[], timeMs: number): Generator<string> {
  const time = formatTimestamp(timeMs);
  yield* inPieces(samples, ({ labels, value }) => {
    const sample =
      typeof value === 'number'
        ? `"value":[${time},"${formatSample(value)}"]`
        : `"histogram":[${time},${formatHistogram(value)}]`;
    return `{"metric":${labelsJson(labels)},${sample}}`;
  });
}

/** `[{"metric":{…},"values":[…]},…]`; series without any point are left out. */
export function* matrixJson(series: readonly MatrixSeries[]): Generator<string> {
  const times = new TimeTexts();
  yield* inPieces(series, ({ labels, timestamps, values, histograms }) => {
    const texts = times.of(timestamps);
    let floats = '';
    let natives = '';
    for (let i = 0; i < timestamps.length; i++) {
      const histogram = histograms?.[i];
      if (histogram === undefined) floats += `${floats === '' ? '' : ','}[${texts[i]},"${formatSample(values[i]!)}"]`;
      else natives += `${natives === '' ? '' : ','}[${texts[i]},${formatHistogram(histogram)}]`;
    }
    const points: string[] = [];
    if (floats !== '') points.push(`"values":[${floats}]`);
    if (natives !== '') points.push(`"histograms":[${natives}]`);
    return points.length === 0 ? undefined : `{"metric":${labelsJson(labels)},${points.join(',')}}`;
  });
}

/** Series of a range query share their times, so each time is written once, not once a series. */
class TimeTexts {
  #timestamps: Float64Array | undefined;
  #texts: readonly string[] = [];

  of(timestamps: Float64Array): readonly string[] {
    if (timestamps !== this.#timestamps) {
      this.#texts = Array.from(timestamps, formatTimestamp);
      this.#timestamps = timestamps;
    }
    return this.#texts;
  }
}

/** A JSON array of the items, in pieces of about PIECE_CHARS; an item without text is left out. */
function* inPieces<T>(items: readonly T[], write: (item: T) => string | undefined): Generator<string> {
  let piece = '[';
  let separator = '';
  for (const item of items) {
    const text = write(item);
    if (text === undefined) continue;
    piece += separator + text;
    separator = ',';
    if (piece.length >= PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]`;
}
