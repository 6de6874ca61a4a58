/**
 * What matchers found in the index, sorted, kept until a series comes or goes: dashboards and rules ask for the same
 * series again and again, and what others compute from an array of label sets can be kept by that array.
 */
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { SeriesIndex } from './series-index.ts';
import { testsOf } from './sliced-matching.ts';

/** Part number `index` of `of` parts of about the same size. */
export interface SeriesShare {
  readonly index: number;
  readonly of: number;
}

export interface Match {
  /** In the order of labels; must not be changed. */
  readonly refs: Int32Array;
  /** The same array as long as the match is known. */
  readonly labels: readonly Labels[];
}

/** A match, and what was last left of it: mostly the same series lie in the range of one query and the next. */
export interface KnownMatch extends Match {
  part: Match | undefined;
  /** The same of each share, as they were last cut. */
  shares: (Match | undefined)[];
}

/** Some refs of a match with their labels, in arrays that stay the same as long as the refs do. */
export function partOf(match: KnownMatch, refs: Int32Array, index: SeriesIndex): Match {
  if (refs.length === match.refs.length) return match;
  return (match.part = sameOrNew(match.part, refs, index));
}

/** A share of what is left of a match, likewise. */
export function shareOf(match: KnownMatch, refs: Int32Array, share: SeriesShare, index: SeriesIndex): Match {
  const from = Math.floor((refs.length * share.index) / share.of);
  const to = Math.floor((refs.length * (share.index + 1)) / share.of);
  if (match.shares.length !== share.of) match.shares = new Array<undefined>(share.of).fill(undefined);
  return (match.shares[share.index] = sameOrNew(match.shares[share.index], refs.subarray(from, to), index));
}

function sameOrNew(known: Match | undefined, refs: Int32Array, index: SeriesIndex): Match {
  if (known !== undefined && sameRefs(known.refs, refs)) return known;
  // A copy: what is kept must not hold more than itself.
  return { refs: refs.slice(), labels: Array.from(refs, (ref) => index.labelsOf(ref)) };
}

function sameRefs(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Series in all remembered matches together: at up to thirty-six bytes each, 14 MB. */
const REMEMBERED_SERIES_MAX = 400_000;
const REMEMBERED_MAX = 256;

export class KnownMatches {
  readonly #index: SeriesIndex;
  readonly #matches = new Map<string, KnownMatch>();
  #generation = 0;
  #series = 0;

  constructor(index: SeriesIndex) {
    this.#index = index;
  }

  /** Does what takes long; the function given back matches at once. Rejects with the signal's reason. */
  async prepare(matchers: readonly LabelMatcher[], signal: AbortSignal | undefined): Promise<() => KnownMatch> {
    const key = keyOf(matchers);
    const tests = this.#known(key) === undefined ? await testsOf(this.#index, matchers, signal) : undefined;
    return () => {
      const known = this.#known(key);
      if (known !== undefined) return known;
      const refs = this.#index.sort(this.#index.match(matchers, tests).slice());
      const labels = Array.from(refs, (ref) => this.#index.labelsOf(ref));
      const match: KnownMatch = { refs, labels, part: undefined, shares: [] };
      this.#note(key, match);
      return match;
    };
  }

  #known(key: string): KnownMatch | undefined {
    if (this.#generation !== this.#index.generation) {
      this.#matches.clear();
      this.#series = 0;
      this.#generation = this.#index.generation;
    }
    const match = this.#matches.get(key);
    if (match === undefined) return undefined;
    this.#matches.delete(key);
    this.#matches.set(key, match);
    return match;
  }

  #note(key: string, match: KnownMatch): void {
    this.#matches.set(key, match);
    this.#series += match.refs.length;
    for (const [oldest, { refs }] of this.#matches) {
      if (this.#series <= REMEMBERED_SERIES_MAX && this.#matches.size <= REMEMBERED_MAX) break;
      this.#matches.delete(oldest);
      this.#series -= refs.length;
    }
  }
}

function keyOf(matchers: readonly LabelMatcher[]): string {
  return JSON.stringify(matchers.map(({ name, op, value }) => [name, op, value]));
}
