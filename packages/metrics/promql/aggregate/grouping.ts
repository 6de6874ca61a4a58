// Which series belong to which group of an aggregation.
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { StepSeries } from '../engine/value.ts';
import type { Aggregate } from '../parse/ast.ts';

export interface Groups {
  /** Group of series i. */
  readonly of: Int32Array;
  readonly labels: readonly Labels[];
  /** Whether the group's name is to be dropped at the end. */
  readonly dropName: readonly boolean[];
}

/** Numbers groups in the order in which their first series comes. */
export class GroupIndex {
  readonly labels: Labels[] = [];
  readonly dropName: boolean[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #without: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #sorted: readonly string[];
  readonly #dropped: ReadonlySet<string>;
  readonly #keepsName: boolean;
  /** Neighbours in the order of labels mostly share their group: the values and the group of the series before. */
  readonly #lastValues: string[] = [];
  #lastGroup = -1;

  constructor({ grouping, without }: Aggregate) {
    this.#without = without;
    this.#names = new Set(grouping);
    this.#sorted = [...this.#names].sort();
    this.#dropped = new Set([...this.#names, METRIC_NAME]);
    this.#keepsName = !without && this.#names.has(METRIC_NAME);
  }

  groupOf(labels: Labels, dropName: boolean): number {
    if (!this.#without && this.#asBefore(labels)) {
      if (this.#keepsName && dropName) this.dropName[this.#lastGroup] = true;
      return this.#lastGroup;
    }
    const group = this.#lookUp(labels, dropName);
    this.#lastGroup = group;
    return group;
  }

  #asBefore(labels: Labels): boolean {
    let same = this.#lastGroup >= 0;
    for (let i = 0; i < this.#sorted.length; i++) {
      const value = labels.get(this.#sorted[i]!);
      if (value === this.#lastValues[i]) continue;
      this.#lastValues[i] = value;
      same = false;
    }
    return same;
  }

  #lookUp(labels: Labels, dropName: boolean): number {
    const key = this.#without ? labels.keyWithout(this.#dropped) : labels.keyOf(this.#sorted);
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = this.labels.length;
      this.#byKey.set(key, group);
      this.labels.push(this.#without ? labels.drop(this.#dropped) : labels.keep(this.#names));
      this.dropName.push(false);
    }
    // The name leaves a group as soon as one member's name is to leave.
    if (this.#keepsName && dropName) this.dropName[group] = true;
    return group;
  }
}

export function groupSeries(series: readonly StepSeries[], node: Aggregate): Groups {
  const index = new GroupIndex(node);
  const of = Int32Array.from(series, ({ labels, dropName }) => index.groupOf(labels, dropName));
  return { of, labels: index.labels, dropName: index.dropName };
}
