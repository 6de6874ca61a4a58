/**
 * Reads the text expositions of one target, scrape after scrape, as leniently as Prometheus does.
 *
 * Hot path: a target answers with the same lines in the same order, only values change. Every distinct line head is an
 * entry (`line-heads.ts`); the entries of the previous scrape, in order, predict the next one (`line-order.ts`), so that a
 * known line costs one comparison of bytes, and one number where the value is another, and makes no object.
 */
import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../queryable.ts';
import { boundText } from './bound-text.ts';
import { ExpositionError } from './exposition-error.ts';
import { FloatReader, parseFloatText } from './float-text.ts';
import { grownInts, LineHeads } from './line-heads.ts';
import { LineOrder } from './line-order.ts';
import { type MetadataLine, parseMetadataLine } from './metadata-line.ts';
import {
  clearSamples,
  type ExpositionReader,
  growSamples,
  newScrapedSamples,
  type ScrapedSamples,
} from './scraped-samples.ts';
import { excerpt, headEnd, parseExemplarLabels, parseSeriesText, skipSpace } from './series-text.ts';
import { StartGroups } from './start-groups.ts';

const NO_TYPE = -1;

const SERIES = 0;
const COMMENT = 1;
/** A `_created` line, which tells since when other series count. */
const CREATED = 2;
/** A name with no blank behind it (`a-1`): as the beginning of a longer name it must not be predicted. */
const BARE = 3;

/** Timestamps of the real server have 64 bits; seconds that give more are its lowest one. */
const INT64_END = 2 ** 63;

export interface ScrapeReaderOptions {
  /** Takes `_created` of OpenMetrics as the start of the other series of its metric, instead of as a series. */
  readonly startTimestamps?: boolean;
}

export class ScrapeReader implements ExpositionReader {
  readonly samples = newScrapedSamples();
  generation = 0;
  readonly #format: 'text' | 'openmetrics';
  readonly #float = new FloatReader();
  readonly #heads = new LineHeads();
  readonly #order = new LineOrder();
  readonly #starts: StartGroups | undefined;
  #kind = new Uint8Array(256);
  /** By entry, until somebody asks for them: nobody does twice, as a rule, and they would be most of what the heap holds. */
  #labels: (Labels | undefined)[] = [];
  #metadata = new Map<string, MetricMetadata>();
  #metadataChanged = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #limit = 0;
  #line = 0;
  /** By entry, for comments that mean something. */
  #comments = new Map<number, MetadataLine>();
  /** By entry of a series: the TYPE line that was in force when it was first seen, which decides what it is. */
  #typeLines = new Int32Array(256);
  #typeLine = NO_TYPE;
  #retyped = false;

  constructor(format: 'text' | 'openmetrics' = 'text', { startTimestamps = false }: ScrapeReaderOptions = {}) {
    this.#format = format;
    this.#starts = format === 'openmetrics' && startTimestamps ? new StartGroups() : undefined;
  }

  labelsOf(entry: number): Labels {
    const fresh = this.#labels[entry];
    this.#labels[entry] = undefined;
    if (fresh !== undefined) return fresh;
    const text = this.#heads.textOf(entry);
    const { labels } = parseSeriesText(this.#format, text, 0, text.length, this.#line);
    return normalizeBounds(labels, this.#typeOf(this.#typeLines[entry]!));
  }

  get entryCount(): number {
    return this.#heads.count;
  }

  get layout(): number {
    return this.#order.version;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata;
  }

  takeMetadataChanged(): boolean {
    const changed = this.#metadataChanged;
    this.#metadataChanged = false;
    return changed;
  }

  read(bytes: Uint8Array, length: number): ScrapedSamples {
    if (this.#heads.isStale(this.#order.count)) this.#forget();
    this.#readOnce(bytes, length);
    if (this.#retyped) {
      // A series stands under another TYPE line than before: what is known of it may be wrong.
      this.#forget();
      this.#readOnce(bytes, length);
    }
    return this.samples;
  }

  #readOnce(bytes: Uint8Array, length: number): void {
    const samples = this.samples;
    clearSamples(samples);
    this.#bytes = bytes;
    this.#limit = length;
    this.#heads.begin(bytes, length);
    this.#order.begin();
    this.#starts?.begin();
    this.#line = 0;
    this.#typeLine = NO_TYPE;
    this.#retyped = false;
    const ended = this.#readLines();
    if (this.#format === 'openmetrics' && !ended) throw new ExpositionError(this.#line, 'data does not end with # EOF');
    this.#order.commit();
    if (this.#starts !== undefined) samples.startsMs = this.#starts.of(samples.entries, samples.count);
  }

  /** True when `# EOF` ended an OpenMetrics exposition. */
  #readLines(): boolean {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let p = this.#followLines(0);
    while (p < limit) {
      this.#line++;
      const first = bytes[p]!;
      if (first === 10) {
        if (this.#format === 'openmetrics') throw new ExpositionError(this.#line, 'expected a line, got an empty one');
        p++;
      } else if (this.#format === 'text' && (first === 32 || first === 9)) {
        p = skipSpace(bytes, p, limit);
        this.#line--;
      } else if (this.#format === 'text' && first === 0) {
        // To the real server's lexer this is the end.
        break;
      } else {
        if (this.#format === 'openmetrics' && this.#isEof(p)) return this.#checkEnd(p + 5);
        if (first === 35 && bytes.subarray(p, limit).indexOf(10) < 0) {
          // Cut off, it would be taken for the beginning of whole lines in the next exposition.
          const cut = parseMetadataLine(bytes, p, limit, this.#format, this.#line);
          if (cut !== undefined) this.#apply(cut);
          break;
        }
        const entry = this.#find(p);
        this.#order.leave(entry);
        p = this.#readEntry(entry, p + this.#heads.lengthOf(entry));
      }
      p = this.#followLines(p);
    }
    return false;
  }

  /** Reads lines from `at` as long as they come as before; gives where the first other one begins. */
  #followLines(at: number): number {
    const { samples } = this;
    const bytes = this.#bytes;
    const limit = this.#limit;
    const heads = this.#heads;
    const float = this.#float;
    const { entries, count, cursor, hasChanged } = this.#order;
    const line = this.#line - cursor;
    let p = at;
    let next = cursor;
    for (; next < count && p < limit; next++) {
      const entry = entries[next]!;
      const length = heads.compare(entry, p);
      if (length < 0) break;
      const head = heads.lengthOf(entry);
      const index = samples.count;
      if (this.#kind[entry] === SERIES && !hasChanged && !samples.hasTimestamps && index < samples.values.length) {
        let value = 0;
        let end = p + length;
        if (length > head) value = heads.valueOf(entry);
        else {
          value = float.read(bytes, p + head, limit);
          end = float.end + 1;
          if (end > 0 && end <= limit && bytes[end - 1] === 10) heads.remember(entry, value, p + head, end);
          else end = 0;
        }
        if (end > 0) {
          samples.entries[index] = entry;
          samples.values[index] = value;
          samples.count = index + 1;
          p = end;
          continue;
        }
      }
      if (this.#kind[entry] === BARE) break;
      this.#line = line + next + 1;
      p = this.#readEntry(entry, p + head);
    }
    this.#line = line + next;
    this.#order.follow(next - cursor);
    return p;
  }

  /** Reads what follows the head of a line. */
  #readEntry(entry: number, at: number): number {
    const kind = this.#kind[entry];
    if (kind === COMMENT) {
      this.#comment(entry);
      return at;
    }
    if (this.#order.hasChanged && this.#typeLines[entry] !== this.#typeLine) this.#retyped = true;
    return kind === CREATED ? this.#readCreated(entry, at) : this.#readSample(entry, at);
  }

  #comment(entry: number): void {
    const line = this.#comments.get(entry);
    if (line === undefined) return;
    if (line.change.type !== undefined) this.#typeLine = entry;
    if (this.#order.hasChanged) this.#apply(line);
  }

  #readSample(entry: number, at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    const samples = this.samples;
    let p = at;
    if (this.#format === 'text') p = skipSpace(bytes, p, limit);
    const value = this.#float.read(bytes, p, limit);
    if (this.#float.end < 0) {
      throw new ExpositionError(this.#line, `expected value after metric, got ${excerpt(bytes, p, limit)}`);
    }
    p = this.#float.end;
    const index = samples.count++;
    if (index === samples.values.length) growSamples(samples);
    samples.entries[index] = entry;
    samples.values[index] = value;
    if (samples.hasTimestamps) samples.timestampsMs[index] = Number.NaN;
    if (bytes[p] === 10 && p < limit) return p + 1;
    return this.#readRest(index, p);
  }

  /** A `_created` line: the value is a time, and the line is no sample. */
  #readCreated(entry: number, at: number): number {
    const count = this.samples.count;
    const end = this.#readSample(entry, at);
    this.#starts!.tell(entry, Math.trunc(this.samples.values[count]! * 1000));
    this.samples.count = count;
    return end;
  }

  /** What may follow a value: a timestamp, and in OpenMetrics an exemplar. */
  #readRest(index: number, at: number): number {
    if (this.#format === 'openmetrics') return this.#readOpenMetricsRest(index, at);
    const bytes = this.#bytes;
    const limit = this.#limit;
    let p = skipSpace(bytes, at, limit);
    if (p < limit && bytes[p] !== 10) {
      const start = p;
      let timestampMs = 0;
      for (; p < limit && bytes[p]! >= 48 && bytes[p]! <= 57; p++) timestampMs = timestampMs * 10 + bytes[p]! - 48;
      if (p === start || (timestampMs >= INT64_END && !isInt64(bytes.subarray(start, p)))) {
        this.#refuse('timestamp', start);
      }
      this.#setTimestamp(index, timestampMs);
      p = skipSpace(bytes, p, limit);
    }
    if (p < limit && bytes[p] !== 10) this.#refuse('next entry after timestamp', p);
    return p + 1;
  }

  #readOpenMetricsRest(index: number, at: number): number {
    let p = at;
    if (this.#byte(p) === 32 && !this.#isExemplar(p)) {
      this.#setTimestamp(index, this.#readSeconds(p + 1));
      p = this.#float.end;
    }
    if (this.#isExemplar(p)) p = this.#readExemplar(index, p + 3);
    if (p >= this.#limit) throw new ExpositionError(this.#line, 'data does not end with # EOF');
    if (this.#bytes[p] !== 10) this.#refuse('timestamp or next entry', p);
    return p + 1;
  }

  #setTimestamp(index: number, timestampMs: number): void {
    const { samples } = this;
    if (!samples.hasTimestamps) samples.timestampsMs.fill(Number.NaN, 0, index);
    samples.hasTimestamps = true;
    samples.timestampsMs[index] = timestampMs;
  }

  /** A time of OpenMetrics, in milliseconds. */
  #readSeconds(at: number): number {
    const value = this.#float.read(this.#bytes, at, this.#limit);
    if (this.#float.end < 0 || !Number.isFinite(value)) this.#refuse('timestamp', at);
    const timestampMs = Math.trunc(value * 1000);
    return Math.abs(timestampMs) < INT64_END ? timestampMs : -INT64_END;
  }

  #isExemplar(at: number): boolean {
    return (
      this.#byte(at) === 32 && this.#byte(at + 1) === 35 && this.#byte(at + 2) === 32 && this.#byte(at + 3) === 123
    );
  }

  /** From the opening brace of its labels. */
  #readExemplar(index: number, at: number): number {
    const { labels, end } = parseExemplarLabels(this.#bytes, at, this.#limit, this.#line);
    const value = this.#float.read(this.#bytes, end + 1, this.#limit);
    if (this.#byte(end) !== 32 || this.#float.end < 0) this.#refuse('value after exemplar labels', end);
    const { end: p } = this.#float;
    const timestampMs = this.#byte(p) === 32 ? this.#readSeconds(p + 1) : undefined;
    this.samples.exemplars.push({ sample: index, labels, value, timestampMs });
    return this.#float.end;
  }

  #byte(at: number): number {
    return at < this.#limit ? this.#bytes[at]! : -1;
  }

  #refuse(expected: string, at: number): never {
    throw new ExpositionError(this.#line, `expected ${expected}, got ${excerpt(this.#bytes, at, this.#limit)}`);
  }

  /** The entry of the line at `at`, made when it is new. */
  #find(at: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    if (bytes[at] === 35) {
      return this.#entry(at, bytes.indexOf(10, at) + 1, COMMENT);
    }
    let end = headEnd(this.#format, bytes, at, limit);
    // The separator belongs to the key, so that `a` is no prefix of `ab`.
    if (end < limit && (bytes[end] === 32 || (bytes[end] === 9 && this.#format === 'text'))) end++;
    return this.#entry(at, end, SERIES);
  }

  #entry(start: number, end: number, kind: number): number {
    const known = this.#heads.find(start, end);
    if (known >= 0) return known;
    if (kind === COMMENT) {
      const line = parseMetadataLine(this.#bytes, start, end, this.#format, this.#line);
      const entry = this.#add(start, end, kind, undefined);
      if (line !== undefined) this.#comments.set(entry, line);
      return entry;
    }
    const { labels } = parseSeriesText(this.#format, this.#bytes, start, end, this.#line);
    const last = this.#bytes[end - 1];
    if (this.#format === 'openmetrics' && last !== 32) this.#refuse('value after metric', end);
    const type = this.#typeOf(this.#typeLine);
    const entry = this.#add(start, end, kind, normalizeBounds(labels, type));
    this.#typeLines[entry] = this.#typeLine;
    if (last !== 125 && last !== 32 && last !== 9) this.#kind[entry] = BARE;
    if (this.#starts?.add(entry, labels, type, this.#comments.get(this.#typeLine)?.family ?? '') === true)
      this.#kind[entry] = CREATED;
    return entry;
  }

  #typeOf(typeLine: number): MetricMetadata['type'] {
    return this.#comments.get(typeLine)?.change.type ?? 'unknown';
  }

  #add(start: number, end: number, kind: number, labels: Labels | undefined): number {
    const entry = this.#heads.add(start, end);
    if (entry >= this.#kind.length) {
      const kinds = new Uint8Array(this.#kind.length * 2);
      kinds.set(this.#kind);
      this.#kind = kinds;
      this.#typeLines = grownInts(this.#typeLines);
    }
    this.#kind[entry] = kind;
    this.#labels[entry] = labels;
    return entry;
  }

  #apply({ family, change }: MetadataLine): void {
    const before = this.#metadata.get(family);
    const after: MetricMetadata = { type: 'unknown', help: '', unit: '', ...before, ...change };
    if (after.type === before?.type && after.help === before.help && after.unit === before.unit) return;
    this.#metadata.set(family, after);
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
    this.#heads.forget();
    this.#order.forget();
    this.#starts?.forget();
    this.#labels = [];
    this.#comments = new Map();
    this.#metadata = new Map();
    this.generation++;
  }
}

/** The bounds of classic histograms and the quantiles of summaries get one form. */
function normalizeBounds(labels: Labels, type: MetricMetadata['type']): Labels {
  const name = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
  const text = name === undefined ? '' : labels.get(name);
  if (name === undefined || text === '') return labels;
  const value = parseFloatText(text);
  return value === undefined ? labels : labels.with(name, boundText(value));
}

/** Whether digits tell a number of 64 bits with a sign; asked only where a double is too coarse to tell. */
function isInt64(digits: Uint8Array): boolean {
  return BigInt(Buffer.from(digits).toString('latin1')) < 2n ** 63n;
}
