// Label matchers: plain data (they cross threads) and what compiles them into predicates.
import { quoteGo } from './labels.ts';
import { compilePattern } from './regex.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** `name op "value"`. The value of a regular expression matches the whole label value; an absent label is "". */
export interface LabelMatcher {
  readonly name: string;
  readonly op: MatchOperator;
  readonly value: string;
}

/** A predicate on a label's value. Regular expressions run in linear time whatever their form. */
export function compileMatcher(matcher: LabelMatcher): (value: string) => boolean {
  const wanted = matcher.value;
  switch (matcher.op) {
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '=~': {
      const pattern = compilePattern(wanted);
      return (value) => pattern.matches(value);
    }
    case '!~': {
      const pattern = compilePattern(wanted);
      return (value) => !pattern.matches(value);
    }
  }
}

/**
 * The finite set of values that alone can satisfy a matcher (`=`, or `=~` over plain alternatives), so that an index
 * can look them up instead of scanning; null when the matcher is not of that kind.
 */
export function matcherValues(matcher: LabelMatcher): readonly string[] | null {
  if (matcher.op === '=') return [matcher.value];
  if (matcher.op !== '=~') return null;
  return compilePattern(matcher.value).literals;
}

/** As it stands in an expression: `job=~"a|b"`. */
export function printMatcher(matcher: LabelMatcher): string {
  return `${matcher.name}${matcher.op}${quoteGo(matcher.value)}`;
}
