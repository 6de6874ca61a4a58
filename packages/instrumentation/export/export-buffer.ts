/**
 * The memory between the application and a collector that may be away: serialised requests, oldest first, one queue
 * for each signal, one budget of bytes for all. While a queue cannot send, what waits in it is compressed (spans shrink
 * about tenfold), so that the default budget holds more than ten minutes at fifty requests a second. When the budget is
 * used up the oldest request of the fullest queue is dropped and counted.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { bufferLimit, bufferUsage } from './export-metrics.ts';
import type { ExportQueue } from './export-queue.ts';

/**
 * Fifty requests a second for ten minutes are some 210,000 spans and 45,000 log records: 70 MB as they are, about 8 MB
 * compressed (a test holds a tenth of it). The rest is reserve for bursts that outrun the compression.
 */
export const BUFFER_BYTES_DEFAULT = 64 * 1024 * 1024;

const compress = promisify(gzip);

export interface PendingRequest {
  body: Uint8Array;
  gzipped: boolean;
  /** Length before compression: what the collector's limit on a message counts. */
  readonly rawBytes: number;
  readonly items: number;
  /** Gives `body` back once it has left; absent when it is nobody's, or somebody may still read it. */
  release: ((body: Uint8Array) => void) | undefined;
  /** Set once its compression has begun, so that it is compressed once whoever asks. */
  compression: Promise<void> | undefined;
}

export class ExportBuffer {
  readonly #bytesMax: number;
  readonly #queues: ExportQueue[] = [];
  #bytes = 0;

  constructor(bytesMax = BUFFER_BYTES_DEFAULT) {
    this.#bytesMax = bytesMax;
    bufferLimit.set(bytesMax);
    bufferUsage.set(0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  register(queue: ExportQueue): void {
    this.#queues.push(queue);
  }

  /** Accounts for bytes that came or went; makes room when there are too many. */
  changed(deltaBytes: number): void {
    this.#bytes += deltaBytes;
    while (this.#bytes > this.#bytesMax) {
      const fullest = this.#queues.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const freed = fullest.dropOldest();
      if (freed === 0) break;
      this.#bytes -= freed;
    }
    bufferUsage.set(this.#bytes);
  }
}

/** Compresses a request in place; gives the change in bytes. Fast level: this is about memory, not networks. */
export async function compressRequest(request: PendingRequest): Promise<number> {
  const before = request.body;
  const after = await compress(before, { level: 1 });
  request.body = after;
  request.gzipped = true;
  // A call may be under way that still reads the bytes as they were.
  request.release = undefined;
  return after.length - before.length;
}
