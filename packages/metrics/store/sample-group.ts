/** The series that share timestamps: those of one scrape target, or of one sender. */
import type { Chunk } from './chunk.ts';
import { OpenRows } from './open-rows.ts';

export class SampleGroup {
  readonly id: number;
  readonly key: string;
  /** The series of each column. */
  refs = new Int32Array(16);
  width = 0;
  readonly chunks: Chunk[] = [];
  open: OpenRows | undefined;
  lastTimestampMs = Number.NEGATIVE_INFINITY;
  /** Refs of the last row in the write-ahead log, so that an equal list need not be written again. */
  loggedRefs: Int32Array | undefined;
  /** The series of the last row and their columns (null: 0, 1, 2 …), while every one's newest sample is in that row. */
  aligned: { readonly refs: Int32Array; readonly columns: Int32Array | null } | undefined;
  /** Samples in the last row. */
  lastCount = 0;

  constructor(id: number, key: string) {
    this.id = id;
    this.key = key;
  }

  addColumn(ref: number): number {
    if (this.width === this.refs.length) {
      const larger = new Int32Array(this.width * 2);
      larger.set(this.refs);
      this.refs = larger;
    }
    this.refs[this.width] = ref;
    this.open?.widen(this.width + 1);
    return this.width++;
  }

  /** The row for a timestamp at or after the newest, or -1 when it is older and has no open row. */
  row(timestampMs: number): number {
    if (timestampMs <= this.lastTimestampMs) return this.open?.find(timestampMs) ?? -1;
    if (this.open?.full) this.seal();
    // A little more than needed: targets gain series between rows.
    this.open ??= new OpenRows(this.width + (this.width >> 4));
    this.open.widen(this.width);
    this.lastTimestampMs = timestampMs;
    return this.open.add(timestampMs);
  }

  /** Encodes the open rows. */
  seal(): void {
    const { open } = this;
    if (open === undefined || open.rows === 0) return;
    this.chunks.push(open.encode(this.width));
    if (!open.tryReset()) this.open = undefined;
  }
}
