/** Entries of one stream in memory, always in order of time. */
import { type LogEntries, lowerBound } from '../logql/evaluation/log-source.ts';
import { type Labels, labelsKey } from '../logql/labels.ts';
import type { PushEntry } from './push.ts';

/** Entries that come late are moved into place, which costs time for every later one: a chunk must not get long. */
export const CHUNK_ENTRY_COUNT_MAX = 4096;

/** What an entry costs beside its text: its place in three columns. */
const ENTRY_OVERHEAD_BYTES = 64;

/** What a label costs beside its value; names, and labels of the resource, are shared by many entries. */
const LABEL_OVERHEAD_BYTES = 24;

export class HeadChunk {
  #times = new BigInt64Array(64);
  readonly #lines: string[] = [];
  readonly #metadata: Labels[] = [];
  count = 0;
  lineBytes = 0;
  memoryBytes = 0;

  get minNs(): bigint {
    return this.#times[0]!;
  }

  get maxNs(): bigint {
    return this.#times[this.count - 1]!;
  }

  get isFull(): boolean {
    return this.count >= CHUNK_ENTRY_COUNT_MAX;
  }

  /** Whether the same entry is here: same time, line and metadata. */
  has(entry: PushEntry): boolean {
    if (this.count === 0 || entry.timeNs > this.maxNs) return false;
    const key = labelsKey(entry.metadata);
    for (
      let at = lowerBound(this.#times, this.count, entry.timeNs);
      at < this.count && this.#times[at] === entry.timeNs;
      at++
    ) {
      if (this.#lines[at] === entry.line && labelsKey(this.#metadata[at]!) === key) return true;
    }
    return false;
  }

  /** Puts the entry behind all that are not later. */
  insert(entry: PushEntry): void {
    if (this.count === this.#times.length) {
      const larger = new BigInt64Array(this.count * 2);
      larger.set(this.#times);
      this.#times = larger;
    }
    if (this.count === 0 || entry.timeNs >= this.maxNs) {
      this.#lines.push(entry.line);
      this.#metadata.push(entry.metadata);
      this.#times[this.count] = entry.timeNs;
    } else {
      const at = lowerBound(this.#times, this.count, entry.timeNs + 1n);
      this.#times.copyWithin(at + 1, at, this.count);
      this.#times[at] = entry.timeNs;
      this.#lines.splice(at, 0, entry.line);
      this.#metadata.splice(at, 0, entry.metadata);
    }
    this.count++;
    const lineBytes = Buffer.byteLength(entry.line);
    this.lineBytes += lineBytes;
    this.memoryBytes += lineBytes + ENTRY_OVERHEAD_BYTES;
    for (const [, value] of entry.metadata) this.memoryBytes += value.length + LABEL_OVERHEAD_BYTES;
  }

  /** The entries as they are now; later inserts do not change what was given. */
  snapshot(): LogEntries {
    const timesNs = this.#times.slice(0, this.count);
    const lines = this.#lines.slice();
    const metadata = this.#metadata.slice();
    return { count: this.count, timesNs, line: (index) => lines[index]!, metadata: (index) => metadata[index]! };
  }
}
