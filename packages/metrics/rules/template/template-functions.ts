/** The functions that templates of rules may call (template.NewTemplateExpander, and those of Go's text/template). */
import { parsePrometheusDurationMs } from '@mario/service';
import { compileRe2 } from '../../model/regex.ts';
import { expand, groupsOfMatch } from '../../scrape/relabel.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import { goPrintf, goValue } from './printf.ts';
import { TemplateError } from './template-error.ts';

/** One element of what `query` gives. */
export interface TemplateSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface TemplateEnvironment {
  /** Evaluates an instant query at the time of the rule. */
  query(expression: string): Promise<readonly TemplateSample[]>;
  readonly externalUrl: string;
  /** Of the evaluation, for `now`. */
  readonly nowMs: number;
}

export type TemplateFunction = (args: readonly unknown[], environment: TemplateEnvironment) => unknown;

/** Text that a regular expression or a loop may make of one value. */
const TEXT_CHARS_MAX = 1 << 20;

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  query: ([expression], environment) => environment.query(text(expression)),
  first: ([samples]) => {
    const [first] = listOf(samples);
    if (first === undefined) throw new TemplateError('first() called on vector with no elements');
    return first;
  },
  label: ([name, sample]) => sampleOf(sample).labels.get(text(name)) ?? '',
  value: ([sample]) => sampleOf(sample).value,
  strvalue: ([sample]) => sampleOf(sample).labels.get('__value__') ?? '',
  sortByLabel: ([name, samples]) =>
    listOf(samples)
      .map(sampleOf)
      .toSorted((a, b) => compare(a.labels.get(text(name)) ?? '', b.labels.get(text(name)) ?? '')),
  args: (args) => new Map(args.map((arg, i) => [`arg${i}`, arg])),
  safeHtml: ([value]) => text(value),
  match: ([pattern, value]) => compileRe2(text(pattern)).matcher(text(value)).find(),
  title: ([value]) =>
    text(value).replace(/(^|[^\p{L}\p{N}'])(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase()),
  toUpper: ([value]) => text(value).toUpperCase(),
  toLower: ([value]) => text(value).toLowerCase(),
  stripPort: ([value]) => stripPort(text(value)),
  stripDomain: ([value]) => stripDomain(text(value)),
  urlQueryEscape: ([value]) => encodeURIComponent(text(value)).replaceAll('%20', '+'),
  graphLink: ([expression]) => graphLink(text(expression), 0),
  tableLink: ([expression]) => graphLink(text(expression), 1),
  reReplaceAll: ([pattern, replacement, value]) => replaceAll(text(pattern), text(replacement), text(value)),
  humanize: ([value]) => humanize(float(value)),
  humanize1024: ([value]) => humanize1024(float(value)),
  humanizeDuration: ([value]) => humanizeDuration(float(value)),
  humanizePercentage: ([value]) => humanizePercentage(float(value)),
  humanizeTimestamp: ([value]) => humanizeTimestamp(float(value)),
  toTime: ([value]) => new Date(float(value) * 1000),
  toDuration: ([value]) => float(value),
  now: (_args, environment) => environment.nowMs / 1000,
  pathPrefix: (_args, environment) => new URL(environment.externalUrl).pathname.replace(/\/$/, ''),
  externalURL: (_args, environment) => environment.externalUrl,
  parseDuration: ([value]) => {
    const durationMs = parsePrometheusDurationMs(text(value));
    if (durationMs === undefined) throw new TemplateError(`not a valid duration string: ${JSON.stringify(value)}`);
    return durationMs / 1000;
  },
  // Go's own.
  print: (args) =>
    args
      .map((arg, i) => (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string' ? ' ' : '') + goValue(arg))
      .join(''),
  println: (args) => `${args.map(goValue).join(' ')}\n`,
  printf: ([format, ...args]) => goPrintf(text(format), args),
  len: ([value]) => BigInt(sizeOf(value)),
  index: ([value, ...keys]) => keys.reduce(at, value),
  slice: ([value, from, to]) => {
    const sliced = typeof value === 'string' ? value : listOf(value);
    return sliced.slice(Number(from ?? 0n), to === undefined ? undefined : Number(to));
  },
  html: (args) =>
    args
      .map(goValue)
      .join('')
      .replace(/[&<>"']/g, (c) =>
        `&#${c.charCodeAt(0)};`.replace('&#38;', '&amp;').replace('&#60;', '&lt;').replace('&#62;', '&gt;'),
      ),
  js: (args) => JSON.stringify(args.map(goValue).join('')).slice(1, -1),
  urlquery: (args) => encodeURIComponent(args.map(goValue).join('')).replaceAll('%20', '+'),
  not: ([value]) => !isTrue(value),
  eq: ([first, ...others]) => others.some((other) => comparable(first, other) && first === other),
  ne: ([a, b]) => comparable(a, b) && a !== b,
  lt: ([a, b]) => comparable(a, b) && (a as number) < (b as number),
  le: ([a, b]) => comparable(a, b) && (a as number) <= (b as number),
  gt: ([a, b]) => comparable(a, b) && (a as number) > (b as number),
  ge: ([a, b]) => comparable(a, b) && (a as number) >= (b as number),
};

/** `and` and `or` stop at the first argument that decides: the executor does them. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or', 'tmpl']);

export function templateFunction(name: string): TemplateFunction {
  const found = FUNCTIONS[name];
  if (found === undefined) throw new TemplateError(`function "${name}" not defined`);
  return found;
}

/** Go's truth: not zero, not empty. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  if (typeof value === 'number') return value !== 0;
  return typeof value === 'bigint' ? value !== 0n : value !== false;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(
    `wrong type for value; expected string; got ${typeof value === 'number' ? 'float64' : typeof value}`,
  );
}

/** Numbers as they are, text as it is written: labels and captured groups are text. */
function float(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value.replace(/^([+-]?)inf$/i, '$1Infinity'))
      : Number.NaN;
  if (Number.isNaN(number) && value !== 'NaN') throw new TemplateError(`can't convert ${goValue(value)} to float`);
  return number;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`wrong type for value; expected a list; got ${goValue(value)}`);
}

function sampleOf(value: unknown): TemplateSample {
  if (typeof value === 'object' && value !== null && 'labels' in value) return value as TemplateSample;
  throw new TemplateError('wrong type for value; expected *template.sample');
}

function comparable(a: unknown, b: unknown): true {
  if (typeof a !== typeof b) throw new TemplateError('error calling comparison: incompatible types for comparison');
  return true;
}

function sizeOf(value: unknown): number {
  if (value instanceof Map) return value.size;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  throw new TemplateError(`error calling len: len of type ${typeof value}`);
}

function at(value: unknown, key: unknown): unknown {
  if (value instanceof Map) return value.get(key) ?? '';
  const list = value as readonly unknown[];
  const i = Number(key);
  if (!Array.isArray(list) || !(i >= 0 && i < list.length))
    throw new TemplateError(`error calling index: index out of range: ${String(key)}`);
  return list[i];
}

function replaceAll(pattern: string, replacement: string, value: string): string {
  const matcher = compileRe2(pattern).matcher(value);
  let out = '';
  let last = 0;
  while (matcher.find() && out.length < TEXT_CHARS_MAX) {
    out += value.slice(last, matcher.start()) + expand(replacement, groupsOfMatch(matcher));
    last = matcher.end();
  }
  return out + value.slice(last);
}

function stripPort(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(host);
  return match === null ? host : (match[1] ?? match[2]!);
}

function stripDomain(host: string): string {
  const match = /^(.*?)(:\d+)?$/.exec(host)!;
  const name = match[1]!;
  if (/^[\d.]+$/.test(name) || name.includes(':')) return host;
  return name.split('.')[0]! + (match[2] ?? '');
}

/** The path of the page that draws an expression. */
export function graphLink(expression: string, tab: 0 | 1): string {
  return `/graph?g0.expr=${encodeURIComponent(expression).replaceAll('%20', '+')}&g0.tab=${tab}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a sample is for `.Value` and `.Labels.x`. */
export function sampleField(sample: TemplateSample, field: string): unknown {
  if (field === 'Labels') return sample.labels;
  if (field === 'Value') return sample.value;
  throw new TemplateError(`can't evaluate field ${field} in type *template.sample`);
}
