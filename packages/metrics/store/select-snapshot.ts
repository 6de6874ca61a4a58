/**
 * What a select found, as plain data over shared memory: which columns of which chunks and open rows hold the samples of
 * each series. It is made on the store's thread in one go, and read here or in a worker thread (series-set.ts).
 */
import type { LoadedBlock } from './block.ts';
import type { Chunk, Source } from './chunk.ts';
import type { Head } from './head.ts';
import type { Intervals } from './intervals.ts';
import type { LateSample } from './late-samples.ts';
import type { SampleGroup } from './sample-group.ts';
import { type StartSteps, startAt } from './start-times.ts';
import { enlarged, RunTable, TimelineTable } from './timeline-table.ts';

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
  /** Which of a series' columns is its own in each source of `timelineSources`: a group has one for all its sources. */
  readonly timelinePlaces: Int32Array;
  /** The timeline of each series. */
  readonly timelineOf: Int32Array;
  /** Where the columns of each series begin in `columns`. */
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
  for (let i = 0; i < refs.length; i++) {
    const ref = refs[i]!;
    for (let b = 0; b < blocks.length; b++) blocks[b]!.add(ref, builder);
    for (let h = 0; h < heads.length; h++) heads[h]!.add(ref, builder);
    builder.endSeries();
  }
  return builder.finish();
}

class SnapshotBuilder {
  readonly startMs: number;
  readonly endMs: number;
  readonly #sources: Source[] = [];
  readonly #runs = new RunTable();
  readonly #timelines = new TimelineTable();
  readonly #timelineOf: Int32Array;
  readonly #columnStarts: Int32Array;
  #columns: Int32Array<ArrayBuffer>;
  #columnCount = 0;
  #seriesCount = 0;
  readonly #late = new Map<number, readonly LateSample[]>();
  readonly #notes = new Map<number, RunNote[]>();
  /** Runs of the series at hand, and how many sources they have together. */
  #sequence: Int32Array<ArrayBuffer> = new Int32Array(64);
  #sequenceLength = 0;
  #ownSourceCount = 0;

  constructor(seriesCount: number, startMs: number, endMs: number) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.#timelineOf = new Int32Array(seriesCount);
    this.#columnStarts = new Int32Array(seriesCount);
    this.#columns = new Int32Array(Math.max(16, seriesCount * 2));
  }

  addSource(source: Source): number {
    return this.#sources.push(source) - 1;
  }

  /** Whether a source holds anything of the range. */
  wants({ rows, timestamps }: Source): boolean {
    return rows > 0 && timestamps[0]! <= this.endMs && timestamps[rows - 1]! >= this.startMs;
  }

  /** Sources first … end - 1, in which a series has the same column, as a run for `addRun`. */
  run(first: number, end: number): number {
    return this.#runs.add(first, end);
  }

  addRun(run: number, column: number): void {
    if (this.#sequenceLength === this.#sequence.length) this.#sequence = enlarged(this.#sequence);
    const at = this.#columnCount + this.#sequenceLength;
    if (at >= this.#columns.length) this.#columns = enlarged(this.#columns);
    this.#columns[at] = column;
    this.#sequence[this.#sequenceLength++] = run;
    this.#ownSourceCount += this.#runs.sizeOf(run);
  }

  /** Sources of all series so far. */
  get sourceCount(): number {
    return this.#sources.length;
  }

  /** Sources of the series at hand so far. */
  get ownSourceCount(): number {
    return this.#ownSourceCount;
  }

  /** Says something about the sources added since there were `fromRun`. */
  note(fromRun: number, deleted: Intervals | undefined, starts: StartSteps | undefined): void {
    if (fromRun === this.#ownSourceCount || (deleted === undefined && starts === undefined)) return;
    const note = { fromRun, toRun: this.#ownSourceCount, deleted, starts };
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
    this.#timelineOf[this.#seriesCount] = this.#timelines.find(this.#sequence, this.#sequenceLength);
    this.#columnStarts[this.#seriesCount] = this.#columnCount;
    this.#seriesCount++;
    this.#columnCount += this.#sequenceLength;
    this.#sequenceLength = 0;
    this.#ownSourceCount = 0;
  }

  finish(): SelectSnapshot {
    return {
      startMs: this.startMs,
      endMs: this.endMs,
      seriesCount: this.#seriesCount,
      sources: this.#sources,
      ...this.#timelines.finish(this.#runs),
      timelineOf: this.#timelineOf,
      columnStarts: this.#columnStarts,
      columns: this.#columns.slice(0, this.#columnCount),
      late: this.#late.size > 0 ? this.#late : null,
      notes: this.#notes.size > 0 ? this.#notes : null,
    };
  }
}

/** Adds the columns that a block has of a series. */
class BlockPart {
  readonly #block: LoadedBlock;
  readonly #runs: Int32Array;

  constructor(block: LoadedBlock) {
    this.#block = block;
    this.#runs = new Int32Array(block.chunks.length).fill(UNSEEN);
  }

  add(ref: number, builder: SnapshotBuilder): void {
    const local = this.#block.local(ref);
    if (local < 0) return;
    const { starts, chunks, columns } = this.#block.pieces;
    const end = starts[local + 1]!;
    const firstRun = builder.ownSourceCount;
    for (let i = starts[local]!; i < end; i++) {
      const chunk = chunks[i]!;
      let run = this.#runs[chunk]!;
      if (run === UNSEEN) this.#runs[chunk] = run = runOf(this.#block.chunks[chunk]!, builder);
      if (run !== NOT_WANTED) builder.addRun(run, columns[i]!);
    }
    builder.note(firstRun, this.#block.deleted(local), this.#block.starts(local));
  }
}

function runOf(source: Source, builder: SnapshotBuilder): number {
  if (!builder.wants(source)) return NOT_WANTED;
  const number = builder.addSource(source);
  return builder.run(number, number + 1);
}

class HeadPart {
  readonly #head: Head;
  readonly #groups: (GroupRuns | undefined)[] = [];

  constructor(head: Head) {
    this.#head = head;
  }

  add(ref: number, builder: SnapshotBuilder): void {
    const head = this.#head;
    const firstRun = builder.ownSourceCount;
    for (const home of head.earlierHomes(ref)) this.#addHome(home.group.id, home.column, builder);
    const group = head.homeGroup(ref);
    if (group >= 0) this.#addHome(group, head.homeColumn(ref), builder);
    const starts = head.starts.any ? head.starts.of(ref) : undefined;
    builder.note(firstRun, head.tombstones.size > 0 ? head.tombstones.of(ref) : undefined, starts);
    const late = head.late.count > 0 ? head.late.of(ref) : undefined;
    if (late !== undefined) builder.addLate(late, starts);
  }

  #addHome(group: number, column: number, builder: SnapshotBuilder): void {
    const runs = (this.#groups[group] ??= new GroupRuns(this.#head.groups[group]!, builder));
    const run = runs.of(column, builder);
    if (run !== NOT_WANTED) builder.addRun(run, column);
  }
}

/** The sources of one group of a head that matter: a series has its column in all of them, or in the later ones. */
class GroupRuns {
  readonly #chunks: readonly Chunk[];
  /** The first chunk that matters, and how many do. They are not looked at one by one: there are thousands. */
  readonly #firstChunk: number;
  readonly #chunkCount: number;
  /** Columns of the open rows, 0 when they do not matter. */
  readonly #openWidth: number;
  readonly #first: number;
  readonly #end: number;
  /** The run from each source on. */
  readonly #runs: (number | undefined)[] = [];

  constructor({ chunks, open }: SampleGroup, builder: SnapshotBuilder) {
    this.#chunks = chunks;
    this.#firstChunk = firstEndingFrom(chunks, builder.startMs);
    this.#chunkCount = Math.max(0, firstBeginningBehind(chunks, builder.endMs) - this.#firstChunk);
    this.#first = builder.sourceCount;
    for (let i = 0; i < this.#chunkCount; i++) builder.addSource(chunks[this.#firstChunk + i]!);
    const newest = open?.snapshot();
    const wanted = newest !== undefined && builder.wants(newest);
    if (wanted) builder.addSource(newest);
    this.#openWidth = wanted ? newest.stride : 0;
    this.#end = builder.sourceCount;
  }

  of(column: number, builder: SnapshotBuilder): number {
    const count = this.#end - this.#first;
    let from = 0;
    // Nearly all series are there from the first on.
    for (let end = column < this.#widthOf(0) ? 0 : count; from < end; ) {
      const middle = (from + end) >>> 1;
      if (column >= this.#widthOf(middle)) from = middle + 1;
      else end = middle;
    }
    if (from === count) return NOT_WANTED;
    return (this.#runs[from] ??= builder.run(this.#first + from, this.#end));
  }

  /** Columns of a source; never fewer than of the one before. */
  #widthOf(source: number): number {
    return source < this.#chunkCount ? this.#chunks[this.#firstChunk + source]!.offsets.length - 1 : this.#openWidth;
  }
}

/** The first of a group's chunks, which ascend in time, with a row that is not before `timeMs`. */
function firstEndingFrom(chunks: readonly Chunk[], timeMs: number): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { timestamps, rows } = chunks[middle]!;
    if (timestamps[rows - 1]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first whose rows are all later than `timeMs`. */
function firstBeginningBehind(chunks: readonly Chunk[], timeMs: number): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle]!.timestamps[0]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
