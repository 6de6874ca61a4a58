/** A real store behind the interface of the PromQL test scripts: what they load goes through the log into head or block. */
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { LoadedSample } from '../promql/script/memory-store.ts';
import type { LabelQuery, Queryable, SelectHints } from '../queryable.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { MetricsStore } from './metrics-store.ts';
import type { SnapshotOptions } from './store-reader.ts';

/** Scripts load from time 0 again and again; nothing in them is too late. */
const WINDOW_MS = 1e13;

export class ScriptedStore implements Queryable {
  readonly #flushes: boolean;
  #pending: { labels: Labels; samples: readonly LoadedSample[] }[] = [];
  #store: Promise<MetricsStore>;

  /** `flushes`: everything loaded becomes a block at once. */
  constructor(flushes: boolean) {
    this.#flushes = flushes;
    this.#store = openEmpty();
  }

  clear(): void {
    this.#pending = [];
    const before = this.#store;
    this.#store = before.then((store) => store.close()).then(openEmpty);
  }

  add(labels: Labels, samples: readonly LoadedSample[]): void {
    this.#pending.push({ labels, samples });
  }

  async close(): Promise<void> {
    await (await this.#store).close();
  }

  async select(matchers: readonly LabelMatcher[], hints: SelectHints) {
    return (await this.#loaded()).select(matchers, hints);
  }

  async selectSnapshot(matchers: readonly LabelMatcher[], hints: SelectHints, options?: SnapshotOptions) {
    return (await this.#loaded()).selectSnapshot(matchers, hints, options);
  }

  async labelNames(query: LabelQuery) {
    return (await this.#loaded()).labelNames(query);
  }

  async labelValues(name: string, query: LabelQuery) {
    return (await this.#loaded()).labelValues(name, query);
  }

  async exemplars(query: LabelQuery) {
    return (await this.#loaded()).exemplars(query);
  }

  async metadata(metric?: string) {
    return (await this.#loaded()).metadata(metric);
  }

  async #loaded(): Promise<MetricsStore> {
    const store = await this.#store;
    if (this.#pending.length === 0) return store;
    const rows = new RowCollector();
    for (const { labels, samples } of this.#pending) {
      const ref = store.ref(labels);
      for (const { timestampMs, value, startMs } of samples) {
        if (value === 'stale') rows.addStale('script', timestampMs, ref);
        else if (typeof value === 'number') rows.add('script', timestampMs, ref, value, startMs);
        else rows.addHistogram('script', timestampMs, ref, value, startMs);
      }
    }
    this.#pending = [];
    await store.append({ rows: rows.rows() });
    if (this.#flushes) await store.flush();
    return store;
  }
}

function openEmpty(): Promise<MetricsStore> {
  return MetricsStore.open({
    directory: openMemoryDirectory(),
    clock: new FakeClock(),
    log: silentLog,
    outOfOrderTimeWindowMs: WINDOW_MS,
  });
}
