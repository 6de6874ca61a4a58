/**
 * The remote-read server, with the real server's answers: raw samples of what matches (the protocol's SAMPLES, protobuf in
 * snappy, held in memory until its end) or a stream of frames with chunks (STREAMED_XOR_CHUNKS), as the client prefers.
 */
import { CorruptError, decompressSnappy, TooLargeError } from '@mario/otlp';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { Queryable, SeriesSet } from '../queryable.ts';
import { ChunkFrames, FRAME_BYTES_MAX, FRAMES_TYPE } from './chunk-frames.ts';
import { type ReadQuery, type ReadRequest, readReadRequest } from './read-request.ts';
import { emptyChunk, SeriesChunks } from './series-chunks.ts';
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

/** The protocol's ResponseType. */
const SAMPLES = 0;
const STREAMED_XOR_CHUNKS = 1;
const TYPE_NAMES = ['SAMPLES', 'STREAMED_XOR_CHUNKS'];

export interface RemoteReadOptions {
  readonly queryable: Queryable;
  /** Put on every series, and taken out of the matchers. */
  readonly externalLabels: () => Labels;
  readonly samplesMax?: number | undefined;
  readonly frameBytesMax?: number | undefined;
}

export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Frames come as they are read; who does not want the rest ends the iteration. Rejects when reading fails on the way. */
  readonly body: Buffer | string | AsyncGenerator<Buffer>;
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
      return negotiate(request.acceptedTypes) === SAMPLES
        ? await this.#answerSamples(request.queries, signal)
        : await this.#answerFrames(request.queries, signal);
    } catch (error) {
      signal.throwIfAborted();
      return refuse(error instanceof Refusal ? error.status : 500, (error as Error).message);
    }
  }

  async #answerSamples(queries: readonly ReadQuery[], signal: AbortSignal): Promise<ReadAnswer> {
    const elements: Uint8Array[] = [];
    let sizeBytes = 0;
    for (const query of queries) {
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
  }

  /** What fails before the first frame is an answer of its own. */
  async #answerFrames(queries: readonly ReadQuery[], signal: AbortSignal): Promise<ReadAnswer> {
    const frames = this.#frames(queries, signal);
    const first = await frames.next();
    const body = (async function* () {
      if (first.done) return;
      yield first.value;
      yield* frames;
    })();
    return { status: 200, headers: { 'content-type': FRAMES_TYPE }, body };
  }

  /** No limit on samples holds here, as in the real server: nothing of them is kept. */
  async *#frames(queries: readonly ReadQuery[], signal: AbortSignal): AsyncGenerator<Buffer> {
    const external = this.#options.externalLabels();
    const frames = new ChunkFrames(this.#options.frameBytesMax ?? FRAME_BYTES_MAX);
    const chunks = new SeriesChunks();
    let sliceCount = 0;
    for (const [number, query] of queries.entries()) {
      const { startMs, endMs, func } = query;
      const set = await this.#select(query, external, signal);
      for (const [i, labels] of set.labels.entries()) {
        const samples = set.read(i);
        const { from, to } = positionsBetween(samples, startMs, endMs);
        if (from === to) continue;
        const { timestamps } = samples;
        const cut =
          func === 'series' ? [emptyChunk(timestamps[from]!, timestamps[to - 1]!)] : chunks.of(samples, from, to);
        yield* frames.of(number, mergeLabels(labels, external), cut);
        sliceCount += to - from + 100;
        if (sliceCount <= SLICE_SAMPLES) continue;
        sliceCount = 0;
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    }
  }

  #select({ matchers, startMs, endMs, func }: ReadQuery, external: Labels, signal: AbortSignal) {
    const wanted = withoutExternal(matchers, external);
    return this.#options.queryable.select(wanted, { startMs, endMs, func, signal });
  }

  async #read(query: ReadQuery, bytesMax: number, signal: AbortSignal) {
    const { startMs, endMs, func } = query;
    const external = this.#options.externalLabels();
    const set: SeriesSet = await this.#select(query, external, signal);
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

/** The first that there is; raw samples for clients from before there was a choice. */
function negotiate(types: readonly number[]): number {
  const chosen = types.length === 0 ? SAMPLES : types.find((type) => type === SAMPLES || type === STREAMED_XOR_CHUNKS);
  if (chosen !== undefined) return chosen;
  const names = types.map((type) => TYPE_NAMES[type] ?? String(type)).join(' ');
  const supported = TYPE_NAMES.map((name) => `${name}:{}`).join(' ');
  throw new Refusal(
    400,
    `server does not support any of the requested response types: [${names}]; supported: map[${supported}]`,
  );
}

/** What is asked of an external label is true of all that have no such label of their own. */
function withoutExternal(matchers: readonly LabelMatcher[], external: Labels): readonly LabelMatcher[] {
  return matchers.map((matcher) => {
    const { name, op, value } = matcher;
    return op === '=' && external.has(name) && external.get(name) === value ? { name, op, value: '' } : matcher;
  });
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
