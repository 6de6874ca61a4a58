/**
 * Turns the expositions of one target into rows for the store: labels joined and relabelled once per series, staleness
 * markers for what has gone, duplicates left out. Knows nothing of time or network.
 */
import type { HistogramScraping, ScrapeConfig, ScrapeLimits } from '../config/scrape-config.ts';
import { CustomBucketReader } from '../exposition/custom-bucket-reader.ts';
import { ProtobufReader } from '../exposition/protobuf-reader.ts';
import { ScrapeReader, type ScrapeReaderOptions } from '../exposition/scrape-reader.ts';
import type { ExpositionFormat, ExpositionReader } from '../exposition/scraped-samples.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import { isClassicLabelName, isClassicMetricName, Labels, METRIC_NAME } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import type { AppendRequest, SampleRow } from '../store/append-request.ts';
import { limitBuckets, ScrapeLimitError } from './histogram-limits.ts';
import { LabelBuilder, relabel } from './relabel.ts';
import { RowBuilder } from './row-builder.ts';
import { type Report, RowPlan } from './row-plan.ts';
import type { Target } from './target.ts';

/** What the scraper needs of the store. */
export interface SeriesRefs {
  ref(labels: Labels): number;
  readonly refGeneration: number;
  /** Whether a ref that was asked for in that `refGeneration` stands for the same series still. */
  keeps(ref: number, refGeneration: number): boolean;
}

export interface ScrapeCounts {
  scraped: number;
  afterRelabelling: number;
  added: number;
  duplicates: number;
}

/** Values of `up` and its kin by name; undefined for a staleness marker. */
export type ScrapeReports = Readonly<Record<string, number | undefined>>;

const UNKNOWN = -1;
const DROPPED = -2;

const NO_EXEMPLARS: readonly never[] = [];

export class ScrapeSamples {
  readonly #config: ScrapeConfig;
  readonly #target: Target;
  readonly #store: SeriesRefs;
  readonly #readers: (format: ExpositionFormat) => ExpositionReader;
  #reader: ExpositionReader | undefined;
  /** By entry of the reader: a slot of the arrays below, or UNKNOWN or DROPPED. */
  #slots = new Int32Array(256).fill(UNKNOWN);
  #slotByRef = new Map<number, number>();
  #refs: number[] = [];
  /** The scrape in which a slot was last seen, for staleness and duplicates. */
  #seen: number[] = [];
  /** Slots whose newest sample brought its own timestamp: those do not become stale. */
  #timed: boolean[] = [];
  #live: readonly number[] = [];
  #scrape = 0;
  #readerGeneration = 0;
  #storeGeneration: number;
  #reportRefs = new Map<string, number>();
  #plan: RowPlan | undefined;
  readonly #row = new RowBuilder();

  constructor(config: ScrapeConfig, target: Target, store: SeriesRefs, options: ScrapeReaderOptions = {}) {
    this.#config = config;
    this.#target = target;
    this.#store = store;
    this.#storeGeneration = store.refGeneration;
    this.#readers = readersOf(config, options);
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#reader?.metadata ?? new Map();
  }

  /** Rows of one exposition, scraped at `nowMs`. Throws ExpositionError or ScrapeLimitError; nothing changes then. */
  read(
    bytes: Uint8Array,
    format: ExpositionFormat,
    nowMs: number,
    counts: ScrapeCounts,
    report: () => ScrapeReports,
  ): AppendRequest {
    const reader = this.#readers(format);
    const samples = reader.read(bytes, bytes.length);
    this.#renew(reader);
    this.#scrape++;
    counts.scraped = samples.count;
    if (samples.histograms !== null) samples.histograms = limited(samples.histograms, this.#config.histograms);
    const timed = samples.hasTimestamps && this.#config.honorTimestamps;
    const plan = this.#plan;
    if (!timed && plan?.layout === reader.layout) {
      counts.afterRelabelling = plan.afterRelabelling;
      counts.duplicates = plan.duplicates;
      this.#live = plan.live;
      return this.#request([plan.row(samples, this.#target.key, nowMs, this.#reports(report()))], nowMs);
    }
    this.#plan = undefined;
    return this.#readAnew(reader, timed, nowMs, counts, report);
  }

  /** The long way, for a scrape that is not laid out as the one before. */
  #readAnew(
    reader: ExpositionReader,
    isTimed: boolean,
    nowMs: number,
    counts: ScrapeCounts,
    report: () => ScrapeReports,
  ): AppendRequest {
    const { samples } = reader;
    const row = this.#row.begin();
    const timed = new Map<number, RowBuilder>();
    const live: number[] = [];
    const sources: number[] = [];
    const { trackTimestampsStaleness } = this.#config;
    for (let i = 0; i < samples.count; i++) {
      const slot = this.#slotOf(samples.entries[i]!, counts);
      if (slot === DROPPED) continue;
      counts.afterRelabelling++;
      const hasOwn = isTimed && !Number.isNaN(samples.timestampsMs[i]!);
      if (this.#seen[slot] === this.#scrape && !hasOwn) {
        counts.duplicates++;
        continue;
      }
      if (this.#seen[slot] !== this.#scrape) live.push(slot);
      this.#seen[slot] = this.#scrape;
      this.#timed[slot] = hasOwn && !trackTimestampsStaleness;
      const into = hasOwn ? timedRow(timed, samples.timestampsMs[i]!) : row;
      into.add(this.#refs[slot]!, samples.values[i]!, samples.startsMs?.[i] ?? 0, samples.histograms?.get(i));
      if (!hasOwn) sources.push(i);
    }
    this.#checkSampleLimit(counts.afterRelabelling);
    const refs = row.refs.slice(0, row.count);
    this.#markGone(row);
    this.#live = live;
    const reports = this.#reports(report());
    for (const { ref, value } of reports) row.addReport(ref, value);
    if (!isTimed) this.#plan = new RowPlan(reader.layout, sources, refs, live, counts, reports);
    return this.#request([row.finish(this.#target.key, nowMs), ...finishTimed(timed, this.#target.key)], nowMs);
  }

  /** Staleness markers for all series of the last scrape: the target does not answer, or is gone. */
  end(nowMs: number, reports: ScrapeReports): AppendRequest {
    this.#renew(this.#reader);
    this.#scrape++;
    const row = this.#row.begin();
    this.#markGone(row);
    this.#live = [];
    for (const { ref, value } of this.#reports(reports)) row.addReport(ref, value);
    // What a failed read left in the reader is nobody's.
    if (this.#reader !== undefined) this.#reader.samples.exemplars = [];
    return this.#request([row.finish(this.#target.key, nowMs)], nowMs);
  }

  /** Series that the scraper tells about the target itself; an undefined value marks one stale. */
  #reports(reports: ScrapeReports): Report[] {
    const found: Report[] = [];
    for (const name in reports) {
      let ref = this.#reportRefs.get(name);
      if (ref === undefined || ref < 0) {
        ref = this.#store.ref(this.#target.labels.with(METRIC_NAME, name));
        this.#reportRefs.set(name, ref);
      }
      if (ref >= 0) found.push({ ref, value: reports[name] });
    }
    return found;
  }

  #request(rows: readonly SampleRow[], nowMs: number): AppendRequest {
    const reader = this.#reader;
    return {
      rows,
      exemplars: this.#exemplars(nowMs),
      metadata: reader?.takeMetadataChanged() === true ? [...reader.metadata] : [],
    };
  }

  #exemplars(nowMs: number): readonly { ref: number; exemplar: Exemplar }[] {
    const samples = this.#reader?.samples;
    if (samples === undefined || samples.exemplars.length === 0) return NO_EXEMPLARS;
    return samples.exemplars.flatMap(({ sample, labels, value, timestampMs }) => {
      const slot = this.#slots[samples.entries[sample]!]!;
      if (slot < 0) return [];
      return [{ ref: this.#refs[slot]!, exemplar: { labels, value, timestampMs: timestampMs ?? nowMs } }];
    });
  }

  /** Everything that was live and was not seen now. */
  #markGone(row: RowBuilder): void {
    for (const slot of this.#live) {
      if (this.#seen[slot] !== this.#scrape && !this.#timed[slot]) row.addStale(this.#refs[slot]!);
    }
  }

  #slotOf(entry: number, counts: ScrapeCounts): number {
    if (entry >= this.#slots.length) {
      const larger = new Int32Array(Math.max(entry + 1, this.#slots.length * 2)).fill(UNKNOWN);
      larger.set(this.#slots);
      this.#slots = larger;
    }
    let slot = this.#slots[entry]!;
    if (slot === UNKNOWN) slot = this.#slots[entry] = this.#resolve(this.#reader!.labelsOf(entry), counts);
    return slot;
  }

  #resolve(exposed: Labels, counts: ScrapeCounts): number {
    const labels = sampleLabels(exposed, this.#target.labels, this.#config);
    if (labels === undefined) return DROPPED;
    if (this.#config.legacyNames) checkLegacyNames(labels);
    checkLabelLimits(labels, this.#config.limits);
    const ref = this.#store.ref(labels);
    if (ref < 0) return DROPPED;
    let slot = this.#slotByRef.get(ref);
    if (slot === undefined) {
      slot = this.#refs.length;
      this.#slotByRef.set(ref, slot);
      this.#refs.push(ref);
      this.#seen.push(0);
      this.#timed.push(false);
      counts.added++;
    }
    return slot;
  }

  /** Starts over where the reader changed or renumbered, or the store renumbered; what is live keeps its place. */
  #renew(reader: ExpositionReader | undefined): void {
    const sameReader = this.#reader === reader && this.#readerGeneration === (reader?.generation ?? 0);
    if (sameReader && this.#storeGeneration === this.#store.refGeneration) return;
    const before = this.#storeGeneration;
    const staleRefs = before !== this.#store.refGeneration;
    this.#reader = reader;
    this.#readerGeneration = reader?.generation ?? 0;
    this.#storeGeneration = this.#store.refGeneration;
    this.#plan = undefined;
    if (staleRefs) this.#reportRefs = new Map();
    this.#slots = new Int32Array(this.#slots.length).fill(UNKNOWN);
    // A target that is asked once in many hours: its series may have left the memory, and their refs be others'.
    const kept = this.#live.filter((slot) => !staleRefs || this.#store.keeps(this.#refs[slot]!, before));
    const live = kept.map((slot) => ({
      ref: this.#refs[slot]!,
      seen: this.#seen[slot]!,
      timed: this.#timed[slot]!,
    }));
    this.#refs = live.map(({ ref }) => ref);
    this.#seen = live.map(({ seen }) => seen);
    this.#timed = live.map(({ timed }) => timed);
    this.#live = live.map((_, i) => i);
    this.#slotByRef = new Map(live.map(({ ref }, i) => [ref, i]));
  }

  #checkSampleLimit(count: number): void {
    const { samples } = this.#config.limits;
    if (samples > 0 && count > samples) throw new ScrapeLimitError('sample limit exceeded');
  }
}

/** One reader for each format that the target answers with, made when it is needed. */
function readersOf(config: ScrapeConfig, options: ScrapeReaderOptions): (format: ExpositionFormat) => ExpositionReader {
  const readers = new Map<ExpositionFormat, ExpositionReader>();
  return (format) => {
    let reader = readers.get(format);
    if (reader === undefined) readers.set(format, (reader = newReader(format, config, options)));
    return reader;
  };
}

function newReader(format: ExpositionFormat, config: ScrapeConfig, options: ScrapeReaderOptions): ExpositionReader {
  const { native, alwaysClassic, classicToCustom } = config.histograms;
  const { startTimestamps = false } = options;
  const reader =
    format === 'protobuf'
      ? new ProtobufReader({ nativeHistograms: native, alwaysClassic, startTimestamps })
      : new ScrapeReader(format, options);
  return classicToCustom ? new CustomBucketReader(reader, { alwaysClassic }) : reader;
}

function finishTimed(timed: ReadonlyMap<number, RowBuilder>, group: string): SampleRow[] {
  return [...timed].sort(([a], [b]) => a - b).map(([timestampMs, row]) => row.finish(group, timestampMs));
}

function timedRow(rows: Map<number, RowBuilder>, timestampMs: number): RowBuilder {
  let row = rows.get(timestampMs);
  if (row === undefined) rows.set(timestampMs, (row = new RowBuilder().begin()));
  return row;
}

/** The labels of a sample with those of its target, relabelled; undefined when a rule drops it. */
function sampleLabels(exposed: Labels, target: Labels, config: ScrapeConfig): Labels | undefined {
  const builder = new LabelBuilder(exposed);
  for (const [name, value] of target) {
    const own = builder.get(name);
    if (own !== '') {
      if (config.honorLabels) continue;
      // The exposed label moves aside: `exported_`, as often as needed to be free.
      let moved = `exported_${name}`;
      while (builder.get(moved) !== '' || target.has(moved)) moved = `exported_${moved}`;
      builder.set(moved, own);
    }
    builder.set(name, value);
  }
  if (config.metricRelabelConfigs.length > 0 && !relabel(builder, config.metricRelabelConfigs)) return undefined;
  const labels = Labels.from(builder.entries());
  // As in the real server: what rules took all labels from is dropped, a series that only lost its name fails the scrape.
  if (labels.size > 0 && labels.metricName === '') throw new Error(`missing metric name (${METRIC_NAME} label)`);
  return labels.size === 0 ? undefined : labels;
}

function checkLegacyNames(labels: Labels): void {
  const legacy = isClassicMetricName(labels.metricName) && labels.names().every(isClassicLabelName);
  if (!legacy) throw new Error(`invalid metric name or label names: ${labels}`);
}

/** Native histograms within the limits on their buckets, where needed coarser than they came. */
function limited(
  histograms: ReadonlyMap<number, FloatHistogram>,
  limits: HistogramScraping,
): Map<number, FloatHistogram> {
  return new Map(Array.from(histograms, ([sample, histogram]) => [sample, limitBuckets(histogram, limits)]));
}

function checkLabelLimits(labels: Labels, limits: ScrapeLimits): void {
  if (limits.labels > 0 && labels.size > limits.labels) {
    throw new ScrapeLimitError(
      `label_limit exceeded (metric: ${labels.metricName}, number of labels: ${labels.size}, limit: ${limits.labels})`,
    );
  }
  for (const [name, value] of labels) {
    if (limits.labelNameLength > 0 && name.length > limits.labelNameLength) {
      throw new ScrapeLimitError(
        `label_name_length_limit exceeded (metric: ${labels.metricName}, label name: ${name}, length: ${name.length}, limit: ${limits.labelNameLength})`,
      );
    }
    if (limits.labelValueLength > 0 && value.length > limits.labelValueLength) {
      throw new ScrapeLimitError(
        `label_value_length_limit exceeded (metric: ${labels.metricName}, label name: ${name}, value length: ${value.length}, limit: ${limits.labelValueLength})`,
      );
    }
  }
}
