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

/** Classes of the series of an array of labels, as far as they were asked for. */
interface Classes {
  readonly index: GroupIndex;
  readonly of: Int32Array;
}

/** By array of labels, which a store gives again as long as its series are the same, and by the labels grouped by. */
const knownClasses = new WeakMap<readonly Labels[], Map<string, Classes>>();
/** Groupings kept for one array, at four bytes a series each. */
const CLASSES_MAX = 8;

/** Groups of the series of a selector, which are looked at once for many queries. */
export class SelectedGroups {
  readonly labels: Labels[] = [];
  readonly dropName: boolean[] = [];
  readonly #selected: readonly Labels[];
  readonly #classes: Classes;
  /** The group of each class, -1 for those without a series so far: groups are in the order of first results. */
  #groups = new Int32Array(16).fill(-1);

  constructor(node: Aggregate, selected: readonly Labels[]) {
    this.#selected = selected;
    this.#classes = classesOf(node, selected);
  }

  groupOf(place: number): number {
    const { index, of } = this.#classes;
    let known = of[place]!;
    if (known < 0) of[place] = known = index.groupOf(this.#selected[place]!, false);
    if (known >= this.#groups.length) this.#groups = enlarged(this.#groups, known);
    const group = this.#groups[known]!;
    if (group >= 0) return group;
    this.dropName.push(false);
    return (this.#groups[known] = this.labels.push(index.labels[known]!) - 1);
  }
}

function classesOf(node: Aggregate, selected: readonly Labels[]): Classes {
  let byGrouping = knownClasses.get(selected);
  if (byGrouping === undefined) knownClasses.set(selected, (byGrouping = new Map()));
  const key = JSON.stringify([node.without, node.grouping]);
  let classes = byGrouping.get(key);
  if (classes === undefined) {
    if (byGrouping.size === CLASSES_MAX) byGrouping.clear();
    classes = { index: new GroupIndex(node), of: new Int32Array(selected.length).fill(-1) };
    byGrouping.set(key, classes);
  }
  return classes;
}

function enlarged(groups: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(index + 1, groups.length * 2)).fill(-1);
  larger.set(groups);
  return larger;
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
