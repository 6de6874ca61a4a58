// The length-prefixed messages of gRPC: one byte of flags, four of length, then the message.
import { type Compression, CorruptError, deflate, inflate, TooLargeError } from '../compression.ts';
import { GrpcCode, GrpcError } from './status.ts';

const prefixBytes = 5;

/** Frames one message, compressed when `compression` asks for it. */
export async function frame(message: Buffer, compression: Compression): Promise<Buffer> {
  const body = await deflate(message, compression);
  const framed = Buffer.allocUnsafe(prefixBytes + body.length);
  framed[0] = compression === 'identity' ? 0 : 1;
  framed.writeUInt32BE(body.length, 1);
  body.copy(framed, prefixBytes);
  return framed;
}

/** Collects the one message of a unary call. */
export class MessageCollector {
  private readonly chunks: Buffer[] = [];
  private readonly bytesMax: number;
  /** Bytes received so far. */
  size = 0;
  private checked = false;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Throws `GrpcError` as soon as the prefix announces too large a message. */
  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (!this.checked && this.size >= prefixBytes) {
      this.checked = true;
      const head = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
      const length = head.readUInt32BE(1);
      if (length > this.bytesMax) {
        throw new GrpcError(
          GrpcCode.resourceExhausted,
          `grpc: received message larger than max (${length} vs. ${this.bytesMax})`,
        );
      }
    }
    if (this.size > prefixBytes + this.bytesMax) {
      throw new GrpcError(GrpcCode.internal, 'a unary call has exactly one message');
    }
  }

  /** The message, inflated. Throws `GrpcError` when it is incomplete, followed by others, corrupt or too large. */
  async message(compression: Compression): Promise<Buffer> {
    const all = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    if (all.length < prefixBytes || all.length < prefixBytes + all.readUInt32BE(1)) {
      throw new GrpcError(GrpcCode.internal, 'the stream ended before a whole message');
    }
    if (all.length > prefixBytes + all.readUInt32BE(1)) {
      throw new GrpcError(GrpcCode.internal, 'a unary call has exactly one message');
    }
    const body = all.subarray(prefixBytes);
    if (all[0] === 0) return body;
    if (all[0] !== 1 || compression === 'identity') {
      throw new GrpcError(GrpcCode.internal, 'grpc: compressed flag set with identity or empty encoding');
    }
    try {
      return await inflate(body, compression, this.bytesMax);
    } catch (error) {
      if (error instanceof TooLargeError) {
        throw new GrpcError(
          GrpcCode.resourceExhausted,
          `grpc: received message after decompression larger than max ${this.bytesMax}`,
        );
      }
      if (!(error instanceof CorruptError)) throw error;
      throw new GrpcError(GrpcCode.internal, `grpc: failed to decompress the message: ${error.message}`);
    }
  }
}
