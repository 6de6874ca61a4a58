/** `| drop a, b="x"` and `| keep a, b=~"x.*"`: which labels go on. */
import type { NamedMatcher } from '../ast.ts';
import { compileMatcher } from '../regex.ts';
import { ERROR_DETAILS_LABEL, ERROR_LABEL, PRESERVE_ERROR_LABEL } from './labels-builder.ts';
import type { CompiledStage } from './stage.ts';

const special: ReadonlySet<string> = new Set([ERROR_LABEL, ERROR_DETAILS_LABEL, PRESERVE_ERROR_LABEL]);

interface NamedTest {
  readonly name: string;
  /** Undefined: whatever the value. */
  readonly matches: ((value: string) => boolean) | undefined;
}

function compileNamed(matcher: NamedMatcher): NamedTest {
  if (typeof matcher === 'string') return { name: matcher, matches: undefined };
  return { name: matcher.name, matches: compileMatcher(matcher) };
}

export function compileDrop(matchers: readonly NamedMatcher[]): CompiledStage {
  const tests = matchers.map(compileNamed);
  return {
    requiredLabels: [],
    process(line, { labels }) {
      for (const { name, matches } of tests) {
        if (matches !== undefined && !matches(labels.text(name))) continue;
        if (name === ERROR_LABEL) labels.error = '';
        else if (name === ERROR_DETAILS_LABEL) labels.errorDetails = '';
        else if (matches !== undefined || labels.get(name) !== undefined) labels.delete(name);
      }
      return line;
    },
  };
}

export function compileKeep(matchers: readonly NamedMatcher[]): CompiledStage {
  const tests = matchers.map(compileNamed);
  return {
    requiredLabels: [],
    process(line, { labels }) {
      for (const [name, value] of labels.labels()) {
        if (special.has(name)) continue;
        const kept = tests.some((test) => test.name === name && (test.matches === undefined || test.matches(value)));
        if (!kept) labels.delete(name);
      }
      return line;
    },
  };
}
