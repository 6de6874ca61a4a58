/** Reads what stands before the value: metric name and labels, classic or with quoted UTF-8 names. */
import { compareStrings, Labels, METRIC_NAME } from '../model/labels.ts';
import { ExpositionError } from './exposition-error.ts';

const BACKSLASH = 92;
const QUOTE = 34;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface SeriesText {
  readonly labels: Labels;
  /** First byte after the name or the closing brace. */
  readonly end: number;
}

/** Labels including `__name__`; empty values are dropped. Throws ExpositionError naming `line`. */
export function parseSeriesText(bytes: Uint8Array, at: number, limit: number, line: number): SeriesText {
  let p = at;
  const pairs: [string, string][] = [];
  if (bytes[p] !== 123) {
    const end = skipName(bytes, p, limit, true);
    if (end === p) throw new ExpositionError(line, `expected a metric name, got ${excerpt(bytes, p, limit)}`);
    pairs.push([METRIC_NAME, ascii(bytes, p, end)]);
    p = skipSpace(bytes, end, limit);
    if (bytes[p] !== 123) return { labels: toLabels(pairs, line), end };
  }
  p = parseLabelList(bytes, p, limit, line, pairs, true);
  if (!pairs.some(([name]) => name === METRIC_NAME)) throw new ExpositionError(line, 'metric name not set');
  return { labels: toLabels(pairs, line), end: p };
}

/** The labels of an exemplar, from its opening brace. */
export function parseExemplarLabels(bytes: Uint8Array, at: number, limit: number, line: number): SeriesText {
  const pairs: [string, string][] = [];
  const end = parseLabelList(bytes, at, limit, line, pairs, false);
  return { labels: toLabels(pairs, line), end };
}

function parseLabelList(
  bytes: Uint8Array,
  at: number,
  limit: number,
  line: number,
  pairs: [string, string][],
  metricNameAllowed: boolean,
): number {
  let p = skipSpace(bytes, at + 1, limit);
  while (p < limit && bytes[p] !== 125) {
    let name: string;
    if (bytes[p] === QUOTE) {
      const end = closingQuote(bytes, p, limit, line);
      name = unescapeText(text(bytes, p + 1, end, line));
      p = skipSpace(bytes, end + 1, limit);
      // A quoted word without "=" is the metric's name.
      if (metricNameAllowed && (bytes[p] === 44 || bytes[p] === 125)) {
        if (pairs.some(([known]) => known === METRIC_NAME)) throw new ExpositionError(line, 'metric name already set');
        pairs.push([METRIC_NAME, name]);
        p = nextLabel(bytes, p, limit, line);
        continue;
      }
    } else {
      const end = skipName(bytes, p, limit, false);
      if (end === p) throw new ExpositionError(line, `expected label name, got ${excerpt(bytes, p, limit)}`);
      name = ascii(bytes, p, end);
      p = skipSpace(bytes, end, limit);
    }
    if (bytes[p] !== 61) throw new ExpositionError(line, `expected equal, got ${excerpt(bytes, p, limit)}`);
    p = skipSpace(bytes, p + 1, limit);
    if (bytes[p] !== QUOTE) throw new ExpositionError(line, `expected label value, got ${excerpt(bytes, p, limit)}`);
    const end = closingQuote(bytes, p, limit, line);
    pairs.push([name, unescapeText(text(bytes, p + 1, end, line))]);
    p = nextLabel(bytes, skipSpace(bytes, end + 1, limit), limit, line);
  }
  if (p >= limit) throw new ExpositionError(line, 'unexpected end of input in the labels');
  return p + 1;
}

function nextLabel(bytes: Uint8Array, at: number, limit: number, line: number): number {
  if (bytes[at] === 44) return skipSpace(bytes, at + 1, limit);
  if (at < limit && bytes[at] === 125) return at;
  throw new ExpositionError(line, `expected comma or brace, got ${excerpt(bytes, at, limit)}`);
}

function toLabels(pairs: [string, string][], line: number): Labels {
  pairs.sort(([a], [b]) => compareStrings(a, b));
  const flat: string[] = [];
  for (let i = 0; i < pairs.length; i++) {
    const [name, value] = pairs[i]!;
    if (i > 0 && pairs[i - 1]![0] === name) throw new ExpositionError(line, `label name "${name}" is not unique`);
    if (value !== '') flat.push(name, value);
  }
  return Labels.fromSortedPairs(flat);
}

/** End of `[a-zA-Z_:][a-zA-Z0-9_:]*`, colons only in metric names. */
function skipName(bytes: Uint8Array, at: number, limit: number, colons: boolean): number {
  let p = at;
  while (p < limit) {
    const c = bytes[p]!;
    const letter = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || (colons && c === 58);
    if (!letter && !(p > at && c >= 48 && c <= 57)) break;
    p++;
  }
  return p;
}

function closingQuote(bytes: Uint8Array, at: number, limit: number, line: number): number {
  for (let p = at + 1; p < limit; p++) {
    const c = bytes[p]!;
    if (c === QUOTE) return p;
    if (c === BACKSLASH) p++;
    else if (c === 10) break;
  }
  throw new ExpositionError(line, 'a quoted text is not closed');
}

export function skipSpace(bytes: Uint8Array, at: number, limit: number): number {
  let p = at;
  while (p < limit && (bytes[p] === 32 || bytes[p] === 9)) p++;
  return p;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return utf8.decode(bytes.subarray(from, to));
}

/** Decoded UTF-8; invalid bytes are refused, as labels must be valid text. */
export function text(bytes: Uint8Array, from: number, to: number, line: number): string {
  try {
    return utf8.decode(bytes.subarray(from, to));
  } catch {
    throw new ExpositionError(line, 'invalid UTF-8 text');
  }
}

/** `\\`, `\"` and `\n`; other backslashes stand for themselves, as in the real server. */
export function unescapeText(escaped: string): string {
  return escaped.includes('\\')
    ? escaped.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character))
    : escaped;
}

/** The next few characters for a message, quoted. */
export function excerpt(bytes: Uint8Array, at: number, limit: number): string {
  if (at >= limit) return 'end of input';
  let end = at;
  while (end < limit && end - at < 20 && bytes[end] !== 10) end++;
  return JSON.stringify(Buffer.from(bytes.subarray(at, Math.max(end, at + 1))).toString('utf8'));
}
