/** Ad hoc filters: label matchers that are put into every vector selector of a PromQL or LogQL expression. */
import type { AdhocFilter } from '../dashboard.ts';

/** Gives back the expression itself when there is nothing to add. */
export function addAdhocFilters(expression: string, filters: readonly AdhocFilter[]): string {
  const matchers = filters
    .filter((filter) => filter.key !== '' && /^(=|!=|=~|!~)$/.test(filter.operator))
    .map((filter) => `${filter.key}${filter.operator}"${filter.value.replace(/["\\]/g, '\\$&')}"`)
    .join(',');
  return matchers === '' ? expression : insertMatchers(expression, matchers);
}

/** Words that are no metric name where one may stand. */
const KEYWORDS = new Set(
  'by without on ignoring group_left group_right offset bool and or unless atan2 inf nan start end'.split(' '),
);

const TOKEN =
  /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|[a-zA-Z_:][\w:.]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[a-z]*|\{|\}|\(|\)|\[|\]|\s+|./gs;

const GROUPING = /^(by|without|on|ignoring|group_left|group_right)$/i;

/** Walks the tokens; grouping clauses hold label names, which look like metrics and are not. */
function insertMatchers(expression: string, matchers: string): string {
  const tokens = expression.match(TOKEN) ?? [];
  let output = '';
  let index = 0;
  const copyThrough = (closing: string) => {
    while (index < tokens.length) {
      const token = tokens[index++]!;
      output += token;
      if (token === closing) return;
    }
  };
  while (index < tokens.length) {
    const token = tokens[index++]!;
    output += token;
    const next = nextSignificant(tokens, index);
    if (token === '[') copyThrough(']');
    else if (token === '{') {
      output += matchers + (next === '}' ? '' : ',');
      copyThrough('}');
    } else if (GROUPING.test(token)) {
      if (next === '(') copyThrough(')');
    } else if (isMetric(token, next)) output += `{${matchers}}`;
  }
  return output;
}

function isMetric(token: string, next: string | undefined): boolean {
  if (!/^[a-zA-Z_:]/.test(token) || KEYWORDS.has(token.toLowerCase())) return false;
  // Functions are followed by a parenthesis, aggregations by one or by their grouping.
  return next !== '(' && next !== '{' && !(next !== undefined && /^(by|without)$/i.test(next));
}

function nextSignificant(tokens: readonly string[], from: number): string | undefined {
  for (let index = from; index < tokens.length; index++) {
    if (!/^(\s|#)/.test(tokens[index]!)) return tokens[index];
  }
  return undefined;
}
