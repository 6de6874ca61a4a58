/** Results of queries as JSON: written in pieces, so that a large matrix neither stands in memory nor stops intake. */
import type { Labels } from '../model/labels.ts';
import type { InstantSample, MatrixSeries } from '../promql/index.ts';
import { formatHistogram, formatSample, formatTimestamp, goJson } from './go-json.ts';

/** Pieces are collected to this size before they are sent: smaller ones cost a system call each. */
const PIECE_CHARS = 64 * 1024;

/** In the order of the label set, which is that of Go's maps. */
export function labelsJson({ pairs }: Labels): string {
  let json = '';
  for (let i = 0; i < pairs.length; i += 2) {
    json += `${i === 0 ? '' : ','}${textJson(pairs[i]!)}:${textJson(pairs[i + 1]!)}`;
  }
  return `{${json}}`;
}

/** Nothing in it has to be escaped, in JSON or as Go does it. */
const PLAIN_TEXT = /^[ !#-%'-;=?-[\]-~]*$/;

function textJson(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : goJson(text);
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
  const times = new PointHeads();
  yield* inPieces(series, ({ labels, timestamps, values, histograms }) => {
    let floats = '';
    let natives = '';
    for (let i = 0; i < timestamps.length; i++) {
      const head = times.of(timestamps[i]!);
      const histogram = histograms?.[i];
      if (histogram === undefined) floats += `${head}"${formatSample(values[i]!)}"]`;
      else natives += `${head}${formatHistogram(histogram)}]`;
    }
    const points: string[] = [];
    if (floats !== '') points.push(`"values":[${floats.slice(1)}]`);
    if (natives !== '') points.push(`"histograms":[${natives.slice(1)}]`);
    return points.length === 0 ? undefined : `{"metric":${labelsJson(labels)},${points.join(',')}}`;
  });
}

/**
 * `,[1435781451.781,` for each time. Series of a range query have the same times, mostly all of them one after the other,
 * so each is written once and found beside the one before.
 */
class PointHeads {
  readonly #times: number[] = [];
  readonly #heads: string[] = [];
  readonly #places = new Map<number, number>();
  #next = 0;

  of(timestampMs: number): string {
    let at = this.#next;
    if (this.#times[at] !== timestampMs) {
      at = this.#places.get(timestampMs) ?? this.#add(timestampMs);
    }
    this.#next = at + 1;
    return this.#heads[at]!;
  }

  #add(timestampMs: number): number {
    const at = this.#times.push(timestampMs) - 1;
    this.#heads.push(`,[${formatTimestamp(timestampMs)},`);
    this.#places.set(timestampMs, at);
    return at;
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
