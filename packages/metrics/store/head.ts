/** The part of the store that takes samples: groups in memory, until they are written as a block. */
import type { AppendResult, SampleRow } from './append-request.ts';
import { Cell } from './column/column-format.ts';
import { gatherSamples } from './gather-samples.ts';
import { type LateSample, LateSamples } from './late-samples.ts';
import { SampleGroup } from './sample-group.ts';
import type { SeriesClock } from './series-clock.ts';
import { StartTimes } from './start-times.ts';
import { Tombstones } from './tombstones.ts';

/** Where a series' samples are: one column of one group. */
export interface Home {
  readonly group: SampleGroup;
  readonly column: number;
}

/** A series unknown so far must not begin further back than this, or a head would span any time. */
const NEW_SERIES_AGE_MS_MAX = 60 * 60_000;

const NO_GROUP = -1;
const NO_HOMES: readonly Home[] = [];

export class Head {
  readonly late = new LateSamples();
  readonly starts = new StartTimes();
  readonly tombstones = new Tombstones();
  minTimeMs = Number.POSITIVE_INFINITY;
  maxTimeMs = Number.NEGATIVE_INFINITY;
  sampleCount = 0;
  seriesCount = 0;
  readonly #clock: SeriesClock;
  readonly #beforeMs: number;
  readonly #groups: SampleGroup[] = [];
  readonly #groupsByKey = new Map<string, SampleGroup>();
  #homeGroup = new Int32Array(1024).fill(NO_GROUP);
  #homeColumn = new Int32Array(1024);
  /** Homes before the present one, of the few series that changed their group. */
  readonly #earlier = new Map<number, Home[]>();
  readonly #emptied = new Map<number, { readonly lastMs: number; readonly empty: boolean }>();

  /** `beforeMs`: the newest time of the head before this one, which goes on to tell what is too old. */
  constructor(clock: SeriesClock, beforeMs = Number.NEGATIVE_INFINITY) {
    this.#clock = clock;
    this.#beforeMs = beforeMs;
  }

  get groups(): readonly SampleGroup[] {
    return this.#groups;
  }

  group(key: string): SampleGroup {
    let group = this.#groupsByKey.get(key);
    if (group === undefined) {
      group = new SampleGroup(this.#groups.length, key);
      this.#groups.push(group);
      this.#groupsByKey.set(key, group);
    }
    return group;
  }

  /** Whether the series has samples here that are not deleted. */
  has(ref: number): boolean {
    if (this.late.count > 0 && this.late.of(ref) !== undefined) return true;
    if (ref >= this.#homeGroup.length || this.#homeGroup[ref] === NO_GROUP) return false;
    return this.tombstones.size === 0 || this.tombstones.of(ref) === undefined || !this.#isEmptied(ref);
  }

  /**
   * Deletes the samples of a series in a time range. What comes later into the range, out of order, is not deleted:
   * the range ends at the newest sample, and late samples are taken out themselves.
   */
  delete(ref: number, startMs: number, endMs: number): void {
    this.late.remove(ref, startMs, endMs);
    const lastMs = Math.min(endMs, this.#newestMs(ref));
    if (startMs > lastMs || this.homes(ref).length === 0) return;
    this.tombstones.add(ref, startMs, lastMs);
    this.#emptied.delete(ref);
  }

  /** No sample of the series here is newer. The clock does not know those that it was turned back over. */
  #newestMs(ref: number): number {
    const lastMs = this.#clock.get(ref);
    return lastMs === Number.NEGATIVE_INFINITY ? this.maxTimeMs : Math.min(lastMs, this.maxTimeMs);
  }

  /** Whether a series that is deleted in part has nothing left. Found out once for each deletion and newest sample. */
  #isEmptied(ref: number): boolean {
    const lastMs = this.#newestMs(ref);
    const known = this.#emptied.get(ref);
    if (known?.lastMs === lastMs) return known.empty;
    const empty =
      this.tombstones.covers(ref, this.minTimeMs, lastMs) || gatherSamples(this, ref).timestamps.length === 0;
    this.#emptied.set(ref, { lastMs, empty });
    return empty;
  }

  /** All homes of a series, oldest first. */
  homes(ref: number): readonly Home[] {
    if (ref >= this.#homeGroup.length || this.#homeGroup[ref] === NO_GROUP) return [];
    const home = { group: this.#groups[this.#homeGroup[ref]!]!, column: this.#homeColumn[ref]! };
    const earlier = this.#earlier.get(ref);
    return earlier === undefined ? [home] : [...earlier, home];
  }

  /** The number of the group that is a series' present home, or -1. */
  homeGroup(ref: number): number {
    return ref < this.#homeGroup.length ? this.#homeGroup[ref]! : NO_GROUP;
  }

  /** The column there. */
  homeColumn(ref: number): number {
    return this.#homeColumn[ref]!;
  }

  /** Homes before the present one, oldest first. */
  earlierHomes(ref: number): readonly Home[] {
    return (this.#earlier.size > 0 ? this.#earlier.get(ref) : undefined) ?? NO_HOMES;
  }

  /** Refs that have samples here. */
  *refs(): Iterable<number> {
    for (let ref = 0; ref < this.#homeGroup.length; ref++) if (this.#homeGroup[ref] !== NO_GROUP) yield ref;
    for (const ref of this.late.refs())
      if (ref >= this.#homeGroup.length || this.#homeGroup[ref] === NO_GROUP) yield ref;
  }

  /** Puts a row in, and counts in `result` what became of its samples. */
  apply(row: Omit<SampleRow, 'group'>, group: SampleGroup, outOfOrderWindowMs: number, result: AppendResult): void {
    if (this.#applyAligned(row, group, result)) return;
    const { timestampMs, refs, values, stale, histograms, count } = row;
    const starts = row.starts ?? null;
    const anyStarts = starts !== null || this.starts.any;
    for (let i = 0; i < count; i++) this.#settle(refs[i]!, group);
    const isNewRow = timestampMs > group.lastTimestampMs;
    const at = group.row(timestampMs);
    const open = group.open;
    const oldestMs = Math.max(this.maxTimeMs, this.#beforeMs) - Math.max(NEW_SERIES_AGE_MS_MAX, outOfOrderWindowMs);
    let nextStale = 0;
    for (let i = 0; i < count; i++) {
      const isStale = stale !== null && nextStale < stale.length && stale[nextStale] === i;
      if (isStale) nextStale++;
      const ref = refs[i]!;
      const lastMs = this.#clock.get(ref);
      const histogram = histograms === null ? undefined : histograms.get(i);
      if (timestampMs < oldestMs && lastMs === Number.NEGATIVE_INFINITY) {
        result.outOfBounds++;
        continue;
      }
      if (timestampMs > lastMs && at >= 0) {
        const column = this.#homeColumn[ref]!;
        const cell = at * open!.stride + column;
        open!.values[cell] = values[i]!;
        const state = isStale ? Cell.stale : Cell.float;
        if (histogram !== undefined) open!.setHistogram(at, column, histogram);
        else if (isNewRow) open!.states[cell] = state;
        // Readers in other threads may look at the row already: they must not see the state before the value.
        else Atomics.store(open!.states, cell, state);
        if (anyStarts) this.starts.append(ref, timestampMs, starts?.[i] ?? 0);
        this.#clock.set(ref, timestampMs);
        this.sampleCount++;
        result.appended++;
        continue;
      }
      const sample = { timestampMs, value: values[i]!, stale: isStale, histogram };
      this.#applyLate(ref, sample, starts?.[i] ?? 0, outOfOrderWindowMs, result);
    }
    if (result.appended > 0) this.#extend(timestampMs);
    this.#align(row, group);
  }

  /**
   * The usual row: the series of the group's row before, newer than it. Then every sample is newer than all of its
   * series, and goes to a column that is known. False when the row is another one, and nothing was done.
   */
  #applyAligned(row: Omit<SampleRow, 'group'>, group: SampleGroup, result: AppendResult): boolean {
    const { aligned } = group;
    const { timestampMs, refs, values, stale, histograms, count } = row;
    if (aligned === undefined || aligned.refs.length !== count || timestampMs <= group.lastTimestampMs) return false;
    for (let i = 0; i < count; i++) if (aligned.refs[i] !== refs[i]) return false;
    const at = group.row(timestampMs);
    const open = group.open!;
    const base = at * open.stride;
    const { columns } = aligned;
    if (columns === null) {
      open.values.set(values.subarray(0, count), base);
      open.states.fill(Cell.float, base, base + count);
    } else {
      for (let i = 0; i < count; i++) {
        const cell = base + columns[i]!;
        open.values[cell] = values[i]!;
        open.states[cell] = Cell.float;
      }
    }
    if (stale !== null) for (const i of stale) open.states[base + (columns === null ? i : columns[i]!)] = Cell.stale;
    if (histograms !== null) {
      for (const [i, histogram] of histograms) open.setHistogram(at, columns === null ? i : columns[i]!, histogram);
    }
    const starts = row.starts ?? null;
    if (starts !== null || this.starts.any) {
      for (let i = 0; i < count; i++) this.starts.append(refs[i]!, timestampMs, starts?.[i] ?? 0);
    }
    this.#clock.setAll(aligned.refs, timestampMs);
    this.sampleCount += count;
    result.appended += count;
    this.#extend(timestampMs);
    return true;
  }

  /** Remembers a row's series and their columns, when it looks like coming again and all samples are the newest of theirs. */
  #align({ refs, count, timestampMs }: Omit<SampleRow, 'group'>, group: SampleGroup): void {
    group.aligned = undefined;
    const again = group.lastCount === count;
    group.lastCount = count;
    if (!again || timestampMs !== group.lastTimestampMs) return;
    const columns = new Int32Array(count);
    const taken = new Uint8Array(group.width);
    let straight = true;
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      if (this.#clock.get(ref) !== timestampMs || this.#homeGroup[ref] !== group.id) return;
      const column = this.#homeColumn[ref]!;
      // A series twice in one row: the second sample is a duplicate, which only the long way sees.
      if (taken[column] === 1) return;
      taken[column] = 1;
      columns[i] = column;
      if (column !== i) straight = false;
    }
    group.aligned = { refs: refs.slice(0, count), columns: straight ? null : columns };
  }

  #applyLate(ref: number, sample: LateSample, startMs: number, outOfOrderWindowMs: number, result: AppendResult): void {
    const { timestampMs } = sample;
    const lastMs = this.#clock.get(ref);
    if (timestampMs === lastMs) {
      if (this.#isSame(ref, sample)) result.appended++;
      else result.duplicate++;
      return;
    }
    // Later than the series' last sample, but earlier than rows of its group that are encoded already.
    const inOrder = timestampMs > lastMs;
    if (!inOrder && timestampMs < lastMs - outOfOrderWindowMs) {
      result.outOfOrder++;
      return;
    }
    if (!this.late.add(ref, sample)) {
      result.duplicate++;
      return;
    }
    const home = this.#homeGroup[ref]!;
    if (inOrder) {
      if (home !== NO_GROUP) this.#groups[home]!.aligned = undefined;
      this.#clock.set(ref, timestampMs);
      if (this.starts.any || startMs !== 0) this.starts.append(ref, timestampMs, startMs);
    } else if (this.starts.any || startMs !== 0) this.starts.insert(ref, timestampMs, startMs);
    this.sampleCount++;
    result.appended++;
  }

  /** Whether the newest sample of a series, at this time, is this one. */
  #isSame(ref: number, { timestampMs, value, stale, histogram }: LateSample): boolean {
    const group = this.#groups[this.#homeGroup[ref]!]!;
    const row = group.open?.find(timestampMs) ?? -1;
    // Encoded or written to a block: sent again by a client that lost the answer, most likely.
    if (row < 0) return true;
    const cell = row * group.open!.stride + this.#homeColumn[ref]!;
    const state = group.open!.states[cell]!;
    if (state === Cell.absent) return true;
    if (stale) return state === Cell.stale;
    if (histogram !== undefined) return state === Cell.histogram;
    return state === Cell.float && Object.is(group.open!.values[cell], value);
  }

  /** Makes `group` the home of the series. */
  #settle(ref: number, group: SampleGroup): void {
    if (ref >= this.#homeGroup.length) this.#growHomes(ref);
    const present = this.#homeGroup[ref]!;
    if (present === group.id) return;
    if (present !== NO_GROUP) this.#groups[present]!.aligned = undefined;
    if (present === NO_GROUP) {
      this.#homeColumn[ref] = group.addColumn(ref);
      this.seriesCount++;
    } else {
      let earlier = this.#earlier.get(ref);
      if (earlier === undefined) this.#earlier.set(ref, (earlier = []));
      const back = earlier.findIndex((home) => home.group === group);
      const column = back >= 0 ? earlier.splice(back, 1)[0]!.column : group.addColumn(ref);
      earlier.push({ group: this.#groups[present]!, column: this.#homeColumn[ref]! });
      this.#homeColumn[ref] = column;
    }
    this.#homeGroup[ref] = group.id;
  }

  #growHomes(ref: number): void {
    const size = Math.max(ref + 1, this.#homeGroup.length * 2);
    const groups = new Int32Array(size).fill(NO_GROUP);
    groups.set(this.#homeGroup);
    this.#homeGroup = groups;
    const columns = new Int32Array(size);
    columns.set(this.#homeColumn);
    this.#homeColumn = columns;
  }

  #extend(timestampMs: number): void {
    if (timestampMs < this.minTimeMs) this.minTimeMs = timestampMs;
    if (timestampMs > this.maxTimeMs) this.maxTimeMs = timestampMs;
  }
}
