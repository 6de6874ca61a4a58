/**
 * Reads protobuf expositions (delimited messages of io.prometheus.client.MetricFamily), the only ones that carry native
 * histograms; the rules are those of the real server's parser.
 */
import { Labels, METRIC_NAME } from '../model/labels.ts';
import type { MetricMetadata } from '../queryable.ts';
import { WireError, WireReader } from '../remote/wire-reader.ts';
import { boundText } from './bound-text.ts';
import { EntryTable } from './entry-table.ts';
import { ExpositionError } from './exposition-error.ts';
import {
  FAMILY_TYPES,
  type ProtoExemplar,
  type ProtoHistogram,
  readHistogram,
  readLabelPair,
  readNumber,
  readSummary,
} from './metric-family.ts';
import {
  clearSamples,
  type ExpositionReader,
  growSamples,
  newScrapedSamples,
  type ScrapedSamples,
} from './scraped-samples.ts';

export interface ProtobufReaderOptions {
  /** Else only the classic buckets of histograms are read. */
  readonly nativeHistograms: boolean;
  /** Classic buckets are read beside the native ones. */
  readonly alwaysClassic: boolean;
  readonly startTimestamps: boolean;
}

/** Where a Metric message has the value of its type. */
const BODY_FIELDS: Readonly<Partial<Record<MetricMetadata['type'], number>>> = {
  gauge: 2,
  counter: 3,
  summary: 4,
  unknown: 5,
  histogram: 7,
  gaugehistogram: 7,
};

/** The series of one Metric message: what all its samples have in common. */
interface Metric {
  readonly name: string;
  readonly pairs: readonly (readonly [string, string])[];
  /** Tells its labels from those of all others. */
  readonly key: string;
  readonly timestampMs: number;
}

export class ProtobufReader implements ExpositionReader {
  readonly samples = newScrapedSamples();
  readonly #options: ProtobufReaderOptions;
  readonly #entries = new EntryTable();
  #metadata = new Map<string, MetricMetadata>();
  #metadataChanged = false;
  #familyCount = 0;

  constructor(options: ProtobufReaderOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#entries.generation;
  }

  get layout(): number {
    return this.#entries.layout;
  }

  get entryCount(): number {
    return this.#entries.count;
  }

  get metadata(): ReadonlyMap<string, MetricMetadata> {
    return this.#metadata;
  }

  labelsOf(entry: number): Labels {
    return this.#entries.labelsOf(entry);
  }

  takeMetadataChanged(): boolean {
    const changed = this.#metadataChanged;
    this.#metadataChanged = false;
    return changed;
  }

  read(bytes: Uint8Array, length: number): ScrapedSamples {
    clearSamples(this.samples);
    this.#entries.begin();
    this.#familyCount = 0;
    const reader = new WireReader(bytes, 0, length);
    try {
      while (reader.at < length) {
        this.#familyCount++;
        this.#readFamily(reader.message());
      }
    } catch (error) {
      if (error instanceof WireError) throw new ExpositionError(this.#familyCount, error.message, 'metric family');
      throw error;
    }
    this.#entries.commit();
    return this.samples;
  }

  #readFamily(reader: WireReader): void {
    let name = '';
    let help = '';
    let unit = '';
    let typeNumber = 0;
    const metrics: WireReader[] = [];
    while (reader.next()) {
      if (reader.field === 1) name = reader.text();
      else if (reader.field === 2) help = reader.text();
      else if (reader.field === 3) typeNumber = reader.varint();
      else if (reader.field === 4) metrics.push(reader.message());
      else if (reader.field === 5) unit = reader.text();
      else reader.skip();
    }
    // Of a family without metrics nothing is known, whatever else it says.
    if (metrics.length === 0) return;
    const type = FAMILY_TYPES[typeNumber];
    if (type === undefined) throw new WireError(`unknown metric type ${typeNumber} for metric ${JSON.stringify(name)}`);
    if (name === '') throw new WireError('a metric family without a name');
    const before = this.#metadata.get(name);
    if (before?.type !== type || before.help !== help || before.unit !== unit) {
      this.#metadata.set(name, { type, help, unit });
      this.#metadataChanged = true;
    }
    for (const metric of metrics) this.#readMetric(name, type, metric);
  }

  #readMetric(name: string, type: MetricMetadata['type'], reader: WireReader): void {
    const start = reader.at;
    const pairs: [string, string][] = [];
    let timestampMs = Number.NaN;
    const bodyField = BODY_FIELDS[type]!;
    let body: WireReader | undefined;
    let labelsEnd = start;
    while (reader.next()) {
      if (reader.field === 1) {
        pairs.push(readLabelPair(reader.message()));
        labelsEnd = reader.at;
      } else if (reader.field === 6) timestampMs = reader.int64() || Number.NaN;
      else if (reader.field === bodyField) body = reader.message();
      else reader.skip();
    }
    // What is not told is zero.
    body ??= new WireReader(reader.bytes, reader.end, reader.end);
    const encoded = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + start, labelsEnd - start);
    const metric = { name, pairs, key: `${name}\u0000${encoded.toString('latin1')}`, timestampMs };
    if (type === 'summary') this.#addSummary(metric, body);
    else if (type === 'histogram' || type === 'gaugehistogram') {
      const { nativeHistograms } = this.#options;
      this.#addHistogram(metric, readHistogram(body, { isGauge: type === 'gaugehistogram', nativeHistograms }));
    } else {
      const { value, exemplar, startMs } = readNumber(body);
      const at = this.#add(metric, '', undefined, value, type === 'counter' ? startMs : 0);
      if (exemplar !== undefined && type === 'counter') this.#exemplar(at, exemplar);
    }
  }

  #addSummary(metric: Metric, body: WireReader): void {
    const { count, sum, quantiles, startMs } = readSummary(body);
    this.#add(metric, '_count', undefined, count, startMs);
    this.#add(metric, '_sum', undefined, sum, startMs);
    for (const [quantile, value] of quantiles) this.#add(metric, '', ['quantile', boundText(quantile)], value, startMs);
  }

  #addHistogram(metric: Metric, histogram: ProtoHistogram): void {
    const { native } = histogram;
    if (native !== undefined) {
      const at = this.#add(metric, '', undefined, 0, histogram.startMs);
      (this.samples.histograms ??= new Map()).set(at, native);
      const own = histogram.exemplars.length > 0 ? histogram.exemplars : exemplarsOf(histogram);
      // Without a time one cannot tell whether an exemplar of a native histogram is new.
      for (const exemplar of own) if (exemplar.timestampMs !== undefined) this.#exemplar(at, exemplar);
    }
    const both = this.#options.alwaysClassic && histogram.buckets.length > 0;
    if (native === undefined || both) this.#addClassic(metric, histogram);
  }

  #addClassic(metric: Metric, { count, sum, buckets, startMs }: ProtoHistogram): void {
    this.#add(metric, '_count', undefined, count, startMs);
    this.#add(metric, '_sum', undefined, sum, startMs);
    for (const { upper, count: cumulative, exemplar } of buckets) {
      const at = this.#add(metric, '_bucket', ['le', boundText(upper)], cumulative, startMs);
      if (exemplar !== undefined) this.#exemplar(at, exemplar);
      if (upper === Infinity) return;
    }
    this.#add(metric, '_bucket', ['le', '+Inf'], count, startMs);
  }

  /** Adds a sample and gives its number. */
  #add(
    metric: Metric,
    suffix: string,
    extra: readonly [string, string] | undefined,
    value: number,
    startMs: number,
  ): number {
    const { samples } = this;
    const at = samples.count++;
    if (at === samples.values.length) growSamples(samples);
    const key = `${metric.key}\u0000${suffix}\u0000${extra?.[1] ?? ''}`;
    samples.entries[at] = this.#entries.next(key, () =>
      labelsOf([...metric.pairs, ...(extra === undefined ? [] : [extra]), [METRIC_NAME, metric.name + suffix]]),
    );
    samples.values[at] = value;
    if (!Number.isNaN(metric.timestampMs) && !samples.hasTimestamps) {
      samples.hasTimestamps = true;
      samples.timestampsMs.fill(Number.NaN, 0, at);
    }
    if (samples.hasTimestamps) samples.timestampsMs[at] = metric.timestampMs;
    if (this.#options.startTimestamps && startMs > 0) samples.startsMs ??= new Float64Array(samples.values.length);
    if (samples.startsMs !== null) samples.startsMs[at] = startMs;
    return at;
  }

  #exemplar(sample: number, { pairs, value, timestampMs }: ProtoExemplar): void {
    this.samples.exemplars.push({ sample, labels: Labels.from(pairs), value, timestampMs });
  }
}

/** A label without a value is none. */
function labelsOf(pairs: readonly (readonly [string, string])[]): Labels {
  const told = pairs.filter(([, value]) => value !== '');
  const names = new Set<string>();
  for (const [name] of told) {
    if (name === '') throw new WireError('a label without a name');
    if (names.has(name)) throw new WireError(`label name ${JSON.stringify(name)} is not unique`);
    names.add(name);
  }
  return Labels.from(told);
}

function exemplarsOf({ buckets }: ProtoHistogram): readonly ProtoExemplar[] {
  return buckets.flatMap(({ exemplar }) => exemplar ?? []);
}
