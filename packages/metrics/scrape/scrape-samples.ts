/**
 * Turns the expositions of one target into rows for the store: labels joined and relabelled once per series, staleness
 * markers for what has gone, duplicates left out. Knows nothing of time or network.
 */
import type { ScrapeConfig, ScrapeLimits } from '../config/scrape-config.ts';
import type { ExpositionFormat } from '../exposition/scrape-reader.ts';
import { ScrapeReader } from '../exposition/scrape-reader.ts';
import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import type { AppendRequest, SampleRow } from '../store/append-request.ts';
import { LabelBuilder, relabel } from './relabel.ts';
import { RowBuilder } from './row-builder.ts';
import type { Target } from './target.ts';

/** What the scraper needs of the store. */
export interface SeriesRefs {
  ref(labels: Labels): number;
  readonly refGeneration: number;
}

export interface ScrapeCounts {
  scraped: number;
  afterRelabelling: number;
  added: number;
  duplicates: number;
}

/** Values of `up` and its kin by name; undefined for a staleness marker. */
export type ScrapeReports = Readonly<Record<string, number | undefined>>;

/** A scrape that read well and is refused as a whole. */
export class ScrapeLimitError extends Error {
  override readonly name = 'ScrapeLimitError';
}

const UNKNOWN = -1;
const DROPPED = -2;

export class ScrapeSamples {
  readonly #config: ScrapeConfig;
  readonly #target: Target;
  readonly #store: SeriesRefs;
  readonly #reader = new ScrapeReader();
  /** By entry of the reader: a slot of the arrays below, or UNKNOWN or DROPPED. */
  #slots = new Int32Array(256).fill(UNKNOWN);
  #slotByRef = new Map<number, number>();
  #refs: number[] = [];
  /** The scrape in which a slot was last seen, for staleness and duplicates. */
  #seen: number[] = [];
  /** Slots whose newest sample brought its own timestamp: those do not become stale. */
  #timed: boolean[] = [];
  #live: number[] = [];
  #scrape = 0;
  #readerGeneration = 0;
  #storeGeneration: number;
  readonly #row = new RowBuilder();

  constructor(config: ScrapeConfig, target: Target, store: SeriesRefs) {
    this.#config = config;
    this.#target = target;
    this.#store = store;
    this.#storeGeneration = store.refGeneration;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#reader.metadata;
  }

  /** Rows of one exposition, scraped at `nowMs`. Throws ExpositionError or ScrapeLimitError; nothing changes then. */
  read(
    bytes: Uint8Array,
    format: ExpositionFormat,
    nowMs: number,
    counts: ScrapeCounts,
    report: () => ScrapeReports,
  ): AppendRequest {
    const samples = this.#reader.read(bytes, bytes.length, format);
    this.#renew();
    this.#scrape++;
    const row = this.#row.begin();
    const timed = new Map<number, RowBuilder>();
    const live: number[] = [];
    counts.scraped = samples.count;
    const { honorTimestamps, trackTimestampsStaleness } = this.#config;
    for (let i = 0; i < samples.count; i++) {
      const slot = this.#slotOf(samples.entries[i]!, counts);
      if (slot === DROPPED) continue;
      counts.afterRelabelling++;
      const ownMs = samples.timestampsMs[i]!;
      const hasOwn = samples.hasTimestamps && honorTimestamps && !Number.isNaN(ownMs);
      if (this.#seen[slot] === this.#scrape && !hasOwn) {
        counts.duplicates++;
        continue;
      }
      if (this.#seen[slot] !== this.#scrape) live.push(slot);
      this.#seen[slot] = this.#scrape;
      this.#timed[slot] = hasOwn && !trackTimestampsStaleness;
      if (hasOwn) timedRow(timed, ownMs).add(this.#refs[slot]!, samples.values[i]!);
      else row.add(this.#refs[slot]!, samples.values[i]!);
    }
    this.#checkSampleLimit(counts.afterRelabelling);
    this.#markGone(row);
    this.#live = live;
    this.#addReports(row, report());
    return this.#request(row, timed, nowMs);
  }

  /** Staleness markers for all series of the last scrape: the target does not answer, or is gone. */
  end(nowMs: number, reports: ScrapeReports): AppendRequest {
    this.#renew();
    this.#scrape++;
    const row = this.#row.begin();
    this.#markGone(row);
    this.#live = [];
    this.#addReports(row, reports);
    return this.#request(row, new Map(), nowMs);
  }

  /** The row's remaining part: series that the scraper tells about the target itself; undefined marks one stale. */
  #addReports(row: RowBuilder, reports: ScrapeReports): void {
    for (const [name, value] of Object.entries(reports)) {
      const ref = this.#store.ref(this.#target.labels.with(METRIC_NAME, name));
      if (ref < 0) continue;
      if (value === undefined) row.addStale(ref);
      else row.add(ref, value);
    }
  }

  #request(row: RowBuilder, timed: ReadonlyMap<number, RowBuilder>, nowMs: number): AppendRequest {
    const group = this.#target.key;
    const rows: SampleRow[] = [row.finish(group, nowMs)];
    for (const [timestampMs, each] of [...timed].sort(([a], [b]) => a - b)) rows.push(each.finish(group, timestampMs));
    return {
      rows,
      exemplars: this.#exemplars(nowMs),
      metadata: this.#reader.takeMetadataChanged() ? [...this.#reader.metadata] : [],
    };
  }

  #exemplars(nowMs: number): { ref: number; exemplar: Exemplar }[] {
    return this.#reader.samples.exemplars.flatMap(({ sample, labels, value, timestampMs }) => {
      const slot = this.#slots[this.#reader.samples.entries[sample]!]!;
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
    if (slot === UNKNOWN) slot = this.#slots[entry] = this.#resolve(this.#reader.labelsOf(entry), counts);
    return slot;
  }

  #resolve(exposed: Labels, counts: ScrapeCounts): number {
    const labels = sampleLabels(exposed, this.#target.labels, this.#config);
    if (labels === undefined) return DROPPED;
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

  /** Starts over where the reader or the store renumbered; what is live keeps its place. */
  #renew(): void {
    const readerChanged = this.#readerGeneration !== this.#reader.generation;
    const storeChanged = this.#storeGeneration !== this.#store.refGeneration;
    if (!readerChanged && !storeChanged) return;
    this.#readerGeneration = this.#reader.generation;
    this.#storeGeneration = this.#store.refGeneration;
    this.#slots = new Int32Array(this.#slots.length).fill(UNKNOWN);
    const live = this.#live.map((slot) => ({
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
  return labels.metricName === '' ? undefined : labels;
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
