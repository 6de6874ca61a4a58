/** Matchers of routes, silences and inhibition rules, in Alertmanager's notation (pkg/labels of the real one). */
import { isClassicLabelName, type Labels, quoteGo } from '../model/labels.ts';
import { compileRe2 } from '../model/regex.ts';

export type MatcherOperator = '=' | '!=' | '=~' | '!~';

export interface AlertMatcher {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
  /** An absent label has the empty value. */
  matches(value: string): boolean;
}

/** Throws an Error with Go's text when a regular expression is not one. */
export function createMatcher(name: string, operator: MatcherOperator, value: string): AlertMatcher {
  if (operator === '=') return { name, operator, value, matches: (text) => text === value };
  if (operator === '!=') return { name, operator, value, matches: (text) => text !== value };
  const program = compileRe2(/^\^\(\?:[\s\S]*\)\$$/.test(value) ? value : `^(?:${value})$`);
  return { name, operator, value, matches: (text) => program.matches(text) === (operator === '=~') };
}

export function matchesAll(matchers: readonly AlertMatcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}

const NAME = /^\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"((?:[^"\\]|\\.)*)")\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/;

/** One matcher: `severity=critical`, `team=~"a|b"`, `"a.b"!="c"`. Throws with the real tool's text. */
export function parseMatcher(text: string): AlertMatcher {
  const match = NAME.exec(text);
  if (match === null) throw new Error(`bad matcher format: ${text}`);
  const [, bare, quoted, operator, raw] = match;
  const name = bare ?? withoutEscapes(quoted!);
  return createMatcher(name, operator as MatcherOperator, readValue(raw!));
}

/** A list of matchers: `{a="b", c=~"d"}`, with or without the braces. */
export function parseMatchers(text: string): readonly AlertMatcher[] {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '');
  return splitOutsideQuotes(inner)
    .filter((part, i, parts) => part.trim() !== '' || i < parts.length - 1)
    .map(parseMatcher);
}

/** `{a="b",c=~"d"}`: how keys of routes and logs write them, sorted as the real tool sorts them. */
export function formatMatchers(matchers: readonly AlertMatcher[]): string {
  return `{${matchers.toSorted(compareMatchers).map(formatMatcher).join(',')}}`;
}

export function formatMatcher({ name, operator, value }: AlertMatcher): string {
  return `${isClassicLabelName(name) ? name : quoteGo(name)}${operator}"${withEscapes(value)}"`;
}

const OPERATOR_ORDER: readonly MatcherOperator[] = ['=', '!=', '=~', '!~'];

export function compareMatchers(a: AlertMatcher, b: AlertMatcher): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return OPERATOR_ORDER.indexOf(a.operator) - OPERATOR_ORDER.indexOf(b.operator);
}

function readValue(raw: string): string {
  if (!raw.startsWith('"')) {
    if (/[^\\]"|^"/.test(raw)) throw new Error(`matcher value contains unescaped double quote: ${raw}`);
    return withoutEscapes(raw);
  }
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(raw);
  if (quoted === null) throw new Error(`matcher value contains unescaped double quote: ${raw}`);
  return withoutEscapes(quoted[1]!);
}

/** Only three escapes are known; another backslash stands for itself, as regular expressions need it. */
function withoutEscapes(text: string): string {
  return text.replace(/\\([\s\S])/g, (both, next: string) =>
    next === 'n' ? '\n' : next === '"' || next === '\\' ? next : both,
  );
}

function withEscapes(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

function splitOutsideQuotes(text: string): readonly string[] {
  const parts: string[] = [];
  let current = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\') {
      current += char + (text[++i] ?? '');
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (char === ',' && !quoted) {
      parts.push(current);
      current = '';
    } else current += char;
  }
  parts.push(current);
  return parts;
}
