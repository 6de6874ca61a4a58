/**
 * Reads the expositions of one target, scrape after scrape, as leniently as Prometheus does.
 *
 * Hot path: a target answers with the same lines in the same order, only values change. Every distinct line head (series
 * with its labels up to the value, or a whole comment line) is an entry; the entries of the previous scrape, in order,
 * predict the next one, so that a known line costs one comparison of bytes and one number, and makes no object.
 */
import type { Labels } from '../model/labels.ts';
import { formatGoG } from '../promql/format.ts';
import type { MetricMetadata } from '../queryable.ts';
import { ExpositionError } from './exposition-error.ts';
import { FloatReader, parseFloatText } from './float-text.ts';
import { type MetadataLine, parseMetadataLine } from './metadata-line.ts';
import { excerpt, parseExemplarLabels, parseSeriesText, skipSpace } from './series-text.ts';

export type ExpositionFormat = 'text' | 'openmetrics';

export interface ScrapedExemplar {
  /** Index of the sample that carries it. */
  readonly sample: number;
  readonly labels: Labels;
  readonly value: number;
  /** Undefined: the time of the scrape. */
  readonly timestampMs: number | undefined;
}

/** The samples of one scrape as columns; reused by the next `read`. */
export interface ScrapedSamples {
  count: number;
  /** Entry of each sample; see `labelsOf`. */
  entries: Int32Array;
  values: Float64Array;
  /** Milliseconds; NaN where the exposition gives none. */
  timestampsMs: Float64Array;
  /** True when any sample brought its own timestamp. */
  hasTimestamps: boolean;
  exemplars: ScrapedExemplar[];
}

/** Heads no longer seen are forgotten when they are this many more than those in use: churn must not grow for ever. */
const STALE_ENTRIES_MAX = 1_000;

const COMMENT = 1;

export class ScrapeReader {
  readonly samples: ScrapedSamples = {
    count: 0,
    entries: new Int32Array(256),
    values: new Float64Array(256),
    timestampsMs: new Float64Array(256),
    hasTimestamps: false,
    exemplars: [],
  };
  /** Counts up when entries are renumbered: whoever keeps data by entry starts again. */
  generation = 0;
  readonly #float = new FloatReader();
  #arena: Uint8Array = new Uint8Array(16 * 1024);
  #arenaUsed = 0;
  #keyStart = new Int32Array(256);
  #keyLength = new Int32Array(256);
  #kind = new Uint8Array(256);
  /** Place of each entry in the line order of the last scrape that had it. */
  #place = new Int32Array(256);
  #lastRead = new Int32Array(256);
  #entryCount = 0;
  #labels: (Labels | undefined)[] = [];
  #byKey = new Map<string, number>();
  #order = new Int32Array(256);
  #orderCount = 0;
  #nextOrder = new Int32Array(256);
  #nextOrderCount = 0;
  #reads = 0;
  #metadata = new Map<string, MetricMetadata>();
  #metadataChanged = false;
  #bytes: Uint8Array = this.#arena;
  #limit = 0;
  #line = 0;
  #format: ExpositionFormat = 'text';
  /** By entry, for TYPE lines: the type that they announce. */
  #types = new Map<number, MetricMetadata['type']>();
  #type: MetricMetadata['type'] = 'unknown';

  /** Labels of an entry, `__name__` included. */
  labelsOf(entry: number): Labels {
    return this.#labels[entry]!;
  }

  /** Number of entries: ids are below it. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** Metadata by family name; `takeMetadataChanged` tells whether the last reads changed it. */
  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata;
  }

  takeMetadataChanged(): boolean {
    const changed = this.#metadataChanged;
    this.#metadataChanged = false;
    return changed;
  }

  /**
   * Reads one exposition, `bytes` from 0 to `length`. The result is valid until the next call. Throws ExpositionError;
   * the reader can be used again after that.
   */
  read(bytes: Uint8Array, length: number, format: ExpositionFormat): ScrapedSamples {
    if (this.#entryCount > 2 * this.#orderCount + STALE_ENTRIES_MAX) this.#forget();
    const samples = this.samples;
    samples.count = 0;
    samples.hasTimestamps = false;
    if (samples.exemplars.length > 0) samples.exemplars = [];
    this.#bytes = bytes;
    this.#limit = length;
    this.#format = format;
    this.#line = 0;
    this.#type = 'unknown';
    this.#nextOrderCount = 0;
    this.#reads++;
    const ended = this.#readLines();
    if (format === 'openmetrics' && !ended) throw new ExpositionError(this.#line, 'data does not end with # EOF');
    [this.#order, this.#nextOrder] = [this.#nextOrder, this.#order];
    this.#orderCount = this.#nextOrderCount;
    return samples;
  }

  /** True when `# EOF` ended an OpenMetrics exposition. */
  #readLines(): boolean {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let p = 0;
    let cursor = 0;
    while (p < limit) {
      this.#line++;
      const first = bytes[p]!;
      if (first === 10) {
        if (this.#format === 'openmetrics') throw new ExpositionError(this.#line, 'expected a line, got an empty one');
        p++;
        continue;
      }
      let entry = cursor < this.#orderCount ? this.#order[cursor]! : -1;
      if (entry >= 0 && this.#matches(entry, p)) {
        cursor++;
      } else {
        if (this.#format === 'text' && (first === 32 || first === 9)) {
          p = skipSpace(bytes, p, limit);
          this.#line--;
          continue;
        }
        if (this.#format === 'openmetrics' && this.#isEof(p)) return this.#checkEnd(p + 5);
        entry = this.#find(p);
        if (this.#lastRead[entry] === this.#reads - 1) cursor = this.#place[entry]! + 1;
      }
      this.#lastRead[entry] = this.#reads;
      this.#remember(entry);
      p += this.#keyLength[entry]!;
      if (this.#kind[entry] !== COMMENT) p = this.#readSample(entry, p);
      else this.#type = this.#types.get(entry) ?? this.#type;
    }
    return false;
  }

  #matches(entry: number, at: number): boolean {
    const length = this.#keyLength[entry]!;
    if (at + length > this.#limit) return false;
    const arena = this.#arena;
    const bytes = this.#bytes;
    let a = this.#keyStart[entry]!;
    const end = a + length;
    // The end differs most often between neighbours (label values), the beginning least.
    if (bytes[at + length - 2] !== arena[end - 2]) return false;
    for (let b = at; a < end; a++, b++) if (arena[a] !== bytes[b]) return false;
    return true;
  }

  #remember(entry: number): void {
    if (this.#nextOrderCount === this.#nextOrder.length) this.#nextOrder = grown(this.#nextOrder);
    this.#place[entry] = this.#nextOrderCount;
    this.#nextOrder[this.#nextOrderCount++] = entry;
  }

  #readSample(entry: number, at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    const samples = this.samples;
    let p = at;
    if (bytes[p] === 32 || bytes[p] === 9) p = skipSpace(bytes, p, limit);
    const value = this.#float.read(bytes, p, limit);
    if (this.#float.end < 0) {
      throw new ExpositionError(this.#line, `expected value after metric, got ${excerpt(bytes, p, limit)}`);
    }
    p = this.#float.end;
    const index = samples.count++;
    if (index === samples.values.length) growSamples(samples);
    samples.entries[index] = entry;
    samples.values[index] = value;
    samples.timestampsMs[index] = Number.NaN;
    if (bytes[p] === 10 && p < limit) return p + 1;
    return this.#readRest(index, p);
  }

  /** What may follow a value: a timestamp, and in OpenMetrics an exemplar. */
  #readRest(index: number, at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let p = skipSpace(bytes, at, limit);
    if (p < limit && bytes[p] !== 10 && bytes[p] !== 35) {
      this.samples.timestampsMs[index] = this.#readTimestamp(p);
      this.samples.hasTimestamps = true;
      p = skipSpace(bytes, this.#float.end, limit);
    }
    if (p < limit && bytes[p] === 35 && this.#format === 'openmetrics') p = this.#readExemplar(index, p);
    if (p >= limit) {
      if (this.#format === 'openmetrics') throw new ExpositionError(this.#line, 'unexpected end of input');
      return p;
    }
    if (bytes[p] !== 10) {
      throw new ExpositionError(this.#line, `expected next entry after timestamp, got ${excerpt(bytes, p, limit)}`);
    }
    return p + 1;
  }

  #readTimestamp(at: number): number {
    const value = this.#float.read(this.#bytes, at, this.#limit);
    const whole = this.#format === 'openmetrics' || Number.isInteger(value);
    if (this.#float.end < 0 || !Number.isFinite(value) || !whole) {
      throw new ExpositionError(this.#line, `expected timestamp, got ${excerpt(this.#bytes, at, this.#limit)}`);
    }
    // OpenMetrics counts in seconds, the text format in milliseconds.
    return this.#format === 'openmetrics' ? Math.trunc(value * 1000) : value;
  }

  #readExemplar(index: number, at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let p = skipSpace(bytes, at + 1, limit);
    if (bytes[p] !== 123)
      throw new ExpositionError(this.#line, `expected exemplar labels, got ${excerpt(bytes, p, limit)}`);
    const { labels, end } = parseExemplarLabels(bytes, p, limit, this.#line);
    p = skipSpace(bytes, end, limit);
    const value = this.#float.read(bytes, p, limit);
    if (this.#float.end < 0) {
      throw new ExpositionError(this.#line, `expected exemplar value, got ${excerpt(bytes, p, limit)}`);
    }
    p = skipSpace(bytes, this.#float.end, limit);
    let timestampMs: number | undefined;
    if (p < limit && bytes[p] !== 10) {
      timestampMs = this.#readTimestamp(p);
      p = skipSpace(bytes, this.#float.end, limit);
    }
    this.samples.exemplars.push({ sample: index, labels, value, timestampMs });
    return p;
  }

  /** The entry of the line at `at`, made when it is new. */
  #find(at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    if (bytes[at] === 35) {
      let end = bytes.indexOf(10, at);
      end = end < 0 || end >= limit ? limit : end + 1;
      return this.#entry(at, end, COMMENT);
    }
    let end = headEnd(bytes, at, limit);
    // The separator belongs to the key, so that `a` is no prefix of `ab`.
    if (end < limit && (bytes[end] === 32 || bytes[end] === 9)) end++;
    return this.#entry(at, end, 0);
  }

  #entry(start: number, end: number, kind: number): number {
    const key = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString('latin1');
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (kind !== COMMENT) {
      const { labels } = parseSeriesText(this.#bytes, start, end, this.#line);
      return this.#add(key, start, end, kind, normalizeBounds(labels, this.#type));
    }
    const line = parseMetadataLine(this.#bytes, start, end, this.#format, this.#line);
    const entry = this.#add(key, start, end, kind, undefined);
    this.#apply(line);
    if (line?.change.type !== undefined) this.#types.set(entry, line.change.type);
    return entry;
  }

  #add(key: string, start: number, end: number, kind: number, labels: Labels | undefined): number {
    const length = end - start;
    if (this.#arenaUsed + length > this.#arena.length) {
      const arena = new Uint8Array(2 * (this.#arenaUsed + length));
      arena.set(this.#arena.subarray(0, this.#arenaUsed));
      this.#arena = arena;
    }
    this.#arena.set(this.#bytes.subarray(start, end), this.#arenaUsed);
    const entry = this.#entryCount++;
    if (entry === this.#keyStart.length) {
      this.#keyStart = grown(this.#keyStart);
      this.#keyLength = grown(this.#keyLength);
      this.#place = grown(this.#place);
      this.#lastRead = grown(this.#lastRead);
      const kinds = new Uint8Array(this.#keyStart.length);
      kinds.set(this.#kind);
      this.#kind = kinds;
    }
    this.#keyStart[entry] = this.#arenaUsed;
    this.#keyLength[entry] = length;
    this.#kind[entry] = kind;
    this.#lastRead[entry] = -1;
    this.#labels[entry] = labels;
    this.#arenaUsed += length;
    this.#byKey.set(key, entry);
    return entry;
  }

  #apply(line: MetadataLine | undefined): void {
    if (line === undefined) return;
    const before = this.#metadata.get(line.family) ?? { type: 'unknown', help: '', unit: '' };
    this.#metadata.set(line.family, { ...before, ...line.change });
    this.#metadataChanged = true;
  }

  #isEof(at: number): boolean {
    const b = this.#bytes;
    return (
      b[at] === 35 &&
      b[at + 1] === 32 &&
      b[at + 2] === 69 &&
      b[at + 3] === 79 &&
      b[at + 4] === 70 &&
      this.#endsAt(at + 5)
    );
  }

  #endsAt(at: number): boolean {
    return at === this.#limit || (at < this.#limit && this.#bytes[at] === 10);
  }

  #checkEnd(at: number): boolean {
    if (at < this.#limit - 1) throw new ExpositionError(this.#line + 1, 'unexpected data after # EOF');
    return true;
  }

  #forget(): void {
    this.#arenaUsed = 0;
    this.#entryCount = 0;
    this.#labels = [];
    this.#types = new Map();
    this.#byKey = new Map();
    this.#orderCount = 0;
    this.#metadata = new Map();
    this.generation++;
  }
}

/**
 * The bounds of classic histograms and the quantiles of summaries as OpenMetrics writes them (`1` becomes `1.0`), so that
 * series go on when a target changes its format; the real server does so since 3.0.
 */
function normalizeBounds(labels: Labels, type: MetricMetadata['type']): Labels {
  const name = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const text = name === undefined ? '' : labels.get(name);
  if (name === undefined || text === '') return labels;
  const value = parseFloatText(text);
  if (value === undefined) return labels;
  const plain = formatGoG(value);
  return labels.with(name, Number.isFinite(value) && !/[.e]/.test(plain) ? `${plain}.0` : plain);
}

/** Where the name or the closing brace of the labels ends, jumping over quoted text. */
function headEnd(bytes: Uint8Array, at: number, limit: number): number {
  let p = at;
  while (p < limit) {
    const c = bytes[p]!;
    if (c === 10) return p;
    if (c === 123) return bracesEnd(bytes, p, limit);
    if (c === 32 || c === 9) {
      const next = skipSpace(bytes, p, limit);
      return bytes[next] === 123 && next < limit ? bracesEnd(bytes, next, limit) : p;
    }
    p++;
  }
  return p;
}

function bracesEnd(bytes: Uint8Array, at: number, limit: number): number {
  let quoted = false;
  for (let p = at; p < limit; p++) {
    const c = bytes[p]!;
    if (quoted) {
      if (c === 92) p++;
      else if (c === 34) quoted = false;
    } else if (c === 34) {
      quoted = true;
    } else if (c === 125) {
      return p + 1;
    }
    if (c === 10) return p;
  }
  return limit;
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function growSamples(samples: ScrapedSamples): void {
  const size = samples.values.length * 2;
  const values = new Float64Array(size);
  values.set(samples.values);
  samples.values = values;
  const timestamps = new Float64Array(size);
  timestamps.set(samples.timestampsMs);
  samples.timestampsMs = timestamps;
  const entries = new Int32Array(size);
  entries.set(samples.entries);
  samples.entries = entries;
}
