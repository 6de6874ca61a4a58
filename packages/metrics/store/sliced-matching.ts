/**
 * Regular expressions of matchers, tried on the values of a label in slices: over a label with very many values, or with
 * an expression that takes long for each, intake has its turn in between.
 */
import { compileMatcher, type LabelMatcher, matcherValues } from '../model/matcher.ts';
import type { SeriesIndex, ValueTest } from './series-index.ts';

/** How long one slice may hold the event loop. */
const SLICE_MS = 4;

/** Fewer values than this are tried at once. */
const SLICED_VALUES_MIN = 256;

/** The clock is looked at after so many values. */
const VALUES_PER_LOOK = 16;

/** Predicates for `SeriesIndex.match`, undefined where its own are quick enough. Rejects with the signal's reason. */
export async function testsOf(
  index: SeriesIndex,
  matchers: readonly LabelMatcher[],
  signal: AbortSignal | undefined,
): Promise<((matcher: LabelMatcher) => ValueTest) | undefined> {
  let tests: Map<LabelMatcher, ValueTest> | undefined;
  for (const matcher of matchers) {
    const isPattern = matcher.op === '=~' || matcher.op === '!~';
    if (!isPattern || matcherValues(matcher) !== null || index.distinctCount(matcher.name) < SLICED_VALUES_MIN)
      continue;
    tests ??= new Map();
    tests.set(matcher, await triedOut(index, matcher, signal));
  }
  const known = tests;
  return known && ((matcher) => known.get(matcher) ?? compileMatcher(matcher));
}

async function triedOut(
  index: SeriesIndex,
  matcher: LabelMatcher,
  signal: AbortSignal | undefined,
): Promise<ValueTest> {
  signal?.throwIfAborted();
  const matches = compileMatcher(matcher);
  const results = new Map<string, boolean>();
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const value of index.distinctValues(matcher.name)) {
    results.set(value, matches(value));
    if (results.size % VALUES_PER_LOOK > 0 || performance.now() < sliceEndMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    sliceEndMs = performance.now() + SLICE_MS;
  }
  // A value that came meanwhile is tried when it is met.
  return (value) => results.get(value) ?? matches(value);
}
