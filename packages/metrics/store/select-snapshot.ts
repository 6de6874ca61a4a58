/**
 * What a select found, as plain data over shared memory: which columns of which chunks and open rows hold the samples of
 * each series. It is made on the store's thread in one go, and read here or in a worker thread (series-set.ts).
 */
import type { LoadedBlock } from './block.ts';
import type { Source } from './chunk.ts';
import type { Head } from './head.ts';
import type { Intervals } from './intervals.ts';
import type { LateSample } from './late-samples.ts';
import type { SampleGroup } from './sample-group.ts';
import { type StartSteps, startAt } from './start-times.ts';

export interface SelectSnapshot {
  /** The hinted range, both ends inclusive. What lies outside may be missing from what is read. */
  readonly startMs: number;
  readonly endMs: number;
  readonly seriesCount: number;
  readonly sources: readonly Source[];
  /**
   * Sequences of sources, as all series of one target have the same: timeline t is
   * timelineSources[timelineStarts[t] … timelineStarts[t + 1]).
   */
  readonly timelineStarts: Int32Array;
  readonly timelineSources: Int32Array;
  /** The timeline of each series. */
  readonly timelineOf: Int32Array;
  /** Where the columns of each series begin in `columns`, one for each source of its timeline. */
  readonly columnStarts: Int32Array;
  readonly columns: Int32Array;
  /** Samples that came late, by number of the series, ascending by time; null when there are none. */
  readonly late: ReadonlyMap<number, readonly LateSample[]> | null;
  /** What is to be known of the runs of some series, by number of the series; null when there is nothing. */
  readonly notes: ReadonlyMap<number, readonly RunNote[]> | null;
}

/** Of a series' sources fromRun … toRun - 1 in its timeline: what of their samples is deleted, and when they started. */
export interface RunNote {
  readonly fromRun: number;
  readonly toRun: number;
  readonly deleted: Intervals | undefined;
  readonly starts: StartSteps | undefined;
}

export interface SelectSources {
  /** Oldest first. */
  readonly blocks: readonly LoadedBlock[];
  readonly heads: readonly Head[];
}

const NOT_WANTED = -1;
/** A source that nobody has asked for so far: it gets its number with the first series that has a column in it. */
const UNSEEN = -2;

/** Takes the snapshot for the series `refs`. */
export function takeSnapshot(
  refs: Int32Array,
  sources: SelectSources,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): SelectSnapshot {
  const builder = new SnapshotBuilder(refs.length, startMs, endMs);
  const blocks = sources.blocks.map((block) => new BlockPart(block));
  const heads = sources.heads.map((head) => new HeadPart(head));
  for (const ref of refs) {
    for (const block of blocks) block.add(ref, builder);
    for (const head of heads) head.add(ref, builder);
    builder.endSeries();
  }
  return builder.finish();
}

class SnapshotBuilder {
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #sources: Source[] = [];
  readonly #timelines: TimelineTable;
  readonly #timelineOf: Int32Array;
  readonly #columnStarts: Int32Array;
  #columns: Int32Array<ArrayBuffer>;
  #columnCount = 0;
  #seriesCount = 0;
  readonly #late = new Map<number, readonly LateSample[]>();
  readonly #notes = new Map<number, RunNote[]>();
  /** Sources of the series at hand. */
  #run: Int32Array<ArrayBuffer> = new Int32Array(64);
  #runLength = 0;

  constructor(seriesCount: number, startMs: number, endMs: number) {
    this.#startMs = startMs;
    this.#endMs = endMs;
    this.#timelines = new TimelineTable();
    this.#timelineOf = new Int32Array(seriesCount);
    this.#columnStarts = new Int32Array(seriesCount);
    this.#columns = new Int32Array(Math.max(16, seriesCount * 4));
  }

  /** The number of a source for `addRun`; NOT_WANTED when it holds nothing of the range. */
  number(source: Source): number {
    const { rows, timestamps } = source;
    if (rows === 0 || timestamps[0]! > this.#endMs || timestamps[rows - 1]! < this.#startMs) return NOT_WANTED;
    return this.#sources.push(source) - 1;
  }

  addRun(source: number, column: number): void {
    if (this.#runLength === this.#run.length) this.#run = enlarged(this.#run);
    this.#run[this.#runLength++] = source;
    const at = this.#columnCount + this.#runLength - 1;
    if (at >= this.#columns.length) this.#columns = enlarged(this.#columns);
    this.#columns[at] = column;
  }

  /** Sources of the series at hand so far. */
  get runs(): number {
    return this.#runLength;
  }

  /** Says something about the sources added since `fromRun`. */
  note(fromRun: number, deleted: Intervals | undefined, starts: StartSteps | undefined): void {
    if (fromRun === this.#runLength || (deleted === undefined && starts === undefined)) return;
    const note = { fromRun, toRun: this.#runLength, deleted, starts };
    const notes = this.#notes.get(this.#seriesCount);
    if (notes === undefined) this.#notes.set(this.#seriesCount, [note]);
    else notes.push(note);
  }

  addLate(samples: readonly LateSample[], starts: StartSteps | undefined): void {
    const before = this.#late.get(this.#seriesCount) ?? [];
    // A copy: the store goes on inserting into its list.
    const added =
      starts === undefined
        ? samples
        : samples.map((sample) => ({ ...sample, startMs: startAt(starts, sample.timestampMs) }));
    this.#late.set(this.#seriesCount, [...before, ...added]);
  }

  endSeries(): void {
    this.#timelineOf[this.#seriesCount] = this.#timelines.find(this.#run, this.#runLength);
    this.#columnStarts[this.#seriesCount] = this.#columnCount;
    this.#seriesCount++;
    this.#columnCount += this.#runLength;
    this.#runLength = 0;
  }

  finish(): SelectSnapshot {
    return {
      startMs: this.#startMs,
      endMs: this.#endMs,
      seriesCount: this.#seriesCount,
      sources: this.#sources,
      ...this.#timelines.finish(),
      timelineOf: this.#timelineOf,
      columnStarts: this.#columnStarts,
      columns: this.#columns.slice(0, this.#columnCount),
      late: this.#late.size > 0 ? this.#late : null,
      notes: this.#notes.size > 0 ? this.#notes : null,
    };
  }
}

/** Sequences of sources, each once. */
class TimelineTable {
  #starts = new Int32Array(16);
  #sources = new Int32Array(64);
  #count = 0;
  readonly #byHash = new Map<number, number[]>();
  #last = NOT_WANTED;

  find(run: Int32Array, length: number): number {
    // Series of one target follow one another mostly.
    if (this.#last >= 0 && this.#equals(this.#last, run, length)) return this.#last;
    let hash = length;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ run[i]!, 0x9e3779b1);
    let bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, (bucket = []));
    for (const timeline of bucket) if (this.#equals(timeline, run, length)) return (this.#last = timeline);
    const added = this.#add(run, length);
    bucket.push(added);
    return (this.#last = added);
  }

  finish(): Pick<SelectSnapshot, 'timelineStarts' | 'timelineSources'> {
    const end = this.#starts[this.#count]!;
    return {
      timelineStarts: this.#starts.slice(0, this.#count + 1),
      timelineSources: this.#sources.slice(0, end),
    };
  }

  #equals(timeline: number, run: Int32Array, length: number): boolean {
    const start = this.#starts[timeline]!;
    if (this.#starts[timeline + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#sources[start + i] !== run[i]) return false;
    return true;
  }

  #add(run: Int32Array, length: number): number {
    const start = this.#starts[this.#count]!;
    while (start + length > this.#sources.length) this.#sources = enlarged(this.#sources);
    if (this.#count + 2 > this.#starts.length) this.#starts = enlarged(this.#starts);
    this.#sources.set(run.subarray(0, length), start);
    this.#starts[this.#count + 1] = start + length;
    return this.#count++;
  }
}

/** Adds the columns that a block has of a series. */
class BlockPart {
  readonly #block: LoadedBlock;
  readonly #numbers: Int32Array;

  constructor(block: LoadedBlock) {
    this.#block = block;
    this.#numbers = new Int32Array(block.chunks.length).fill(UNSEEN);
  }

  add(ref: number, builder: SnapshotBuilder): void {
    const local = this.#block.local(ref);
    if (local < 0) return;
    const { starts, chunks, columns } = this.#block.pieces;
    const end = starts[local + 1]!;
    const firstRun = builder.runs;
    for (let i = starts[local]!; i < end; i++) {
      const chunk = chunks[i]!;
      let number = this.#numbers[chunk]!;
      if (number === UNSEEN) this.#numbers[chunk] = number = builder.number(this.#block.chunks[chunk]!);
      if (number !== NOT_WANTED) builder.addRun(number, columns[i]!);
    }
    builder.note(firstRun, this.#block.deleted(local), this.#block.starts(local));
  }
}

/** The sources of one group of a head that matter. */
interface GroupSources {
  readonly numbers: readonly number[];
  /** Columns that each has; newer series are not in older ones. */
  readonly widths: readonly number[];
}

class HeadPart {
  readonly #head: Head;
  readonly #groups: (GroupSources | undefined)[] = [];

  constructor(head: Head) {
    this.#head = head;
  }

  add(ref: number, builder: SnapshotBuilder): void {
    const firstRun = builder.runs;
    for (const { group, column } of this.#head.homes(ref)) {
      const { numbers, widths } = (this.#groups[group.id] ??= sourcesOf(group, builder));
      for (let i = 0; i < numbers.length; i++) if (column < widths[i]!) builder.addRun(numbers[i]!, column);
    }
    const starts = this.#head.starts.of(ref);
    builder.note(firstRun, this.#head.tombstones.of(ref), starts);
    const late = this.#head.late.of(ref);
    if (late !== undefined) builder.addLate(late, starts);
  }
}

function sourcesOf(group: SampleGroup, builder: SnapshotBuilder): GroupSources {
  const numbers: number[] = [];
  const widths: number[] = [];
  const add = (source: Source, width: number) => {
    const number = builder.number(source);
    if (number === NOT_WANTED) return;
    numbers.push(number);
    widths.push(width);
  };
  for (const chunk of group.chunks) add(chunk, chunk.offsets.length - 1);
  if (group.open !== undefined) add(group.open.snapshot(), group.open.stride);
  return { numbers, widths };
}

function enlarged(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
