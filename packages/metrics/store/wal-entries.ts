/** Entries of the write-ahead log: one request of intake is one record (docs/format/metrics-wal.md). */
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import type { SampleRow } from './append-request.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { histogramSizeBytes, readHistogram, writeHistogram } from './histogram-bytes.ts';

/** Types of the log's records (docs/format/metrics-wal.md): one request of intake, one deletion. */
export const RECORD_APPEND = 1;
export const RECORD_DELETE = 2;

const Entry = {
  series: 1,
  group: 2,
  row: 3,
  sameRow: 4,
  stale: 5,
  histograms: 6,
  exemplar: 7,
  metadata: 8,
  window: 9,
  starts: 10,
  turnBack: 11,
} as const;

/** What a replay tells; refs and groups are those of the log. */
export interface WalVisitor {
  window(outOfOrderWindowMs: number): void;
  series(ref: number, labels: Labels): void;
  group(id: number, key: string): void;
  row(group: number, row: Omit<SampleRow, 'group'>): void;
  exemplar(ref: number, exemplar: Exemplar): void;
  metadata(family: string, metadata: MetricMetadata): void;
}

export class WalEncoder {
  readonly #out: ByteWriter;

  constructor(memory: number | Uint8Array<ArrayBuffer>) {
    this.#out = new ByteWriter(memory);
  }

  window(outOfOrderWindowMs: number): void {
    this.#out.u8(Entry.window);
    this.#out.f64(outOfOrderWindowMs);
  }

  turnBack(timeMs: number): void {
    this.#out.u8(Entry.turnBack);
    this.#out.f64(timeMs);
  }

  series(ref: number, labels: Labels): void {
    this.#out.u8(Entry.series);
    this.#out.u32(ref);
    this.#pairs(labels);
  }

  group(id: number, key: string): void {
    this.#out.u8(Entry.group);
    this.#out.u32(id);
    this.#out.text(key);
  }

  /**
   * `sameRefs`: the refs are those of the group's row before. `newStarts`: positions and start timestamps that differ
   * from what the log says of their series so far.
   */
  row(group: number, row: SampleRow, sameRefs: boolean, newStarts: readonly (readonly [number, number])[]): void {
    const out = this.#out;
    const { count, refs, values, stale, histograms } = row;
    out.u8(sameRefs ? Entry.sameRow : Entry.row);
    out.u32(group);
    out.f64(row.timestampMs);
    out.u32(count);
    if (!sameRefs) out.raw(new Uint8Array(refs.buffer, refs.byteOffset, 4 * count));
    out.raw(new Uint8Array(values.buffer, values.byteOffset, 8 * count));
    if (stale !== null && stale.length > 0) {
      out.u8(Entry.stale);
      out.u32(stale.length);
      for (const position of stale) out.u32(position);
    }
    if (histograms !== null && histograms.size > 0) {
      out.u8(Entry.histograms);
      out.u32(histograms.size);
      for (const [position, histogram] of histograms) {
        out.u32(position);
        out.u32(histogramSizeBytes(histogram));
        writeHistogram(out, histogram);
      }
    }
    if (newStarts.length > 0) {
      out.u8(Entry.starts);
      out.u32(newStarts.length);
      for (const [position, startMs] of newStarts) {
        out.u32(position);
        out.f64(startMs);
      }
    }
  }

  exemplar(ref: number, exemplar: Exemplar): void {
    this.#out.u8(Entry.exemplar);
    this.#out.u32(ref);
    this.#out.f64(exemplar.timestampMs);
    this.#out.f64(exemplar.value);
    this.#pairs(exemplar.labels);
  }

  metadata(family: string, metadata: MetricMetadata): void {
    this.#out.u8(Entry.metadata);
    this.#out.text(JSON.stringify({ family, ...metadata }));
  }

  /** The record. The encoder must not be used again. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#out.bytes.subarray(0, this.#out.length);
  }

  #pairs(labels: Labels): void {
    this.#out.u16(labels.size);
    for (const text of labels.pairs) this.#out.text(text);
  }
}

const decoder = new TextDecoder();

/** What later records leave out because an earlier one said it. */
export class ReplayMemory {
  /** The refs of each group's last row. */
  readonly refs = new Map<number, Int32Array>();
  /** The last start timestamp of each series that has one. */
  readonly starts = new Map<number, number>();
}

/** When the record is the first of a head that began because the clock had been set back: to what time. */
export function turnBackOf(payload: Uint8Array): number | undefined {
  if (payload[0] !== Entry.turnBack) return undefined;
  return new DataView(payload.buffer, payload.byteOffset, payload.length).getFloat64(1, true);
}

export function visitRecord(payload: Uint8Array, visitor: WalVisitor, memory: ReplayMemory): void {
  new EntryReader(payload, visitor, memory).run();
}

class EntryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #visitor: WalVisitor;
  readonly #memory: ReplayMemory;
  #at = 0;

  constructor(bytes: Uint8Array, visitor: WalVisitor, memory: ReplayMemory) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#visitor = visitor;
    this.#memory = memory;
  }

  run(): void {
    while (this.#at < this.#bytes.length) {
      const kind = this.#bytes[this.#at++]!;
      switch (kind) {
        case Entry.window:
          this.#visitor.window(this.#f64());
          break;
        case Entry.turnBack:
          // Whoever replays has asked `turnBackOf` before.
          this.#f64();
          break;
        case Entry.series: {
          const ref = this.#u32();
          // Another head, or another process, gives the number anew and tells starts from the beginning.
          this.#memory.starts.delete(ref);
          this.#visitor.series(ref, this.#labels());
          break;
        }
        case Entry.group:
          this.#visitor.group(this.#u32(), this.#text());
          break;
        case Entry.row:
        case Entry.sameRow:
          this.#row(kind === Entry.sameRow);
          break;
        case Entry.exemplar: {
          const ref = this.#u32();
          const timestampMs = this.#f64();
          const value = this.#f64();
          this.#visitor.exemplar(ref, { timestampMs, value, labels: this.#labels() });
          break;
        }
        case Entry.metadata: {
          const { family, type, help, unit } = JSON.parse(this.#text());
          this.#visitor.metadata(family, { type, help, unit });
          break;
        }
        default:
          throw new Error(`BUG: entry ${kind} of the write-ahead log passed its checksum`);
      }
    }
  }

  #row(sameRefs: boolean): void {
    const group = this.#u32();
    const timestampMs = this.#f64();
    const count = this.#u32();
    let refs = this.#memory.refs.get(group);
    if (!sameRefs) {
      refs = new Int32Array(count);
      new Uint8Array(refs.buffer).set(this.#take(4 * count));
      this.#memory.refs.set(group, refs);
    }
    const values = new Float64Array(count);
    new Uint8Array(values.buffer).set(this.#take(8 * count));
    const stale = this.#bytes[this.#at] === Entry.stale ? this.#stale() : null;
    const histograms = this.#bytes[this.#at] === Entry.histograms ? this.#histograms() : null;
    const changed = this.#bytes[this.#at] === Entry.starts ? this.#changedStarts() : [];
    // The refs can be lost with a damaged file before; the row is then nobody's.
    if (refs === undefined || refs.length < count) return;
    for (const [position, startMs] of changed) this.#memory.starts.set(refs[position]!, startMs);
    const starts = this.#starts(refs, count);
    this.#visitor.row(group, { timestampMs, count, refs, values, stale, histograms, starts });
  }

  #changedStarts(): (readonly [number, number])[] {
    this.#at++;
    return Array.from({ length: this.#u32() }, () => [this.#u32(), this.#f64()] as const);
  }

  /** Start timestamps as the log tells them of the series of a row. */
  #starts(refs: Int32Array, count: number): Float64Array | null {
    const known = this.#memory.starts;
    if (known.size === 0) return null;
    const starts = new Float64Array(count);
    for (let i = 0; i < count; i++) starts[i] = known.get(refs[i]!) ?? 0;
    return starts;
  }

  #stale(): Int32Array {
    this.#at++;
    return Int32Array.from({ length: this.#u32() }, () => this.#u32());
  }

  #histograms(): ReadonlyMap<number, FloatHistogram> {
    this.#at++;
    const histograms = new Map<number, FloatHistogram>();
    for (let n = this.#u32(); n > 0; n--) {
      const position = this.#u32();
      const bytes = this.#u32();
      histograms.set(position, readHistogram(this.#view, this.#at));
      this.#at += bytes;
    }
    return histograms;
  }

  #labels(): Labels {
    const size = this.#view.getUint16(this.#at, true);
    this.#at += 2;
    const pairs: string[] = [];
    for (let i = 0; i < size * 2; i++) pairs.push(this.#text());
    return Labels.fromSortedPairs(pairs);
  }

  #text(): string {
    return decoder.decode(this.#take(this.#u32()));
  }

  #take(count: number): Uint8Array {
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  #f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }
}
