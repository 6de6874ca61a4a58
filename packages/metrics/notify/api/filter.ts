/** The `filter` parameters of lists of alerts and silences. */
import { type AlertMatcher, parseMatcher } from '../matcher.ts';
import { refusal } from './api-answer.ts';

/** Matchers of `filter` parameters. */
export function matchersOf(params: URLSearchParams): readonly AlertMatcher[] {
  return params.getAll('filter').map((text) => {
    try {
      return parseMatcher(text);
    } catch (error) {
      throw refusal(400, (error as Error).message);
    }
  });
}
