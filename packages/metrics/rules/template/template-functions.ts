/** The functions that templates of rules may call (template.NewTemplateExpander of the real server). */
import { escapeQuery, type GoTime, isMap, printValue, type TemplateFunction, type Value } from '@mario/gotemplate';
import { goDuration } from '../../api/go-json.ts';
import { compareStrings } from '../../model/labels.ts';
import { compileRe2 } from '../../model/regex.ts';
import { parseDuration } from '../../promql/parse/duration.ts';
import { expand, groupsOfMatch } from '../../scrape/relabel.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';

/** One element of what `query` gives. */
export interface TemplateSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: Value;
}

export interface TemplateEnvironment {
  /** Evaluates an instant query at the time of the rule. */
  query(expression: string): Promise<readonly TemplateSample[]>;
  readonly externalUrl: string;
  /** Of the evaluation, for `now`. */
  readonly nowMs: number;
}

/** What functions see: queries are answered before, because templates do not wait. */
export interface RuleTemplateContext extends Omit<TemplateEnvironment, 'query'> {
  query(expression: string): readonly Value[];
}

type RuleFunction = TemplateFunction<RuleTemplateContext>;

/** Text that a regular expression or a loop may make of one value. */
const TEXT_CHARS_MAX = 1 << 20;

function fn(least: number, most: number, call: RuleFunction['call']): RuleFunction {
  return { arity: [least, most], call };
}

const numeric = (format: (value: number) => Value) => fn(1, 1, ([value]) => format(float(value)));
const textual = (format: (value: string) => Value) => fn(1, 1, ([value]) => format(text(value)));

export const RULE_FUNCTIONS: ReadonlyMap<string, RuleFunction> = new Map(
  Object.entries({
    query: fn(1, 1, ([expression], context) => context.query(text(expression))),
    first: fn(1, 1, ([samples]) => {
      const [first] = listOf(samples);
      if (first === undefined) throw new Error('first() called on vector with no elements');
      return first;
    }),
    label: fn(2, 2, ([name, sample]) => labelOf(sample, text(name))),
    value: fn(1, 1, ([sample]) => fieldOf(sample, 'Value')),
    strvalue: fn(1, 1, ([sample]) => labelOf(sample, '__value__')),
    sortByLabel: fn(2, 2, ([name, samples]) =>
      listOf(samples).toSorted((a, b) => compareStrings(labelOf(a, text(name)), labelOf(b, text(name)))),
    ),
    args: fn(0, Infinity, (args) => new Map(args.map((arg, i) => [`arg${i}`, arg]))),
    tmpl: fn(2, 2, ([name, data], _context, rendering) => rendering.render(text(name), data)),
    safeHtml: textual((value) => value),
    match: fn(2, 2, ([pattern, value]) => compileRe2(text(pattern)).matcher(text(value)).find()),
    title: textual((value) =>
      value.replace(
        /(^|[^\p{L}\p{N}'_])(\p{L})/gu,
        (_, before: string, letter: string) => before + letter.toUpperCase(),
      ),
    ),
    toUpper: textual((value) => value.toUpperCase()),
    toLower: textual((value) => value.toLowerCase()),
    stripPort: textual(stripPort),
    stripDomain: textual(stripDomain),
    urlQueryEscape: textual((value) => escapeQuery(value)),
    graphLink: textual((expression) => graphLink(expression, 0)),
    tableLink: textual((expression) => graphLink(expression, 1)),
    reReplaceAll: fn(3, 3, ([pattern, replacement, value]) =>
      replaceAll(text(pattern), text(replacement), text(value)),
    ),
    humanize: numeric(humanize),
    humanize1024: numeric(humanize1024),
    humanizeDuration: numeric(humanizeDuration),
    humanizePercentage: numeric(humanizePercentage),
    humanizeTimestamp: numeric(humanizeTimestamp),
    toTime: numeric((seconds) => timeOf(seconds)),
    toDuration: numeric((seconds) => goDuration(seconds * 1000)),
    now: fn(0, 0, (_args, { nowMs }) => nowMs / 1000),
    pathPrefix: fn(0, 0, (_args, { externalUrl }) => new URL(externalUrl).pathname.replace(/\/$/, '')),
    externalURL: fn(0, 0, (_args, { externalUrl }) => externalUrl),
    parseDuration: textual((value) => parseDuration(value) / 1000),
  }),
);

/** A sample as templates see it: `.Labels.x`, `.Value`. */
export function sampleValue({ labels, value }: TemplateSample): Value {
  return {
    goType: '*template.sample',
    field: (name: string) => (name === 'Labels' ? labels : name === 'Value' ? value : undefined),
  };
}

function text(value: Value): string {
  if (typeof value === 'string') return value;
  throw new Error(`wrong type for value; expected string; got ${typeof value === 'number' ? 'float64' : typeof value}`);
}

/** Numbers as they are, text as it is written: labels and captured groups are text. */
function float(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value.replace(/^([+-]?)inf$/i, '$1Infinity'))
      : Number.NaN;
  if (!Number.isNaN(number) || /^nan$/i.test(String(value))) return number;
  if (typeof value === 'string')
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  throw new Error(`can't convert ${printValue(value)} to float`);
}

function timeOf(seconds: number): GoTime {
  if (!Number.isFinite(seconds)) throw new Error(`cannot represent ${printValue(seconds)} as a time`);
  return { ns: BigInt(Math.round(seconds * 1e9)), zone: 'UTC' };
}

function listOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  throw new Error(`wrong type for value; expected template.queryResult; got ${printValue(value)}`);
}

function fieldOf(sample: Value, field: 'Labels' | 'Value'): Value {
  if (typeof sample === 'object' && sample !== null && 'goType' in sample) return sample.field(field);
  throw new Error('wrong type for value; expected *template.sample');
}

function labelOf(sample: Value, name: string): string {
  const labels = fieldOf(sample, 'Labels');
  return isMap(labels) ? String(labels.get(name) ?? '') : '';
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
  return `/graph?g0.expr=${escapeQuery(expression)}&g0.tab=${tab}`;
}
