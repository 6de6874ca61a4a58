/** The heads of a store: the one that takes samples, and those that are about to become blocks. */
import type { WalRecord } from '@mario/storage';
import { newAppendResult } from './append-request.ts';
import type { Deletion } from './deletion.ts';
import { Head } from './head.ts';
import { HeadLog } from './head-log.ts';
import type { SeriesClock } from './series-clock.ts';
import type { SeriesIndex } from './series-index.ts';
import { turnBackOf } from './wal-entries.ts';

type ApplyExemplar = Parameters<HeadLog['replayer']>[1];
type ApplyMetadata = Parameters<HeadLog['replayer']>[2];

export class HeadList {
  active: HeadLog;
  readonly #index: SeriesIndex;
  readonly #clock: SeriesClock;
  /** Heads that take no more samples and are not yet written; oldest first. */
  #frozen: readonly HeadLog[] = [];

  /** `beforeMs`: the newest time of what was written before. */
  constructor(index: SeriesIndex, clock: SeriesClock, beforeMs?: number) {
    this.#index = index;
    this.#clock = clock;
    this.active = new HeadLog(new Head(clock, beforeMs), index);
  }

  get frozen(): readonly HeadLog[] {
    return this.#frozen;
  }

  /** Oldest first. */
  get all(): readonly HeadLog[] {
    return [...this.#frozen, this.active];
  }

  /** Of the head that takes samples. */
  get stats() {
    const { head } = this.active;
    return {
      headSeriesCount: head.seriesCount,
      headMinTimeMs: head.minTimeMs,
      headMaxTimeMs: head.maxTimeMs,
      headChunkCount: head.groups.reduce(
        (sum, { chunks, open }) => sum + chunks.length + (open !== undefined && open.rows > 0 ? 1 : 0),
        0,
      ),
    };
  }

  get tombstoneCount(): number {
    return this.all.reduce((sum, { head }) => sum + head.tombstones.size, 0);
  }

  /** Begins a new head. */
  freeze(): void {
    const { head } = this.active;
    this.#frozen = [...this.#frozen, this.active];
    this.active = new HeadLog(new Head(this.#clock, head.maxTimeMs), this.#index);
  }

  /** Begins a new head whose samples may be older than those before. */
  turnBack(timeMs: number): void {
    this.#frozen = [...this.#frozen, this.active];
    this.#clock.turnBack(timeMs);
    this.active = new HeadLog(new Head(this.#clock), this.#index, timeMs);
  }

  /** A frozen head is a block now. */
  written(log: HeadLog): void {
    this.#frozen = this.#frozen.filter((each) => each !== log);
  }

  delete(deletion: Deletion): void {
    const refs = this.#index.match(deletion.matchers);
    for (const { head } of this.all) for (const ref of refs) head.delete(ref, deletion.startMs, deletion.endMs);
    for (const log of this.#frozen) log.deletions.push(deletion);
    this.active.sequence = Math.max(this.active.sequence, deletion.id);
  }

  /** Gives what replays the records of intake. */
  replayer(applyExemplar: ApplyExemplar, applyMetadata: ApplyMetadata): (record: WalRecord) => void {
    const begin = () =>
      this.active.replayer(
        (head, row, group, windowMs) => head.apply(row, group, windowMs, newAppendResult()),
        applyExemplar,
        applyMetadata,
      );
    let replay = begin();
    let turnedBackMs: number | undefined;
    return ({ payload, sequence }) => {
      const timeMs = turnBackOf(payload);
      // Records that were on their way together tell it each.
      if (timeMs !== undefined && timeMs !== turnedBackMs) {
        turnedBackMs = timeMs;
        this.active.sequence = sequence - 1;
        this.turnBack(timeMs);
        replay = begin();
      }
      replay(payload);
    };
  }
}
