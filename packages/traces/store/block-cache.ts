/** Decoded blocks of segments, the most recently used ones, within a budget of bytes. */

import type { SpanBatch } from '@mario/otlp';
import type { TraceSegment } from './segment-file.ts';

export class BlockCache {
  readonly #bytesMax: number;
  /** In the order of use; a Map keeps the order in which keys were put in. */
  readonly #blocks = new Map<string, { readonly batch: Promise<SpanBatch>; readonly bytes: number }>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The block, read when it is not there; readers that ask together share one read. */
  read(segment: TraceSegment, block: number): Promise<SpanBatch> {
    const key = `${segment.name}/${block}`;
    const cached = this.#blocks.get(key);
    if (cached !== undefined) {
      this.#blocks.delete(key);
      this.#blocks.set(key, cached);
      return cached.batch;
    }
    const bytes = segment.blockBytes(block);
    const batch = segment.block(block);
    this.#blocks.set(key, { batch, bytes });
    this.#bytes += bytes;
    batch.catch(() => this.#drop(key));
    for (const oldest of this.#blocks.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#drop(oldest);
    }
    return batch;
  }

  /** Forgets the blocks of a segment that is gone. */
  forget(segment: TraceSegment): void {
    for (const key of Array.from(this.#blocks.keys())) if (key.startsWith(`${segment.name}/`)) this.#drop(key);
  }

  #drop(key: string): void {
    const entry = this.#blocks.get(key);
    if (entry === undefined) return;
    this.#blocks.delete(key);
    this.#bytes -= entry.bytes;
  }
}
