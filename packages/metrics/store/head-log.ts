/** A head and what of it is defined in the write-ahead log. */
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import type { SampleRow } from './append-request.ts';
import type { Deletion } from './deletion.ts';
import type { Head } from './head.ts';
import type { SampleGroup } from './sample-group.ts';
import type { SeriesIndex } from './series-index.ts';
import { ReplayMemory, visitRecord, WalEncoder } from './wal-entries.ts';

/** The record of a scrape of 100,000 series; larger ones are few. */
const MEMORY_BYTES_MAX = 1024 * 1024;

export class HeadLog {
  readonly head: Head;
  /** Sequence of the newest record of this head. */
  sequence = 0;
  /** Changes when definitions may have been lost with a failed record. */
  epoch = 0;
  readonly #index: SeriesIndex;
  #defined = new Uint8Array(1024);
  #definedGroups = new Set<number>();
  #loggedWindowMs = 0;
  /** Start timestamps that the log tells of each series; NaN where that is not known. Empty until there is one. */
  #loggedStarts = new Float64Array(0);
  #anyStarts = false;
  /** Of the last record, for the next one: a scrape each second would leave as much garbage as it has bytes. */
  #memory: Uint8Array<ArrayBuffer> | undefined;
  /** Deletions since the head takes no more samples: its block gets them, as they may have come while it was written. */
  readonly deletions: Deletion[] = [];

  /** The time to which the clock was set back when this head began, as long as no record tells it. */
  #turnBackMs: number | undefined;

  constructor(head: Head, index: SeriesIndex, turnBackMs?: number) {
    this.head = head;
    this.#index = index;
    this.#turnBackMs = turnBackMs;
  }

  /** The record of a request, with the definitions that it needs. Synchronous: records are appended in this order. */
  encode(
    rows: readonly SampleRow[],
    exemplars: readonly { readonly ref: number; readonly exemplar: Exemplar }[],
    metadata: readonly (readonly [string, MetricMetadata])[],
    outOfOrderWindowMs: number,
  ): Uint8Array<ArrayBuffer> {
    const samples = rows.reduce((sum, row) => sum + row.count, 0);
    const out = new WalEncoder(this.#memory ?? 256 + 12 * samples);
    this.#memory = undefined;
    // First of all: a replay begins a new head before it reads on. Told until a record is durable.
    if (this.#turnBackMs !== undefined) out.turnBack(this.#turnBackMs);
    if (outOfOrderWindowMs !== this.#loggedWindowMs) {
      out.window(outOfOrderWindowMs);
      this.#loggedWindowMs = outOfOrderWindowMs;
    }
    for (const row of rows) {
      const group = this.head.group(row.group);
      if (!this.#definedGroups.has(group.id)) {
        out.group(group.id, group.key);
        this.#definedGroups.add(group.id);
        group.loggedRefs = undefined;
      }
      const same = sameRefs(group.loggedRefs, row);
      if (!same) {
        for (let i = 0; i < row.count; i++) this.#define(out, row.refs[i]!);
        group.loggedRefs = row.refs.slice(0, row.count);
      }
      out.row(group.id, row, same, this.#newStarts(row));
    }
    for (const { ref, exemplar } of exemplars) {
      this.#define(out, ref);
      out.exemplar(ref, exemplar);
    }
    for (const [family, each] of metadata) out.metadata(family, each);
    return out.finish();
  }

  /** A record of this head is durable; its payload is read no more. */
  logged(sequence: number, payload?: Uint8Array<ArrayBuffer>): void {
    if (payload !== undefined && payload.buffer.byteLength <= MEMORY_BYTES_MAX) {
      this.#memory = new Uint8Array(payload.buffer);
    }
    this.sequence = Math.max(this.sequence, sequence);
    this.#turnBackMs = undefined;
  }

  forgetLogged(): void {
    this.epoch++;
    this.#loggedWindowMs = Number.NaN;
    this.#defined = new Uint8Array(1024);
    this.#definedGroups = new Set();
    this.#loggedStarts.fill(Number.NaN);
  }

  /** Gives a function that replays one record into this head. */
  replayer(
    applyRow: (head: Head, row: Omit<SampleRow, 'group'>, group: SampleGroup, windowMs: number) => void,
    applyExemplar: (ref: number, exemplar: Exemplar) => void,
    applyMetadata: (family: string, metadata: MetricMetadata) => void,
  ): (payload: Uint8Array) => void {
    const refs = new Map<number, number>();
    const groups = new Map<number, SampleGroup>();
    const memory = new ReplayMemory();
    let windowMs = 0;
    const visitor = {
      window: (ms: number) => void (windowMs = ms),
      series: (ref: number, labels: Parameters<SeriesIndex['add']>[0]) => void refs.set(ref, this.#index.add(labels)),
      group: (id: number, key: string) => {
        groups.set(id, this.head.group(key));
        memory.refs.delete(id);
      },
      row: (id: number, row: Omit<SampleRow, 'group'>) => {
        const group = groups.get(id);
        const mapped = row.refs.map((ref) => refs.get(ref) ?? -1);
        // Definitions can be lost with a damaged file of the log; their samples are lost with them.
        if (group !== undefined && !mapped.includes(-1)) applyRow(this.head, { ...row, refs: mapped }, group, windowMs);
      },
      exemplar: (ref: number, exemplar: Exemplar) => {
        const mapped = refs.get(ref);
        if (mapped !== undefined) applyExemplar(mapped, exemplar);
      },
      metadata: applyMetadata,
    };
    return (payload) => visitRecord(payload, visitor, memory);
  }

  /** What the log does not yet tell of the start timestamps of a row. */
  #newStarts({ count, refs, starts }: SampleRow): (readonly [number, number])[] {
    if (!this.#anyStarts && (starts ?? null) === null) return NO_STARTS;
    this.#anyStarts = true;
    const changed: (readonly [number, number])[] = [];
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      const startMs = starts?.[i] ?? 0;
      if (ref >= this.#loggedStarts.length) {
        const larger = new Float64Array(Math.max(1024, ref + 1, this.#loggedStarts.length * 2));
        larger.set(this.#loggedStarts);
        this.#loggedStarts = larger;
      }
      if (this.#loggedStarts[ref] === startMs) continue;
      this.#loggedStarts[ref] = startMs;
      changed.push([i, startMs]);
    }
    return changed;
  }

  #define(out: WalEncoder, ref: number): void {
    if (ref >= this.#defined.length) {
      const larger = new Uint8Array(Math.max(ref + 1, this.#defined.length * 2));
      larger.set(this.#defined);
      this.#defined = larger;
    }
    if (this.#defined[ref] === 1) return;
    out.series(ref, this.#index.labelsOf(ref));
    this.#defined[ref] = 1;
  }
}

const NO_STARTS: (readonly [number, number])[] = [];

function sameRefs(logged: Int32Array | undefined, row: SampleRow): boolean {
  if (logged === undefined || logged.length !== row.count) return false;
  for (let i = 0; i < row.count; i++) if (logged[i] !== row.refs[i]) return false;
  return true;
}
