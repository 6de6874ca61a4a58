/** Replaces `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name:format}` and `${name.path}` in text. */
import type { VariableValue } from '../dashboard.ts';
import { type FormatSubject, formatValue } from './format-value.ts';

/** What stands behind a name while text is written. */
export interface VariableBinding {
  readonly value: VariableValue;
  readonly text: VariableValue;
  /** Written as it is, whatever the format: the custom "All" value of an author. */
  readonly verbatim?: boolean;
  readonly multi: boolean;
}

export interface VariableScope {
  /** Undefined leaves the reference as it stands, as Grafana does. `path`: what follows a dot, as in `__dashboard.uid`. */
  lookup(name: string, path?: string): VariableBinding | undefined;
}

/** Writes a value where the reference names no format; each query language has its own way. */
export type DefaultFormat = (subject: FormatSubject, multi: boolean) => string;

export const globFormat: DefaultFormat = (subject) => formatValue(subject, 'glob');

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::([^\]]+))?\]\]|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}/g;

export function interpolate(text: string, scope: VariableScope, defaultFormat: DefaultFormat = globFormat): string {
  if (!text.includes('$') && !text.includes('[[')) return text;
  return text.replace(REFERENCE, (reference, plain, bracketed, bracketFormat, braced, path, braceFormat) => {
    const name: string = plain ?? bracketed ?? braced;
    const binding = scope.lookup(name, path);
    if (binding === undefined) return reference;
    const format: string | undefined = bracketFormat ?? braceFormat;
    if (binding.verbatim === true && format !== 'text' && format !== 'queryparam') return binding.value as string;
    const subject = { name, value: binding.value, text: binding.text };
    return format === undefined ? defaultFormat(subject, binding.multi) : formatValue(subject, format);
  });
}

/** Names that a text refers to, each once. */
export function referencedVariables(text: string): readonly string[] {
  const names = new Set<string>();
  for (const match of text.matchAll(REFERENCE)) names.add((match[1] ?? match[2] ?? match[4])!);
  return [...names];
}

/**
 * Prometheus and Loki: values stand inside quoted regular expressions, so they are escaped once for the expression
 * and once for the string; several become an alternation.
 */
export const promqlFormat: DefaultFormat = ({ value }, multi) => {
  if (!multi) return escapeString(typeof value === 'string' ? value : value.join('|'));
  if (typeof value === 'string') return escapePattern(value);
  const escaped = value.map(escapePattern);
  return escaped.length === 1 ? escaped[0]! : `(${escaped.join('|')})`;
};

/** TraceQL: values inside quotes; several are joined for a regular expression. */
export const traceqlFormat: DefaultFormat = ({ value }) =>
  typeof value === 'string'
    ? value.replace(/["\\]/g, '\\$&')
    : value.map((item) => item.replace(/["\\]/g, '\\$&')).join('|');

function escapeString(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\\\'");
}

/** Quotes are escaped too, which Grafana leaves out: a value that holds one would end the string around it. */
function escapePattern(text: string): string {
  return text.replace(/[\\$^*{}[\]'+?.()|"]/g, (char) =>
    char === '\\' ? '\\\\\\\\' : char === '"' ? '\\"' : `\\\\${char}`,
  );
}
