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

/** Values of the labels grouped by, one level for each: single look-ups of known strings are cheaper than a joined key. */
interface Level {
  readonly next: Map<string, Level>;
  group: number;
}

/** Numbers groups in the order in which their first series comes. */
export class GroupIndex {
  readonly labels: Labels[] = [];
  readonly dropName: boolean[] = [];
  readonly #root: Level = newLevel();
  readonly #byKey = new Map<string, number>();
  readonly #without: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #listed: readonly string[];
  readonly #places: Int32Array;
  readonly #dropped: ReadonlySet<string>;
  readonly #keepsName: boolean;

  constructor({ grouping, without }: Aggregate) {
    this.#without = without;
    this.#names = new Set(grouping);
    this.#listed = [...this.#names];
    this.#places = new Int32Array(this.#listed.length);
    this.#dropped = new Set([...this.#names, METRIC_NAME]);
    this.#keepsName = !without && this.#names.has(METRIC_NAME);
  }

  groupOf(labels: Labels, dropName: boolean): number {
    const group = this.#without ? this.#byOthers(labels) : this.#by(labels);
    // The name leaves a group as soon as one member's name is to leave.
    if (this.#keepsName && dropName) this.dropName[group] = true;
    return group;
  }

  #by(labels: Labels): number {
    let level = this.#root;
    for (let i = 0; i < this.#listed.length; i++) {
      const value = this.#valueOf(labels, i);
      let next = level.next.get(value);
      if (next === undefined) level.next.set(value, (next = newLevel()));
      level = next;
    }
    if (level.group < 0) level.group = this.#add(labels.keep(this.#names));
    return level.group;
  }

  /** Series of one metric mostly have the same names, so that a label stands where it stood in the series before. */
  #valueOf(labels: Labels, i: number): string {
    const { pairs } = labels;
    const name = this.#listed[i]!;
    const hint = this.#places[i]!;
    if (pairs[hint] === name) return pairs[hint + 1]!;
    for (let at = 0; at < pairs.length; at += 2) {
      if (pairs[at] !== name) continue;
      this.#places[i] = at;
      return pairs[at + 1]!;
    }
    return '';
  }

  #byOthers(labels: Labels): number {
    const key = labels.keyWithout(this.#dropped);
    let group = this.#byKey.get(key);
    if (group === undefined) this.#byKey.set(key, (group = this.#add(labels.drop(this.#dropped))));
    return group;
  }

  #add(labels: Labels): number {
    this.dropName.push(false);
    return this.labels.push(labels) - 1;
  }
}

function newLevel(): Level {
  return { next: new Map(), group: -1 };
}

export function groupSeries(series: readonly StepSeries[], node: Aggregate): Groups {
  const index = new GroupIndex(node);
  const of = new Int32Array(series.length);
  series.forEach(({ labels, dropName }, i) => {
    of[i] = index.groupOf(labels, dropName);
  });
  return { of, labels: index.labels, dropName: index.dropName };
}
