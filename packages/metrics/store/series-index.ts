/** All series that the store knows, by label set and by label: the inverted index that matchers run on. */
import { compareLabels, compareStrings, Labels, METRIC_NAME } from '../model/labels.ts';
import { compileMatcher, type LabelMatcher, matcherValues } from '../model/matcher.ts';
import { LabelTable } from './label-table.ts';
import { intersect, NO_REFS, PostingList, subtract, union } from './postings.ts';

/** The values of one label name; keys and the name itself are the strings that all series share. */
interface LabelValues {
  readonly name: string;
  readonly lists: Map<string, ValueList>;
}

interface ValueList {
  readonly value: string;
  readonly list: PostingList;
}

export type ValueTest = (value: string) => boolean;

export class SeriesIndex {
  /** By ref; undefined for refs that are gone. */
  readonly #labels: (Labels | undefined)[] = [];
  readonly #table = new LabelTable(this.#labels);
  readonly #postings = new Map<string, LabelValues>();
  readonly #all = new PostingList();
  /** Refs in the order of their labels, and the place of each ref in it; extended when somebody needs it. */
  #order: Int32Array = NO_REFS;
  #rank: Int32Array = NO_REFS;
  /** Refs that have labels since the order was made. */
  #fresh: number[] = [];
  #removed = false;
  /** By ref: the `removals` when it got its present labels. */
  #since = new Int32Array(1024);
  /** Refs whose series have gone: since the last `rest`, before it, and those that may be given again. */
  #gone: number[] = [];
  #resting: number[] = [];
  #free: number[] = [];
  /** Counts up when refs are given up. */
  removals = 0;
  /** Changes whenever a series comes or goes: what matched before may not be what matches now. */
  generation = 0;

  get size(): number {
    return this.#table.size;
  }

  /** One more than the largest ref ever given. */
  get refCount(): number {
    return this.#labels.length;
  }

  find(labels: Labels): number | undefined {
    return this.#table.find(labels);
  }

  labelsOf(ref: number): Labels {
    const labels = this.#labels[ref];
    if (labels === undefined) throw new Error(`BUG: series ${ref} is not in the index`);
    return labels;
  }

  has(ref: number): boolean {
    return this.#labels[ref] !== undefined;
  }

  /** The ref of a label set, which is added when it is new. */
  add(labels: Labels): number {
    const known = this.#table.find(labels);
    if (known !== undefined) return known;
    const ref = this.#free.pop() ?? this.#labels.length;
    const { pairs } = labels;
    // The strings that are there already: those of the caller may hang on to what they were read from.
    const shared = new Array<string>(pairs.length);
    for (let i = 0; i < pairs.length; i += 2) {
      const values = this.#valuesOf(pairs[i]!);
      const { value, list } = listOf(values, pairs[i + 1]!);
      shared[i] = values.name;
      shared[i + 1] = value;
      list.append(ref);
    }
    this.generation++;
    this.#labels[ref] = Labels.fromSortedPairs(shared);
    this.#table.add(ref, labels);
    this.#all.append(ref);
    this.#fresh.push(ref);
    this.#note(ref);
    return ref;
  }

  /** Whether a ref that was known when `removals` was that number stands for the same series still. */
  keeps(ref: number, removals: number): boolean {
    return this.#labels[ref] !== undefined && this.#since[ref]! <= removals;
  }

  /** From now on nobody learns anything new by the refs that were removed so far. */
  rest(): void {
    for (const ref of this.#gone) this.#resting.push(ref);
    this.#gone = [];
  }

  /** Nobody knows the refs any more that rest: they may stand for other series. */
  reuse(): readonly number[] {
    const refs = this.#resting;
    this.#resting = [];
    for (const ref of refs) this.#free.push(ref);
    return refs;
  }

  /** Forgets series; their refs are given again after `rest` and `reuse`. */
  remove(refs: ReadonlySet<number>): void {
    if (refs.size === 0) return;
    this.generation++;
    this.removals++;
    const touched = new Map<string, Set<string>>();
    for (const ref of refs) {
      const labels = this.labelsOf(ref);
      for (const [name, value] of labels) {
        let values = touched.get(name);
        if (values === undefined) touched.set(name, (values = new Set()));
        values.add(value);
      }
      this.#labels[ref] = undefined;
      this.#gone.push(ref);
    }
    this.#table.rebuild();
    const keep = (ref: number) => !refs.has(ref);
    this.#all.retain(keep);
    for (const [name, values] of touched) {
      const { lists } = this.#postings.get(name)!;
      for (const value of values) {
        const { list } = lists.get(value)!;
        list.retain(keep);
        if (list.size === 0) lists.delete(value);
      }
      if (lists.size === 0) this.#postings.delete(name);
    }
    this.#removed = true;
  }

  /**
   * Refs of the series that satisfy all matchers, ascending by ref. The array must not be changed. `testOf` gives the
   * predicate of a matcher that must look at every value of its label.
   */
  match(matchers: readonly LabelMatcher[], testOf: (matcher: LabelMatcher) => ValueTest = compileMatcher): Int32Array {
    let found: Int32Array | undefined;
    const exclude: LabelMatcher[] = [];
    for (const matcher of matchers) {
      if (compileMatcher(matcher)('')) {
        exclude.push(matcher);
        continue;
      }
      const refs = this.#matching(matcher, testOf);
      found = found === undefined ? refs : intersect(found, refs);
      if (found.length === 0) return NO_REFS;
    }
    found ??= this.#all.view();
    for (const matcher of exclude) found = subtract(found, this.#failing(matcher, testOf));
    return found;
  }

  /** Sorts refs by their labels, in place. */
  sort(refs: Int32Array): Int32Array {
    this.#extendOrder();
    const rank = this.#rank;
    const keys = new Float64Array(refs.length);
    for (let i = 0; i < refs.length; i++) keys[i] = rank[refs[i]!]!;
    keys.sort();
    for (let i = 0; i < refs.length; i++) refs[i] = this.#order[keys[i]!]!;
    return refs;
  }

  labelNames(): string[] {
    return [...this.#postings.keys()].sort(compareStrings);
  }

  /** How many values a label has. */
  distinctCount(name: string): number {
    return this.#postings.get(name)?.lists.size ?? 0;
  }

  /** The values of a label, unsorted; series may come and go while they are walked through. */
  distinctValues(name: string): Iterable<string> {
    return this.#postings.get(name)?.lists.keys() ?? [];
  }

  labelValues(name: string): string[] {
    return [...(this.#postings.get(name)?.lists.keys() ?? [])].sort(compareStrings);
  }

  /** Number of series with a value of a label. */
  valueCount(name: string, value: string): number {
    return this.#postings.get(name)?.lists.get(value)?.list.size ?? 0;
  }

  /** Name and number of series for every value of a label. */
  valueCounts(name: string): [string, number][] {
    return [...(this.#postings.get(name)?.lists ?? [])].map(([value, { list }]) => [value, list.size]);
  }

  /** Series by every pair of name and value, for the cardinality page. */
  *pairCounts(): Iterable<readonly [string, string, number]> {
    for (const [name, { lists }] of this.#postings) {
      for (const [value, { list }] of lists) yield [name, value, list.size];
    }
  }

  metricNameCounts(): [string, number][] {
    return this.valueCounts(METRIC_NAME);
  }

  #valuesOf(name: string): LabelValues {
    let values = this.#postings.get(name);
    if (values === undefined) this.#postings.set(name, (values = { name, lists: new Map() }));
    return values;
  }

  /** Refs of series that have the label with a matching value. */
  #matching(matcher: LabelMatcher, testOf: (matcher: LabelMatcher) => ValueTest): Int32Array {
    const values = this.#postings.get(matcher.name)?.lists;
    if (values === undefined) return NO_REFS;
    const wanted = matcherValues(matcher);
    if (wanted !== null) return union(wanted.flatMap((value) => values.get(value)?.list.view() ?? []));
    const matches = testOf(matcher);
    const lists: Int32Array[] = [];
    for (const [value, { list }] of values) if (matches(value)) lists.push(list.view());
    return union(lists);
  }

  /** Refs of series whose label has a value that the matcher (which takes the absent label) does not take. */
  #failing(matcher: LabelMatcher, testOf: (matcher: LabelMatcher) => ValueTest): Int32Array {
    const values = this.#postings.get(matcher.name)?.lists;
    if (values === undefined) return NO_REFS;
    if (matcher.op === '!=') return values.get(matcher.value)?.list.view() ?? NO_REFS;
    const matches = testOf(matcher);
    const lists: Int32Array[] = [];
    for (const [value, { list }] of values) if (!matches(value)) lists.push(list.view());
    return union(lists);
  }

  #note(ref: number): void {
    if (ref >= this.#since.length) {
      const larger = new Int32Array(Math.max(ref + 1, 2 * this.#since.length));
      larger.set(this.#since);
      this.#since = larger;
    }
    this.#since[ref] = this.removals;
  }

  /** Sorts only the new refs and merges them in: sorting all for each new series would cost more than the query. */
  #extendOrder(): void {
    if (this.#fresh.length === 0 && !this.#removed) return;
    const labels = this.#labels;
    const compare = (a: number, b: number) => compareLabels(labels[a]!, labels[b]!);
    // A series may have come and gone again, and its ref may be another one's already.
    const isFresh = new Set(this.#fresh);
    const known = this.#order.filter((ref) => labels[ref] !== undefined && !isFresh.has(ref));
    const fresh = [...isFresh].filter((ref) => labels[ref] !== undefined);
    fresh.sort(compare);
    const merged = new Int32Array(known.length + fresh.length);
    for (let i = 0, k = 0, f = 0; i < merged.length; i++) {
      const takeKnown = f === fresh.length || (k < known.length && compare(known[k]!, fresh[f]!) < 0);
      merged[i] = takeKnown ? known[k++]! : fresh[f++]!;
    }
    this.#order = merged;
    this.#rank = new Int32Array(labels.length);
    for (let i = 0; i < merged.length; i++) this.#rank[merged[i]!] = i;
    this.#fresh = [];
    this.#removed = false;
  }
}

function listOf({ lists }: LabelValues, value: string): ValueList {
  let found = lists.get(value);
  if (found === undefined) lists.set(value, (found = { value, list: new PostingList() }));
  return found;
}
