/**
 * Regular expressions with RE2's syntax and in linear time. Patterns whose matching cannot backtrack (no repetition, or
 * repetitions that the next character ends) run on V8's engine, which is several times faster; all others on re2js.
 */
import { RE2JS } from 're2js';
import type { Matcher } from './ast.ts';

/** Unanchored searches start at every character: beyond this length even a simple repetition goes to the linear engine. */
const V8_LINE_LENGTH_MAX = 4096;

/** Compiled searches kept for the next query; dashboards repeat the same few. */
const CACHE_COUNT_MAX = 512;

export type TextTest = (text: string) => boolean;

/** A search with its groups, numbered as in the pattern; unmatched groups are ''. */
export interface Capturing {
  readonly names: readonly string[];
  /** The whole match first, or undefined. */
  exec(text: string): readonly string[] | undefined;
}

/** Go's message when the pattern is not valid RE2, else undefined. */
export function checkRegex(pattern: string): string | undefined {
  try {
    compileRe2(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function compileRe2(pattern: string, flags = 0): RE2JS {
  try {
    return RE2JS.compile(pattern, flags);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.startsWith('error parsing regexp') ? message : `error parsing regexp: ${message}`);
  }
}

const searches = new Map<string, TextTest>();

/** Whether the pattern occurs anywhere; a dot does not match a line break. */
export function compileSearch(pattern: string): TextTest {
  let test = searches.get(pattern);
  if (test === undefined) {
    test = buildSearch(pattern);
    if (searches.size >= CACHE_COUNT_MAX) searches.delete(searches.keys().next().value!);
    searches.set(pattern, test);
  }
  return test;
}

function buildSearch(pattern: string): TextTest {
  const re2 = compileRe2(pattern);
  const literal = literalOf(pattern);
  if (literal !== undefined) return (text) => text.includes(literal);
  const fast = compileV8(pattern, { anchored: false, dotAll: false });
  if (fast === undefined) return (text) => re2.test(text);
  return (text) => (text.length <= V8_LINE_LENGTH_MAX ? fast.test(text) : re2.test(text));
}

/** A label matcher as a function of the value: fully anchored, a dot matches everything. */
export function compileMatcher(matcher: Matcher): TextTest {
  const { value } = matcher;
  switch (matcher.operator) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileAnchored(value);
    case '!~': {
      const test = compileAnchored(value);
      return (text) => !test(text);
    }
  }
}

export function compileAnchored(pattern: string): TextTest {
  const re2 = compileRe2(pattern, RE2JS.DOTALL);
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  const alternatives = pattern.split('|');
  if (alternatives.every((part) => literalOf(part) !== undefined)) {
    const values = new Set(alternatives.map((part) => literalOf(part)!));
    return (text) => values.has(text);
  }
  const fast = compileV8(pattern, { anchored: true, dotAll: true });
  if (fast === undefined) return (text) => re2.matches(text);
  return (text) => fast.test(text);
}

/** A search that gives the groups; anchored for label_replace. */
export function compileCapturing(pattern: string, options: { readonly anchored: boolean }): Capturing {
  const re2 = compileRe2(options.anchored ? `^(?s:${pattern})$` : pattern);
  const names = groupNames(re2);
  const fast = compileV8(pattern, { anchored: options.anchored, dotAll: options.anchored });
  const exec = (text: string): readonly string[] | undefined => {
    if (fast !== undefined && text.length <= V8_LINE_LENGTH_MAX) {
      const match = fast.exec(text);
      return match === null ? undefined : Array.from(match, (group: string | undefined) => group ?? '');
    }
    const matcher = re2.matcher(text);
    if (!matcher.find()) return undefined;
    return names.map((_, group) => matcher.group(group) ?? '');
  };
  return { names, exec };
}

/** The name of each group by its number, '' for those without one; group 0 is the whole match. */
function groupNames(re2: RE2JS): readonly string[] {
  const names = Array.from({ length: re2.groupCount() + 1 }, () => '');
  for (const [name, group] of Object.entries(re2.namedGroups())) names[group] = name;
  return names;
}

/** All matches replaced; `expand` gives the replacement of one match. */
export function replaceAllMatches(
  pattern: string,
  text: string,
  expand: (groups: readonly string[], names: readonly string[]) => string,
): string {
  const re2 = compileRe2(pattern);
  const names = groupNames(re2);
  const matcher = re2.matcher(text);
  let result = '';
  let last = 0;
  while (matcher.find()) {
    const groups = names.map((_, group) => matcher.group(group) ?? '');
    result += text.slice(last, matcher.start()) + expand(groups, names);
    last = matcher.end();
  }
  return result + text.slice(last);
}

export function countMatches(pattern: string, text: string): number {
  const matcher = compileRe2(pattern).matcher(text);
  let count = 0;
  while (matcher.find()) count++;
  return count;
}

const reference = /\$(?:\$|(\w+)|\{(\w+)\})/g;

/** Go's Regexp.Expand: `$1`, `${name}`, `$$`; the longest word is the name, an unknown one is empty. */
export function expandReplacement(template: string, groups: readonly string[], names: readonly string[]): string {
  return template.replace(reference, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    if (/^\d+$/.test(name)) return groups[Number(name)] ?? '';
    const group = names.indexOf(name);
    return group < 0 ? '' : groups[group]!;
  });
}

/** The text that the pattern stands for when it has no operator in it. */
function literalOf(pattern: string): string | undefined {
  return /[\\^$.|?*+()[\]{}]/.test(pattern) ? undefined : pattern;
}

const atom = /\\[dwDWsS]|\\[^\w\s]|\[\^?(?:\\[dwsDWSnrt\]\\[.\-/]|[^\]\\[])+\]|\.|[^\\^$.|?*+()[\]{}]/uy;

/**
 * The pattern for V8 when it is of the simple kind: literals, classes, dots, groups, and `*` or `+` only where the next
 * character must be one that the repeated class does not hold. Undefined otherwise.
 */
function compileV8(
  pattern: string,
  options: { readonly anchored: boolean; readonly dotAll: boolean },
): RegExp | undefined {
  let source = pattern;
  let flags = 'u';
  if (source.startsWith('(?i)')) {
    source = source.slice(4);
    flags += 'i';
  }
  const alternates = source.includes('|');
  let out = '';
  let repeated: RegExp | undefined;
  let last = '';
  for (let at = 0; at < source.length; ) {
    const character = source[at]!;
    atom.lastIndex = at;
    const found = atom.exec(source)?.[0];
    if (found !== undefined) {
      last = translateAtom(found, options.dotAll);
      const plain = found.startsWith('\\') ? found.slice(1) : found;
      if (repeated !== undefined) {
        const literal = /^(?:\\[^\w]|[^\\[.])$/u.test(found);
        if (!literal || repeated.test(plain)) return undefined;
        repeated = undefined;
      }
      out += last;
      at += found.length;
    } else if (character === '*' || character === '+') {
      const lazy = source[at + 1] === '?' || source[at + 1] === '*' || source[at + 1] === '+';
      if (last === '' || alternates || lazy) return undefined;
      repeated = new RegExp(`^${last}$`, flags);
      out += character;
      last = '';
      at++;
    } else if (character === '?' && last !== '' && source[at + 1] !== '?') {
      // An optional atom behind a repetition would let the repetition's end move.
      out += '?';
      last = '';
      at++;
    } else if (character === '(') {
      const group = /^\((?:\?P?<([A-Za-z_]\w*)>|\?:)?/.exec(source.slice(at))![0];
      if (source[at + group.length] === '?' || repeated !== undefined) return undefined;
      out += group.replace('?P<', '?<');
      last = '';
      at += group.length;
    } else if (character === ')' || (character === '|' && repeated === undefined)) {
      if (character === ')' && /[*+?{]/.test(source[at + 1] ?? '')) return undefined;
      out += character;
      last = '';
      at++;
    } else {
      return undefined;
    }
  }
  if (flags.includes('i') && repeated !== undefined) return undefined;
  try {
    return new RegExp(options.anchored ? `^(?:${out})$` : out, flags);
  } catch {
    return undefined;
  }
}

/** Go's classes are ASCII; JavaScript's `\s` and dot differ at the edges. */
function translateAtom(found: string, dotAll: boolean): string {
  if (found === '.') return dotAll ? '[\\s\\S]' : '[^\\n]';
  if (found === '\\s') return '[\\t\\n\\f\\r ]';
  if (found === '\\S') return '[^\\t\\n\\f\\r ]';
  if (found.startsWith('[')) return found.replaceAll('\\s', '\\t\\n\\f\\r ').replace(/(?<=.)\[(?=.)/g, '\\[');
  if (/^[-/]$/.test(found)) return found;
  if (/^\\[^\w\s]$/.test(found)) return /[\\^$.|?*+()[\]{}/]/.test(found[1]!) ? found : found[1]!;
  return found;
}
