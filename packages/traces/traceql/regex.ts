/** Regular expressions of TraceQL: RE2's, anchored on both ends, dot matches line ends (as Tempo since 2.7). */

import { RE2JS } from 're2js';

/** Answers kept for values seen before; telemetry repeats itself, and the engine is slower than a look-up. */
const MEMO_MAX = 10_000;

/** A matcher of whole strings. Linear in the length of the text whatever the pattern. */
export function compileRegex(pattern: string): (text: string) => boolean {
  const literals = literalsOf(pattern);
  if (literals !== undefined) return (text) => literals.has(text);
  const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
  const memo = new Map<string, boolean>();
  return (text) => {
    const known = memo.get(text);
    if (known !== undefined) return known;
    const matches = compiled.matches(text);
    if (memo.size >= MEMO_MAX) memo.clear();
    memo.set(text, matches);
    return matches;
  };
}

/** The alternatives of a pattern such as `GET|POST` that has no other operators. */
function literalsOf(pattern: string): ReadonlySet<string> | undefined {
  return /[\\^$.[\]()*+?{}]/.test(pattern) ? undefined : new Set(pattern.split('|'));
}
