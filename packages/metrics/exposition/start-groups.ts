/**
 * `_created` of OpenMetrics: which series of a scrape belong to which, and since when they count. The lines may stand
 * before or behind the series that they are about, so times are joined when all is read.
 */
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { MetricMetadata } from '../queryable.ts';
import { grownInts } from './line-heads.ts';

const SUFFIXES: Readonly<Partial<Record<MetricMetadata['type'], readonly string[]>>> = {
  counter: ['_total'],
  histogram: ['_bucket', '_count', '_sum'],
  summary: ['_count', '_sum', ''],
};

/** Labels of a series that its metric does not have. */
const OWN_LABELS: Readonly<Partial<Record<MetricMetadata['type'], ReadonlySet<string>>>> = {
  counter: new Set([METRIC_NAME]),
  histogram: new Set([METRIC_NAME, 'le']),
  summary: new Set([METRIC_NAME, 'quantile']),
};

const CREATED_SUFFIX = '_created';

export class StartGroups {
  readonly #groups = new Map<string, number>();
  /** By entry: its group, 0 for none. */
  #groupOf = new Int32Array(256);
  #startsMs: number[] = [0];
  #told = false;
  #column = new Float64Array(256);

  begin(): void {
    if (this.#told) this.#startsMs.fill(0);
    this.#told = false;
  }

  /** Takes note of a new series behind the TYPE line of `ofFamily`; true when it is a `_created` line. */
  add(entry: number, labels: Labels, type: MetricMetadata['type'], ofFamily: string): boolean {
    while (entry >= this.#groupOf.length) this.#groupOf = grownInts(this.#groupOf);
    this.#groupOf[entry] = 0;
    const suffixes = SUFFIXES[type];
    if (suffixes === undefined) return false;
    const name = labels.metricName;
    const created = name.endsWith(CREATED_SUFFIX);
    const suffix = created ? CREATED_SUFFIX : suffixes.find((each) => name.endsWith(each));
    if (suffix === undefined) return false;
    const family = name.slice(0, name.length - suffix.length);
    if (family !== ofFamily) return false;
    this.#groupOf[entry] = this.#group(`${family}\u0000${labels.keyWithout(OWN_LABELS[type]!)}`);
    return created;
  }

  /** The time on a `_created` line. */
  tell(entry: number, startMs: number): void {
    this.#startsMs[this.#groupOf[entry]!] = Number.isFinite(startMs) ? startMs : 0;
    this.#told = true;
  }

  /** The starts of samples by their entries, valid until the next call; null when none was told. */
  of(entries: Int32Array, count: number): Float64Array<ArrayBuffer> | null {
    if (!this.#told) return null;
    if (this.#column.length < count) this.#column = new Float64Array(entries.length);
    for (let i = 0; i < count; i++) this.#column[i] = this.#startsMs[this.#groupOf[entries[i]!]!]!;
    return this.#column;
  }

  forget(): void {
    this.#groups.clear();
    this.#startsMs = [0];
  }

  #group(key: string): number {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.#startsMs.push(0) - 1;
      this.#groups.set(key, group);
    }
    return group;
  }
}
