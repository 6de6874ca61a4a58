/**
 * Reads what stands before the value: metric name and labels, classic or with quoted UTF-8 names. What is taken and what is
 * refused is what the lexers of the real server take and refuse: the text format is loose, OpenMetrics is not.
 */
import { compareStrings, Labels, METRIC_NAME } from '../model/labels.ts';
import { ExpositionError } from './exposition-error.ts';

const BACKSLASH = 92;
const QUOTE = 34;
const LINE_END = 10;
const OPEN = 123;
const CLOSE = 125;
const COMMA = 44;

/** A byte order mark within a label belongs to it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface SeriesText {
  readonly labels: Labels;
  /** First byte after the name or the closing brace. */
  readonly end: number;
}

/** How the labels of a format may be written. */
interface LabelRules {
  /** Blanks between words, no comma between labels, and line ends within values are taken. */
  readonly isLoose: boolean;
  /** A quoted word without "=" is the metric's name. */
  readonly hasMetricName: boolean;
}

const TEXT: LabelRules = { isLoose: true, hasMetricName: true };
const OPEN_METRICS: LabelRules = { isLoose: false, hasMetricName: true };
const EXEMPLAR: LabelRules = { isLoose: false, hasMetricName: false };

/** Labels including `__name__`; empty values are dropped. Throws ExpositionError naming `line`. */
export function parseSeriesText(
  format: 'text' | 'openmetrics',
  bytes: Uint8Array,
  at: number,
  limit: number,
  line: number,
): SeriesText {
  const rules = format === 'text' ? TEXT : OPEN_METRICS;
  const list = new LabelList(rules, bytes, limit, line, bytes[at] !== OPEN);
  let p = at;
  if (bytes[p] !== OPEN) {
    const end = skipName(bytes, p, limit, true);
    if (end === p) throw new ExpositionError(line, `expected a metric name, got ${excerpt(bytes, p, limit)}`);
    list.pairs.push([METRIC_NAME, ascii(bytes, p, end)]);
    p = rules.isLoose ? skipSpace(bytes, end, limit) : end;
    if (p >= limit || bytes[p] !== OPEN) return { labels: toLabels(list.pairs, line), end };
  }
  p = list.read(p);
  // A label `__name__` is none.
  if (!list.hasName && bytes[at] === OPEN) throw new ExpositionError(line, 'metric name not set');
  return { labels: toLabels(list.pairs, line), end: p };
}

/** The labels of an exemplar, from its opening brace. Of labels with one name the first counts. */
export function parseExemplarLabels(bytes: Uint8Array, at: number, limit: number, line: number): SeriesText {
  const list = new LabelList(EXEMPLAR, bytes, limit, line, true);
  const end = list.read(at);
  const known = new Set<string>();
  const first = list.pairs.filter(([name]) => !known.has(name) && known.add(name));
  return { labels: toLabels(first, line), end };
}

/** Where the name or the closing brace of the labels ends, jumping over quoted text. */
export function headEnd(format: 'text' | 'openmetrics', bytes: Uint8Array, at: number, limit: number): number {
  const end = skipName(bytes, at, limit, true);
  const open = format === 'text' ? skipSpace(bytes, end, limit) : end;
  return open < limit && bytes[open] === OPEN ? bracesEnd(bytes, open, limit) : end;
}

function bracesEnd(bytes: Uint8Array, at: number, limit: number): number {
  let quoted = false;
  for (let p = at; p < limit; p++) {
    const c = bytes[p]!;
    if (quoted) {
      if (c === BACKSLASH) p++;
      else if (c === QUOTE) quoted = false;
    } else if (c === QUOTE) quoted = true;
    else if (c === CLOSE) return p + 1;
    else if (c === LINE_END) return p;
  }
  return limit;
}

/** The labels between two braces, word after word. */
class LabelList {
  readonly pairs: [string, string][] = [];
  /** Whether a quoted word told the metric's name. */
  hasName = false;
  readonly #rules: LabelRules;
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  readonly #line: number;
  readonly #isNamed: boolean;

  /** `isNamed`: the metric has its name before the labels. */
  constructor(rules: LabelRules, bytes: Uint8Array, limit: number, line: number, isNamed: boolean) {
    this.#rules = rules;
    this.#bytes = bytes;
    this.#limit = limit;
    this.#line = line;
    this.#isNamed = isNamed;
  }

  /** From the opening brace; gives what is behind the closing one. */
  read(at: number): number {
    let p = this.#skip(at + 1);
    while (this.#byte(p) !== CLOSE) {
      const start = p;
      const quoted = this.#byte(p) === QUOTE;
      const end = quoted ? this.#closingQuote(p, this.#rules.hasMetricName, false) : this.#nameEnd(p);
      const name = quoted ? unescapeText(this.#text(p + 1, end)) : ascii(this.#bytes, p, end);
      p = this.#skip(quoted ? end + 1 : end);
      const next = this.#byte(p);
      if (quoted && (next === COMMA || next === CLOSE)) {
        this.#setName(name, start);
        if (next === COMMA) p = this.#skip(p + 1);
        continue;
      }
      if (next !== 61) this.#refuse('equal', p);
      p = this.#readValue(name, this.#skip(p + 1));
    }
    return p + 1;
  }

  #readValue(name: string, at: number): number {
    if (this.#byte(at) !== QUOTE) this.#refuse('label value', at);
    const end = this.#closingQuote(at, this.#rules.isLoose, true);
    this.pairs.push([name, unescapeText(this.#text(at + 1, end))]);
    const p = this.#skip(end + 1);
    if (this.#byte(p) === COMMA) return this.#skip(p + 1);
    if (!this.#rules.isLoose && this.#byte(p) !== CLOSE) this.#refuse('comma or brace close', p);
    return p;
  }

  #setName(name: string, at: number): void {
    if (!this.#rules.hasMetricName) this.#refuse('label name and value', at);
    if (this.hasName || this.#isNamed) throw new ExpositionError(this.#line, 'metric name already set');
    this.hasName = true;
    this.pairs.push([METRIC_NAME, name]);
  }

  #nameEnd(at: number): number {
    const end = skipName(this.#bytes, at, this.#limit, false);
    if (end === at) this.#refuse('label name', at);
    return end;
  }

  /** Names hold no NUL, and an escape is never the end of a line. */
  #closingQuote(at: number, lineEnds: boolean, nuls: boolean): number {
    const bytes = this.#bytes;
    for (let p = at + 1; p < this.#limit; p++) {
      const c = bytes[p]!;
      if (c === QUOTE) return p;
      if (c === BACKSLASH && bytes[++p] === LINE_END) break;
      if ((c === LINE_END && !lineEnds) || (c === 0 && !nuls)) break;
    }
    throw new ExpositionError(this.#line, 'a quoted text is not closed');
  }

  #text(from: number, to: number): string {
    return text(this.#bytes, from, to, this.#line);
  }

  #skip(at: number): number {
    return this.#rules.isLoose ? skipSpace(this.#bytes, at, this.#limit) : at;
  }

  #byte(at: number): number {
    return at < this.#limit ? this.#bytes[at]! : -1;
  }

  #refuse(expected: string, at: number): never {
    throw new ExpositionError(this.#line, `expected ${expected}, got ${excerpt(this.#bytes, at, this.#limit)}`);
  }
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
