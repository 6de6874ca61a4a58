/** The part of the store that takes samples: groups in memory, until they are written as a block. */
import type { FloatHistogram } from '../model/histogram.ts';
import type { AppendResult, SampleRow } from './append-request.ts';
import { Cell } from './column/column-format.ts';
import { LateSamples } from './late-samples.ts';
import { SampleGroup } from './sample-group.ts';
import type { SeriesClock } from './series-clock.ts';

/** Where a series' samples are: one column of one group. */
export interface Home {
  readonly group: SampleGroup;
  readonly column: number;
}

/** A series unknown so far must not begin further back than this, or a head would span any time. */
const NEW_SERIES_AGE_MS_MAX = 60 * 60_000;

const NO_GROUP = -1;

export class Head {
  readonly late = new LateSamples();
  minTimeMs = Number.POSITIVE_INFINITY;
  maxTimeMs = Number.NEGATIVE_INFINITY;
  sampleCount = 0;
  seriesCount = 0;
  readonly #clock: SeriesClock;
  readonly #groups: SampleGroup[] = [];
  readonly #groupsByKey = new Map<string, SampleGroup>();
  #homeGroup = new Int32Array(1024).fill(NO_GROUP);
  #homeColumn = new Int32Array(1024);
  /** Homes before the present one, of the few series that changed their group. */
  readonly #earlier = new Map<number, Home[]>();

  constructor(clock: SeriesClock) {
    this.#clock = clock;
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

  has(ref: number): boolean {
    return (ref < this.#homeGroup.length && this.#homeGroup[ref] !== NO_GROUP) || this.late.of(ref) !== undefined;
  }

  /** All homes of a series, oldest first. */
  homes(ref: number): readonly Home[] {
    if (ref >= this.#homeGroup.length || this.#homeGroup[ref] === NO_GROUP) return [];
    const home = { group: this.#groups[this.#homeGroup[ref]!]!, column: this.#homeColumn[ref]! };
    const earlier = this.#earlier.get(ref);
    return earlier === undefined ? [home] : [...earlier, home];
  }

  /** Refs that have samples here. */
  *refs(): Iterable<number> {
    for (let ref = 0; ref < this.#homeGroup.length; ref++) if (this.#homeGroup[ref] !== NO_GROUP) yield ref;
    for (const ref of this.late.refs())
      if (ref >= this.#homeGroup.length || this.#homeGroup[ref] === NO_GROUP) yield ref;
  }

  /** Puts a row in, and counts in `result` what became of its samples. */
  apply(row: Omit<SampleRow, 'group'>, group: SampleGroup, outOfOrderWindowMs: number, result: AppendResult): void {
    const { timestampMs, refs, values, stale, histograms, count } = row;
    for (let i = 0; i < count; i++) this.#settle(refs[i]!, group);
    const at = group.row(timestampMs);
    const open = group.open;
    const oldestMs = this.maxTimeMs - Math.max(NEW_SERIES_AGE_MS_MAX, outOfOrderWindowMs);
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
        open!.states[cell] = isStale ? Cell.stale : Cell.float;
        if (histogram !== undefined) open!.setHistogram(at, column, histogram);
        this.#clock.set(ref, timestampMs);
        this.sampleCount++;
        result.appended++;
        continue;
      }
      this.#applyLate(ref, timestampMs, values[i]!, isStale, histogram, outOfOrderWindowMs, result);
    }
    if (result.appended > 0) this.#extend(timestampMs);
  }

  #applyLate(
    ref: number,
    timestampMs: number,
    value: number,
    stale: boolean,
    histogram: FloatHistogram | undefined,
    outOfOrderWindowMs: number,
    result: AppendResult,
  ): void {
    const lastMs = this.#clock.get(ref);
    if (timestampMs === lastMs) {
      if (this.#isSame(ref, timestampMs, value, stale, histogram)) result.appended++;
      else result.duplicate++;
      return;
    }
    // Later than the series' last sample, but earlier than rows of its group that are encoded already.
    const inOrder = timestampMs > lastMs;
    if (!inOrder && timestampMs < lastMs - outOfOrderWindowMs) {
      result.outOfOrder++;
      return;
    }
    if (!this.late.add(ref, { timestampMs, value, stale, histogram })) {
      result.duplicate++;
      return;
    }
    if (inOrder) this.#clock.set(ref, timestampMs);
    this.sampleCount++;
    result.appended++;
  }

  /** Whether the newest sample of a series, at this time, is this one. */
  #isSame(
    ref: number,
    timestampMs: number,
    value: number,
    stale: boolean,
    histogram: FloatHistogram | undefined,
  ): boolean {
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
