/** Numbers for the series of one target, by any text that tells them apart, and the order in which a scrape has them. */
import type { Labels } from '../model/labels.ts';
import { LineOrder } from './line-order.ts';

/** Series no longer seen are forgotten when they are this many more than those in use: churn must not grow for ever. */
const STALE_ENTRIES_MAX = 1_000;

export class EntryTable {
  /** Counts up when entries are renumbered. */
  generation = 0;
  readonly #order = new LineOrder();
  readonly #byKey = new Map<string, number>();
  #labels: Labels[] = [];

  get count(): number {
    return this.#labels.length;
  }

  /** Counts up when the entries of a scrape are not those of the one before, in their order. */
  get layout(): number {
    return this.#order.version;
  }

  labelsOf(entry: number): Labels {
    return this.#labels[entry]!;
  }

  begin(): void {
    if (this.#labels.length > 2 * this.#order.count + STALE_ENTRIES_MAX) {
      this.#byKey.clear();
      this.#labels = [];
      this.#order.forget();
      this.generation++;
    }
    this.#order.begin();
  }

  /** The entry of the next sample; `labels` is asked only for a series that is new. */
  next(key: string, labels: () => Labels): number {
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = this.#labels.push(labels()) - 1;
      this.#byKey.set(key, entry);
    }
    if (entry === this.#order.predicted) this.#order.follow();
    else this.#order.leave(entry);
    return entry;
  }

  /** The scrape was read to its end. */
  commit(): void {
    this.#order.commit();
  }
}
