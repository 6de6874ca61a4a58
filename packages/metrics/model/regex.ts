// Regular expressions of label matchers: RE2's syntax and meaning, fully anchored, dot matches newline, linear time.
import { RE2JS } from 're2js';

/** A compiled, fully anchored expression. */
export interface Pattern {
  matches(value: string): boolean;
  /** The only values that can match, when the expression is a plain list of alternatives; else null. */
  readonly literals: readonly string[] | null;
}

// Dashboards repeat the same few expressions; a cache spares compiling. Its size bounds memory when someone generates
// expressions: 512 compiled programs are a few megabytes at most.
const PATTERN_CACHE_MAX = 512;
const cache = new Map<string, Pattern>();

/** Compiles `source`; throws an Error whose message is Go's (`error parsing regexp: …`) when it is not valid RE2. */
export function compilePattern(source: string): Pattern {
  let pattern = cache.get(source);
  if (pattern === undefined) {
    pattern = compileUncached(source);
    if (cache.size >= PATTERN_CACHE_MAX) cache.delete(cache.keys().next().value!);
    cache.set(source, pattern);
  }
  return pattern;
}

function compileUncached(source: string): Pattern {
  const literals = literalAlternatives(source);
  if (literals !== null) {
    const set = new Set(literals);
    return { literals, matches: (value) => set.has(value) };
  }
  if (source === '.*') return { literals: null, matches: () => true };
  if (source === '.+') return { literals: null, matches: (value) => value !== '' };
  const affix = /^(\.[*+])?([\w:/ -]*)(\.[*+])?$/.exec(source);
  if (affix !== null) return affixPattern(affix[1], affix[2]!, affix[3]);
  if (isSafeForBacktracking(source)) {
    const regexp = new RegExp(`^(?:${source})$`, 'su');
    return { literals: null, matches: (value) => regexp.test(value) };
  }
  const program = compileRe2(source);
  return { literals: null, matches: (value) => program.matches(value) };
}

/** RE2 program with dot matching newline; used directly where groups are needed (label_replace). */
export function compileRe2(source: string): RE2JS {
  try {
    // Without the flag first: the flag becomes part of the expression that an error message quotes.
    RE2JS.compile(source);
    return RE2JS.compile(source, RE2JS.DOTALL);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.startsWith('error parsing regexp') ? message : `error parsing regexp: ${message}`);
  }
}

function affixPattern(before: string | undefined, text: string, after: string | undefined): Pattern {
  const headMin = before === '.+' ? 1 : 0;
  const tailMin = after === '.+' ? 1 : 0;
  const matches = (value: string): boolean => {
    if (before === undefined) return value.startsWith(text) && value.length >= text.length + tailMin;
    if (after === undefined) return value.endsWith(text) && value.length >= text.length + headMin;
    const at = value.indexOf(text, headMin);
    return at >= 0 && value.length >= at + text.length + tailMin;
  };
  return { literals: null, matches };
}

/** `a|b|c`, also as `(a|b|c)` or `(?:…)`, of plain characters and escaped punctuation; else null. */
function literalAlternatives(source: string): string[] | null {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(source)?.[1] ?? source;
  const out: string[] = [];
  let current = '';
  for (let i = 0; i < inner.length; i++) {
    const c = inner[i]!;
    if (c === '|') {
      out.push(current);
      current = '';
    } else if (c === '\\') {
      const next = inner[++i];
      if (next === undefined || !/[.+*?()|[\]{}^$\\]/.test(next)) return null;
      current += next;
    } else if (/[.+*?()[\]{}^$]/.test(c)) {
      return null;
    } else {
      current += c;
    }
  }
  out.push(current);
  return out;
}

/**
 * True for a small subset that means the same in V8 and RE2 and cannot backtrack badly: literals, dots, plain classes
 * and flat groups of alternatives without quantifier, with at most two unbounded repetitions of single atoms.
 */
function isSafeForBacktracking(source: string): boolean {
  const atom = String.raw`(?:[\w :/,@%&=~"'<>#;!-]|\\[.+*?()|[\]{}^$\\/dw]|\.|\[\^?(?:[\w.:/ ]-?)+\])`;
  const sequence = `(?:${atom}[*+?]?)*`;
  const shape = new RegExp(`^${sequence}(?:\\((?:\\?:)?${sequence}(?:\\|${sequence})*\\)${sequence})?$`);
  if (source.length > 200 || /\\-|-\]|\[\^?-/.test(source) || !shape.test(source)) return false;
  const unbounded = source.replace(/\\./g, '').match(/[*+]/g)?.length ?? 0;
  return unbounded <= 2;
}
