/** Reads of the store: which series match, which of them have samples in a time range, and their samples. */
import type { Labels } from '../model/labels.ts';
import { compareStrings } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { ExemplarSeries, LabelQuery, SelectHints } from '../queryable.ts';
import type { Block, LoadedBlock } from './block.ts';
import type { ExemplarRing } from './exemplar-ring.ts';
import type { Head } from './head.ts';
import { type KnownMatch, KnownMatches, type Match, partOf, type SeriesShare, shareOf } from './known-matches.ts';
import { type LastSample, lastSamples } from './last-samples.ts';
import { union } from './postings.ts';
import { type SelectSnapshot, takeSnapshot } from './select-snapshot.ts';
import type { SeriesClock } from './series-clock.ts';
import type { SeriesIndex } from './series-index.ts';
import { StoreSeriesSet } from './series-set.ts';
import { testsOf } from './sliced-matching.ts';

export interface StoreContent {
  /** Oldest first. */
  readonly blocks: readonly Block[];
  readonly heads: readonly Head[];
}

/** What matched, ready to be read in any thread. */
export interface SelectedSeries {
  /** Of each series, in the order of labels; the ref of a series that has gone may be another one's of `index` later. */
  readonly refs: Int32Array;
  readonly index: SeriesIndex;
  /** The objects of the index: as long as a ref stands for the same series, its labels are the same one. */
  readonly labels: readonly Labels[];
  readonly snapshot: SelectSnapshot;
  readonly warnings: readonly string[];
}

export interface SnapshotOptions {
  /** Told how many series matched before anything is read; may throw. */
  readonly admit?: ((seriesCount: number) => void) | undefined;
  /** Only this part of the series, in the order of labels. */
  readonly share?: SeriesShare | undefined;
}

/** What of the content lies in a time range. */
interface Ranged {
  readonly blocks: readonly LoadedBlock[];
  readonly heads: readonly Head[];
  readonly warnings: readonly string[];
  readonly startMs: number;
}

export class StoreReader {
  readonly #index: SeriesIndex;
  readonly #clock: SeriesClock;
  readonly #exemplars: ExemplarRing;
  readonly #content: () => StoreContent;
  readonly #matches: KnownMatches;
  #uses = 0;

  constructor(index: SeriesIndex, clock: SeriesClock, exemplars: ExemplarRing, content: () => StoreContent) {
    this.#index = index;
    this.#clock = clock;
    this.#exemplars = exemplars;
    this.#content = content;
    this.#matches = new KnownMatches(index);
  }

  async select(matchers: readonly LabelMatcher[], hints: SelectHints): Promise<StoreSeriesSet> {
    const { labels, snapshot, warnings } = await this.selectSnapshot(matchers, hints);
    return new StoreSeriesSet(labels, snapshot, warnings);
  }

  async selectSnapshot(
    matchers: readonly LabelMatcher[],
    hints: SelectHints,
    { admit, share }: SnapshotOptions = {},
  ): Promise<SelectedSeries> {
    // Before blocks and heads are taken: between that and the match nothing may change.
    const match = await this.#matches.prepare(matchers, hints.signal);
    const ranged = await this.#ranged(hints.startMs, hints.endMs);
    hints.signal?.throwIfAborted();
    const { refs, labels } = this.#restricted(match(), ranged, hints.limit ?? 0, admit, share);
    return {
      refs,
      index: this.#index,
      labels,
      snapshot: takeSnapshot(refs, ranged, hints),
      warnings: ranged.warnings,
    };
  }

  /** The newest samples since a time; heads are asked first, since blocks may have to be read. */
  async lastSamples(refs: readonly number[], sinceMs: number): Promise<Map<number, LastSample>> {
    const { heads } = this.#content();
    const found = lastSamples(Int32Array.from(refs), { blocks: [], heads }, sinceMs);
    const missing = refs.filter((ref) => !found.has(ref));
    if (missing.length === 0) return found;
    const ranged = await this.#ranged(sinceMs, Number.POSITIVE_INFINITY);
    for (const [ref, sample] of lastSamples(Int32Array.from(missing), ranged, sinceMs)) found.set(ref, sample);
    return found;
  }

  async series(query: LabelQuery): Promise<Labels[]> {
    const refs = this.#index.sort(await this.#matching(query));
    const limited = query.limit !== undefined && query.limit > 0 ? refs.subarray(0, query.limit) : refs;
    return Array.from(limited, (ref) => this.#index.labelsOf(ref));
  }

  async labelNames(query: LabelQuery): Promise<string[]> {
    const names = new Set<string>();
    for (const ref of await this.#matching(query)) {
      const { pairs } = this.#index.labelsOf(ref);
      for (let i = 0; i < pairs.length; i += 2) names.add(pairs[i]!);
    }
    return limited([...names].sort(compareStrings), query);
  }

  async labelValues(name: string, query: LabelQuery): Promise<string[]> {
    const values = new Set<string>();
    for (const ref of await this.#matching(query)) {
      const value = this.#index.labelsOf(ref).get(name);
      if (value !== '') values.add(value);
    }
    return limited([...values].sort(compareStrings), query);
  }

  exemplars(query: LabelQuery): ExemplarSeries[] {
    let wanted = (_ref: number) => true;
    if (query.matcherSets.length > 0) {
      const refs = new Set(union(query.matcherSets.map((matchers) => this.#index.match(matchers))));
      wanted = (ref) => refs.has(ref);
    }
    const found = this.#exemplars.select((ref) => this.#index.has(ref) && wanted(ref), query.startMs, query.endMs);
    return Array.from(this.#index.sort(Int32Array.from(found.keys())), (ref) => ({
      seriesLabels: this.#index.labelsOf(ref),
      exemplars: found.get(ref)!,
    }));
  }

  async #matching(query: LabelQuery): Promise<Int32Array> {
    const sets = query.matcherSets.length === 0 ? [[]] : query.matcherSets;
    const tests = await testsOf(this.#index, sets.flat(), undefined);
    const ranged = await this.#ranged(query.startMs, query.endMs);
    const refs = union(sets.map((matchers) => this.#index.match(matchers, tests)));
    return this.#inRange(refs, ranged);
  }

  /** Loads the blocks that overlap; one that cannot be read is left out, with a warning. */
  async #ranged(startMs: number, endMs: number): Promise<Ranged> {
    const { blocks } = this.#content();
    const warnings: string[] = [];
    const loaded: LoadedBlock[] = [];
    for (const block of blocks) {
      if (block.entry.minTimeMs > endMs || block.entry.maxTimeMs < startMs) continue;
      block.lastUsed = ++this.#uses;
      try {
        loaded.push(block.loaded ?? (await block.load(this.#index)));
      } catch (error) {
        warnings.push(`block ${block.entry.name} cannot be read and is left out: ${(error as Error).message}`);
      }
    }
    // Heads are taken after the waiting: one that became a block meanwhile would be missing otherwise.
    const { heads, blocks: now } = this.#content();
    for (const block of now) {
      const ready = block.loaded;
      const overlaps = block.entry.minTimeMs <= endMs && block.entry.maxTimeMs >= startMs;
      if (ready !== undefined && overlaps && !loaded.includes(ready)) loaded.push(ready);
    }
    return {
      blocks: loaded,
      heads: heads.filter((head) => head.minTimeMs <= endMs && head.maxTimeMs >= startMs),
      warnings,
      startMs,
    };
  }

  /** What of a match is wanted. */
  #restricted(
    match: KnownMatch,
    ranged: Ranged,
    limit: number,
    admit: SnapshotOptions['admit'],
    share: SeriesShare | undefined,
  ): Match {
    const found = this.#inRange(match.refs, ranged);
    admit?.(found.length);
    const refs = limit > 0 ? found.subarray(0, limit) : found;
    return share === undefined ? partOf(match, refs, this.#index) : shareOf(match, refs, share, this.#index);
  }

  /** A copy, with only the series that may have samples in the range. */
  #inRange(refs: Int32Array, { blocks, heads, startMs }: Ranged): Int32Array {
    const found = new Int32Array(refs.length);
    let count = 0;
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]!;
      let there = false;
      if (this.#clock.get(ref) >= startMs) for (let h = 0; h < heads.length && !there; h++) there = heads[h]!.has(ref);
      for (let b = 0; b < blocks.length && !there; b++) there = blocks[b]!.has(ref);
      if (there) found[count++] = ref;
    }
    return found.subarray(0, count);
  }
}

function limited(list: string[], query: LabelQuery): string[] {
  return query.limit !== undefined && query.limit > 0 ? list.slice(0, query.limit) : list;
}
