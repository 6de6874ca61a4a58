/** Results of queries as JSON: written in pieces, so that a large matrix neither stands in memory nor stops intake. */
import type { Labels } from '../model/labels.ts';
import type { InstantSample } from '../promql/index.ts';
import { formatHistogram, formatSample, formatTimestamp, goJson } from './go-json.ts';
import { JsonBytes } from './json-bytes.ts';
import type { JoinedSeries, MatrixPart } from './matrix-part.ts';

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

/** A piece is handed over as soon as it is so long; one series may make it longer. */
export interface PieceSize {
  readonly pieceBytes: number;
}

/** Room for what the last series of a piece brings over its size. */
const OVERHANG_BYTES = 16 * 1024;

/** `[{"metric":{…},"value":[…]},…]` behind `head`. */
export function* vectorJson(
  head: string,
  samples: readonly InstantSample[],
  timeMs: number,
  { pieceBytes }: PieceSize,
): Generator<Uint8Array<ArrayBuffer>> {
  const time = formatTimestamp(timeMs);
  let text = `${head}[`;
  let separator = '';
  for (const { labels, value } of samples) {
    const sample =
      typeof value === 'number'
        ? `"value":[${time},"${formatSample(value)}"]`
        : `"histogram":[${time},${formatHistogram(value)}]`;
    text += `${separator}{"metric":${labelsJson(labels)},${sample}}`;
    separator = ',';
    if (text.length >= pieceBytes) {
      yield encoder.encode(text);
      text = '';
    }
  }
  yield encoder.encode(`${text}]`);
}

const encoder = new TextEncoder();

const OPEN = 0x5b;

/** `[{"metric":{…},"values":[…]},…]` behind `head`; series without any point are left out. */
export function* matrixJson(
  head: string,
  parts: readonly MatrixPart[],
  joined: JoinedSeries,
  size: PieceSize,
): Generator<Uint8Array<ArrayBuffer>> {
  const json = new MatrixJson(head, joined.length, size);
  yield* json.series(parts, joined);
  yield json.end();
}

/** The same, where series are not all known at the same time. */
export class MatrixJson {
  readonly #json: JsonBytes;
  readonly #pieceBytes: number;
  #separator = '';

  constructor(head: string, seriesCount: number, { pieceBytes }: PieceSize) {
    // A short answer needs no whole piece.
    this.#json = new JsonBytes(Math.min(pieceBytes + OVERHANG_BYTES, 4096 + seriesCount * OVERHANG_BYTES));
    this.#pieceBytes = pieceBytes;
    this.#json.text(`${head}[`);
  }

  *series(parts: readonly MatrixPart[], joined: JoinedSeries): Generator<Uint8Array<ArrayBuffer>> {
    const json = this.#json;
    for (const row of joined) {
      const before = json.length;
      json.text(`${this.#separator}{"metric":${labelsJson(labelsOf(parts, row))}`);
      const some = [
        writePoints(json, ',"values":', row, (part, index) => parts[part]!.floats(json, index)),
        writePoints(json, ',"histograms":', row, (part, index) => parts[part]!.natives(json, index)),
      ];
      if (!some.includes(true)) {
        json.length = before;
        continue;
      }
      json.text('}');
      this.#separator = ',';
      if (json.length >= this.#pieceBytes) yield json.take();
    }
  }

  end(): Uint8Array<ArrayBuffer> {
    this.#json.text(']');
    return this.#json.take();
  }
}

function labelsOf(parts: readonly MatrixPart[], row: Int32Array): Labels {
  const part = row.findIndex((index) => index >= 0);
  return parts[part]!.labels[row[part]!]!;
}

/** The points of all parts as a list behind `name`; nothing, and false, when there are none. */
function writePoints(
  json: JsonBytes,
  name: string,
  row: Int32Array,
  write: (part: number, index: number) => void,
): boolean {
  const before = json.length;
  json.text(name);
  const begin = json.length;
  for (let part = 0; part < row.length; part++) if (row[part]! >= 0) write(part, row[part]!);
  if (json.length === begin) {
    json.length = before;
    return false;
  }
  // Every point begins with a comma.
  json.bytes[begin] = OPEN;
  json.text(']');
  return true;
}
