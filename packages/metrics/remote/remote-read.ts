/** The remote-read server: raw samples (the protocol's SAMPLES) of what matches, protobuf in snappy, the real server's answers. */
import { CorruptError, decompressSnappy, TooLargeError } from '@mario/otlp';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { Queryable } from '../queryable.ts';
import { type ReadQuery, type ReadRequest, readReadRequest } from './read-request.ts';
import { positionsBetween, SeriesEncoder } from './series-encoder.ts';
import { joinElements, SnappyPieces, shortLiteral, varintBytes } from './snappy-pieces.ts';
import { WireError } from './wire-reader.ts';

/** Decompressed; a request holds matchers. As the real server's decodeReadLimit. */
const REQUEST_BYTES_MAX = 32 * 1024 * 1024;

/** Samples that one query may give: the real server's `--storage.remote.read-sample-limit`. */
export const READ_SAMPLES_MAX = 50_000_000;

/** Before compression. As much as that many floats take; histograms are larger, and the answer is held in memory. */
const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;

/** After so many samples other work has a turn: some milliseconds. */
const SLICE_SAMPLES = 50_000;

/** The protocol's ResponseType 0. STREAMED_XOR_CHUNKS (1) is for who cannot hold an answer; all who send it take 0 too. */
const SAMPLES = 0;

export interface RemoteReadOptions {
  readonly queryable: Queryable;
  /** Put on every series, and taken out of the matchers. */
  readonly externalLabels: () => Labels;
  readonly samplesMax?: number | undefined;
}

export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** What the client is told with its status. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class RemoteRead {
  readonly #options: RemoteReadOptions;
  readonly #samplesMax: number;

  constructor(options: RemoteReadOptions) {
    this.#options = options;
    this.#samplesMax = options.samplesMax ?? READ_SAMPLES_MAX;
  }

  /** What is wrong becomes the answer; rejects with the signal's reason when the client goes away. */
  async answer(body: Uint8Array, signal: AbortSignal): Promise<ReadAnswer> {
    try {
      const request = decode(body);
      checkAccepted(request.acceptedTypes);
      const elements: Uint8Array[] = [];
      let sizeBytes = 0;
      for (const query of request.queries) {
        const result = await this.#read(query, ANSWER_BYTES_MAX - sizeBytes, signal);
        // The result as field 1 of the answer; its length is known now.
        const head = Uint8Array.from([10, ...varintBytes(result.sizeBytes)]);
        elements.push(shortLiteral(head), ...result.elements());
        sizeBytes += head.length + result.sizeBytes;
      }
      return {
        status: 200,
        headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
        body: joinElements(sizeBytes, elements),
      };
    } catch (error) {
      signal.throwIfAborted();
      return refuse(error instanceof Refusal ? error.status : 500, (error as Error).message);
    }
  }

  async #read({ startMs, endMs, matchers, func }: ReadQuery, bytesMax: number, signal: AbortSignal) {
    const external = this.#options.externalLabels();
    const wanted = withoutExternal(matchers, external);
    const set = await this.#options.queryable.select(wanted, { startMs, endMs, func, signal });
    const encoder = new SeriesEncoder();
    const pieces = new SnappyPieces();
    let sampleCount = 0;
    let sliceCount = 0;
    for (const [i, labels] of set.labels.entries()) {
      const samples = set.read(i);
      const { from, to } = func === 'series' ? { from: 0, to: 0 } : positionsBetween(samples, startMs, endMs);
      sampleCount += to - from;
      if (sampleCount > this.#samplesMax) throw new Refusal(400, `exceeded sample limit (${this.#samplesMax})`);
      if (from === to && func !== 'series') continue;
      const compressed = pieces.add(encoder.encode(1, mergeLabels(labels, external), samples, from, to));
      if (pieces.sizeBytes > bytesMax) throw new Refusal(400, `the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
      sliceCount += to - from + 100;
      if (compressed || sliceCount > SLICE_SAMPLES) {
        sliceCount = 0;
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    }
    return pieces;
  }
}

function decode(body: Uint8Array): ReadRequest {
  try {
    return readReadRequest(decompressSnappy(body, REQUEST_BYTES_MAX));
  } catch (error) {
    if (error instanceof WireError || error instanceof CorruptError || error instanceof TooLargeError) {
      throw new Refusal(400, error.message);
    }
    throw error;
  }
}

function checkAccepted(types: readonly number[]): void {
  if (types.length === 0 || types.includes(SAMPLES)) return;
  const names = types.map((type) => (type === 1 ? 'STREAMED_XOR_CHUNKS' : String(type)));
  throw new Refusal(
    400,
    `server does not support any of the requested response types: [${names.join(' ')}]; supported: map[SAMPLES:{}]`,
  );
}

/** What is asked of an external label is true of all that is here. */
function withoutExternal(matchers: readonly LabelMatcher[], external: Labels): readonly LabelMatcher[] {
  return matchers.filter(({ name, op, value }) => !(op === '=' && external.has(name) && external.get(name) === value));
}

/** A label of the series itself wins. */
function mergeLabels(labels: Labels, external: Labels): Labels {
  let merged = labels;
  for (const [name, value] of external) if (!labels.has(name)) merged = merged.with(name, value);
  return merged;
}

function refuse(status: number, message: string): ReadAnswer {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: `${message}\n`,
  };
}
