/** What of a head's samples is deleted, by series. The samples stay where they are until the head becomes a block. */
import { addInterval, coversRange, type Intervals } from './intervals.ts';

export class Tombstones {
  readonly #bySeries = new Map<number, Intervals>();

  get size(): number {
    return this.#bySeries.size;
  }

  add(ref: number, startMs: number, endMs: number): void {
    this.#bySeries.set(ref, addInterval(this.#bySeries.get(ref), startMs, endMs));
  }

  /** The ranges of a series that are deleted. */
  of(ref: number): Intervals | undefined {
    return this.#bySeries.get(ref);
  }

  covers(ref: number, startMs: number, endMs: number): boolean {
    const intervals = this.#bySeries.get(ref);
    return intervals !== undefined && coversRange(intervals, startMs, endMs);
  }
}
