/** Entries of the write-ahead log: one request of intake is one record (docs/format/metrics-wal.md). */
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import type { SampleRow } from './append-request.ts';
import { ByteWriter } from './column/byte-writer.ts';
import { histogramSizeBytes, readHistogram, writeHistogram } from './histogram-bytes.ts';

/** Type of the log's records: one request of intake (docs/format/metrics-wal.md). */
export const RECORD_APPEND = 1;

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

  constructor(sizeHint: number) {
    this.#out = new ByteWriter(sizeHint);
  }

  window(outOfOrderWindowMs: number): void {
    this.#out.u8(Entry.window);
    this.#out.f64(outOfOrderWindowMs);
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

  /** `sameRefs`: the refs are those of the group's row before. */
  row(group: number, row: SampleRow, sameRefs: boolean): void {
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
  finish(): Uint8Array {
    return this.#out.bytes.subarray(0, this.#out.length);
  }

  #pairs(labels: Labels): void {
    this.#out.u16(labels.size);
    for (const text of labels.pairs) this.#out.text(text);
  }
}

const decoder = new TextDecoder();

export function visitRecord(payload: Uint8Array, visitor: WalVisitor, lastRefs: Map<number, Int32Array>): void {
  new EntryReader(payload, visitor, lastRefs).run();
}

class EntryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #visitor: WalVisitor;
  readonly #lastRefs: Map<number, Int32Array>;
  #at = 0;

  constructor(bytes: Uint8Array, visitor: WalVisitor, lastRefs: Map<number, Int32Array>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#visitor = visitor;
    this.#lastRefs = lastRefs;
  }

  run(): void {
    while (this.#at < this.#bytes.length) {
      const kind = this.#bytes[this.#at++]!;
      switch (kind) {
        case Entry.window:
          this.#visitor.window(this.#f64());
          break;
        case Entry.series:
          this.#visitor.series(this.#u32(), this.#labels());
          break;
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
    let refs = this.#lastRefs.get(group);
    if (!sameRefs) {
      refs = new Int32Array(count);
      new Uint8Array(refs.buffer).set(this.#take(4 * count));
      this.#lastRefs.set(group, refs);
    }
    const values = new Float64Array(count);
    new Uint8Array(values.buffer).set(this.#take(8 * count));
    const stale = this.#bytes[this.#at] === Entry.stale ? this.#stale() : null;
    const histograms = this.#bytes[this.#at] === Entry.histograms ? this.#histograms() : null;
    // The refs can be lost with a damaged file before; the row is then nobody's.
    if (refs === undefined || refs.length < count) return;
    this.#visitor.row(group, { timestampMs, count, refs, values, stale, histograms });
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
