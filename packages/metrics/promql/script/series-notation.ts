// The notation of series in test scripts: `metric{a="b"} 1+2x3 _ stale {{schema:0 sum:1 …}}`.
import {
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  compactHistogram,
  denseBuckets,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
} from '../../model/histogram.ts';
import { addHistograms, subtractHistograms } from '../../model/histogram-arithmetic.ts';
import { Labels, METRIC_NAME } from '../../model/labels.ts';
import { parseDuration } from '../parse/duration.ts';
import { parseNumber } from '../parse/number.ts';
import { unquote } from '../parse/quoted-string.ts';

export type SequenceValue = number | FloatHistogram | 'stale' | null;

export interface SeriesLine {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

export interface StartTimestampLine {
  readonly labels: Labels;
  /** Milliseconds relative to each sample's time, null where none is given. */
  readonly offsetsMs: readonly (number | null)[];
}

const REPEAT_MAX = 1_000_000;

/** `{labels}` or `name{labels}` at the start of `text`, and what follows. */
export function parseLabelSet(text: string): { labels: Labels; rest: string } {
  const name = /^[a-zA-Z_:][\w:]*/.exec(text)?.[0] ?? '';
  let rest = text.slice(name.length).trimStart();
  const entries: [string, string][] = name === '' ? [] : [[METRIC_NAME, name]];
  if (!rest.startsWith('{') || rest.startsWith('{{')) {
    if (name === '') throw new Error(`series expected: ${text}`);
    return { labels: Labels.from(entries), rest };
  }
  rest = rest.slice(1).trimStart();
  while (!rest.startsWith('}')) {
    const quotedName = takeString(rest);
    const label = quotedName?.value ?? /^[a-zA-Z_]\w*/.exec(rest)?.[0];
    if (label === undefined) throw new Error(`label expected: ${rest}`);
    rest = (quotedName?.rest ?? rest.slice(label.length)).trimStart();
    if (quotedName !== null && !rest.startsWith('=')) entries.push([METRIC_NAME, label]);
    else {
      const value = takeString(rest.slice(1).trimStart());
      if (!rest.startsWith('=') || value === null) throw new Error(`label value expected: ${rest}`);
      entries.push([label, value.value]);
      rest = value.rest.trimStart();
    }
    if (rest.startsWith(',')) rest = rest.slice(1).trimStart();
    else if (!rest.startsWith('}')) throw new Error(`"," or "}" expected: ${rest}`);
  }
  return { labels: Labels.from(entries), rest: rest.slice(1) };
}

function takeString(text: string): { value: string; rest: string } | null {
  const match = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/.exec(text);
  return match === null ? null : { value: unquote(match[0]), rest: text.slice(match[0].length) };
}

export function parseSeriesLine(line: string): SeriesLine | StartTimestampLine {
  const { labels, rest } = parseLabelSet(line);
  if (rest.startsWith('@st')) return { labels, offsetsMs: parseStartTimestamps(rest.slice(3)) };
  return { labels, values: parseSequence(rest) };
}

/** Items separated by blanks; blanks inside braces and brackets belong to the item. */
function splitItems(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|[^\s{])+/g) ?? [];
}

export function parseSequence(text: string): SequenceValue[] {
  const values: SequenceValue[] = [];
  for (const item of splitItems(text)) {
    if (item.includes('{{')) values.push(...histogramItem(item));
    else values.push(...floatItem(item));
  }
  return values;
}

const NUMBER = String.raw`(?:(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0x[\da-fA-F]+|[iI][nN][fF]|[nN][aA][nN]|\d+(?:ms|[smhdwy]))`;
const FLOAT_ITEM = new RegExp(`^([+-]?${NUMBER})(?:([+-]${NUMBER}))?(?:x(\\d+))?$`);

function floatItem(item: string): SequenceValue[] {
  const blanks = /^_(?:x(\d+))?$/.exec(item);
  if (blanks !== null) return new Array<SequenceValue>(Number(blanks[1] ?? 1)).fill(null);
  if (item === 'stale') return ['stale'];
  const match = FLOAT_ITEM.exec(item);
  if (match === null) throw new Error(`unexpected series value: ${item}`);
  const start = signed(match[1]!);
  if (match[3] === undefined) return [start];
  const step = match[2] === undefined ? 0 : signed(match[2]);
  const times = repeatCount(match[3]);
  const out: SequenceValue[] = [];
  // Adding up (rather than multiplying) gives the same roundings as the original.
  for (let i = 0, value = start; i <= times; i++, value += step) out.push(value);
  return out;
}

function signed(text: string): number {
  const plain = text.replace(/^[+-]/, '');
  const value = /[smhdwy]$/.test(plain) ? parseDuration(plain) / 1000 : parseNumber(plain);
  return text.startsWith('-') ? -value : value;
}

function repeatCount(text: string): number {
  const times = Number(text);
  if (times > REPEAT_MAX) throw new Error(`a value is repeated more than ${REPEAT_MAX} times: ${text}`);
  return times;
}

const HISTOGRAM_ITEM = /^(\{\{.*?\}\})(?:([+-])(\{\{.*?\}\}))?(?:x(\d+))?$/;

function histogramItem(item: string): FloatHistogram[] {
  const match = HISTOGRAM_ITEM.exec(item);
  if (match === null) throw new Error(`unexpected histogram: ${item}`);
  const start = parseHistogram(match[1]!);
  if (match[4] === undefined) return [start];
  const times = repeatCount(match[4]);
  const out = [start];
  let current = start;
  for (let i = 0; i < times; i++) {
    if (match[3] !== undefined) {
      const step = parseHistogram(match[3]);
      const next = match[2] === '-' ? subtractHistograms(current, step) : addHistograms(current, step);
      if (next === null) throw new Error(`histograms cannot be combined: ${item}`);
      current = compactHistogram(next.histogram);
    }
    out.push(current);
  }
  return out;
}

/** `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`; absent parts are zero. */
export function parseHistogram(text: string): FloatHistogram {
  const parts = new Map<string, string>();
  for (const [, key, value] of text.slice(2, -2).matchAll(/([a-z_]+)\s*:\s*(\[[^\]]*\]|[^\s\]]+)/g)) {
    if (parts.has(key!)) throw new Error(`duplicate key "${key}" in histogram`);
    parts.set(key!, value!);
  }
  const number = (key: string): number => signed(parts.get(key) ?? '0');
  const list = (key: string): number[] => (parts.get(key) ?? '').match(/[^\s[\],]+/g)?.map(signed) ?? [];
  const schema = number('schema');
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  return {
    ...EMPTY_HISTOGRAM,
    schema,
    sum: number('sum'),
    count: number('count'),
    zeroCount: number('z_bucket'),
    zeroThreshold: number('z_bucket_w'),
    customValues: isCustom ? list('custom_values') : [],
    positive: denseBuckets(number('offset'), list('buckets')),
    negative: denseBuckets(number('n_offset'), list('n_buckets')),
    counterResetHint: (parts.get('counter_reset_hint') as CounterResetHint | undefined) ?? 'unknown',
  };
}

function parseStartTimestamps(text: string): (number | null)[] {
  const out: (number | null)[] = [];
  for (const item of text.trim().split(/\s+/)) {
    const match =
      /^(?:(_)|([+-]?)(\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*|0)(?:([+-])(\d+(?:ms|[smhdwy])|0))?)(?:x(\d+))?$/.exec(
        item,
      );
    if (match === null) throw new Error(`unexpected start timestamp: ${item}`);
    const times = match[6] === undefined ? 0 : repeatCount(match[6]);
    if (match[1] !== undefined) {
      out.push(...new Array<null>(Math.max(1, times)).fill(null));
      continue;
    }
    let value = (match[2] === '-' ? -1 : 1) * parseDuration(match[3]!);
    const step = match[5] === undefined ? 0 : (match[4] === '-' ? -1 : 1) * parseDuration(match[5]);
    for (let i = 0; i <= times; i++, value += step) out.push(value);
  }
  return out;
}
