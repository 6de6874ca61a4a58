/**
 * The frames of a streamed answer to a remote read: the length as a varint, CRC-32C with the highest byte first, then a
 * ChunkedReadResponse with chunks of one series (prompb/remote.proto and storage/remote/chunked.go tell the layout).
 */
import { WireWriter } from '@mario/otlp';
import type { Labels } from '../model/labels.ts';
import { crc32c } from './crc32c.ts';
import type { SeriesChunk } from './series-chunks.ts';
import { varintBytes } from './snappy-pieces.ts';

export const FRAMES_TYPE = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

/** The real server's `--storage.remote.read-max-bytes-in-frame`; the chunk that passes it still belongs to the frame. */
export const FRAME_BYTES_MAX = 1024 * 1024;

export class ChunkFrames {
  readonly #writer = new WireWriter();
  readonly #bytesMax: number;

  constructor(bytesMax = FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The chunks of one series of the query with this number, in as many frames as it takes. */
  *of(query: number, labels: Labels, chunks: Iterable<SeriesChunk>): Generator<Buffer> {
    const labelBytes = this.#labels(labels);
    let waiting: Buffer[] = [];
    let left = this.#bytesMax - labelBytes.length;
    for (const chunk of chunks) {
      const bytes = this.#chunk(chunk);
      waiting.push(bytes);
      left -= bytes.length;
      if (left > 0) continue;
      yield this.#frame(query, labelBytes, waiting);
      waiting = [];
      left = this.#bytesMax - labelBytes.length;
    }
    if (waiting.length > 0) yield this.#frame(query, labelBytes, waiting);
  }

  #frame(query: number, labels: Buffer, chunks: readonly Buffer[]): Buffer {
    const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, labels.length);
    const writer = this.#writer;
    if (query !== 0) writer.int64(2, query);
    const message = Buffer.concat([Uint8Array.of(10), varintBytes(sizeBytes), labels, ...chunks, writer.take()]);
    const head = varintBytes(message.length);
    const frame = Buffer.allocUnsafe(head.length + 4 + message.length);
    frame.set(head);
    frame.writeUInt32BE(crc32c(message), head.length);
    frame.set(message, head.length + 4);
    return frame;
  }

  #labels(labels: Labels): Buffer {
    const writer = this.#writer;
    for (const [name, value] of labels) {
      const label = writer.begin(1);
      writer.string(1, name);
      writer.string(2, value);
      writer.end(label);
    }
    return writer.take();
  }

  #chunk({ minTimeMs, maxTimeMs, encoding, data }: SeriesChunk): Buffer {
    const writer = this.#writer;
    const chunk = writer.begin(2);
    if (minTimeMs !== 0) writer.int64(1, minTimeMs);
    if (maxTimeMs !== 0) writer.int64(2, maxTimeMs);
    writer.u32(3, encoding);
    writer.bytesField(4, data, 0, data.length);
    writer.end(chunk);
    return writer.take();
  }
}
