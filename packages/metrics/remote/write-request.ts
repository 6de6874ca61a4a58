/** Remote-write requests, 1.0 (prometheus.WriteRequest) and 2.0 (io.prometheus.write.v2.Request), as plain objects. */
import { compareStrings, Labels } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../queryable.ts';
import { WireError, WireReader } from './wire-reader.ts';
import { readWrittenHistogram, type WrittenHistogram } from './write-histogram.ts';

export interface WrittenSample {
  readonly timestampMs: number;
  readonly value: number;
  readonly stale: boolean;
  /** Since when the series counts; 0 where that is not told. */
  readonly startMs: number;
}

export interface WrittenSeries {
  readonly labels: Labels;
  readonly samples: readonly WrittenSample[];
  readonly histograms: readonly WrittenHistogram[];
  readonly exemplars: readonly Exemplar[];
  /** For all samples that tell none of their own; 0 where that is not told. */
  readonly startMs: number;
}

export interface WriteRequest {
  readonly series: readonly WrittenSeries[];
  readonly metadata: readonly (readonly [string, MetricMetadata])[];
}

const TYPES: readonly MetricMetadata['type'][] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** Throws WireError. */
export function readWriteRequest(bytes: Uint8Array): WriteRequest {
  const reader = new WireReader(bytes);
  const series: WrittenSeries[] = [];
  const metadata: [string, MetricMetadata][] = [];
  while (reader.next()) {
    if (reader.field === 1) series.push(readSeries(reader.message()));
    else if (reader.field === 3) metadata.push(readMetadata(reader.message()));
    else reader.skip();
  }
  return { series, metadata };
}

/** Throws WireError. */
export function readWriteRequest2(bytes: Uint8Array): WriteRequest {
  const symbols: string[] = [];
  const messages: WireReader[] = [];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === 4) symbols.push(reader.text());
    else if (reader.field === 5) messages.push(reader.message());
    else reader.skip();
  }
  if (symbols.length > 0 && symbols[0] !== '') throw new WireError('symbols must start with an empty string');
  const metadata: [string, MetricMetadata][] = [];
  return { series: messages.map((message) => readSeries2(message, symbols, metadata)), metadata };
}

function readSeries(reader: WireReader): WrittenSeries {
  const pairs: [string, string][] = [];
  const samples: WrittenSample[] = [];
  const histograms: WrittenHistogram[] = [];
  const exemplars: Exemplar[] = [];
  while (reader.next()) {
    if (reader.field === 1) pairs.push(readLabel(reader));
    else if (reader.field === 2) samples.push(readSample(reader));
    else if (reader.field === 3)
      exemplars.push(
        readExemplar(reader.message(), (inner, found) => inner.field === 1 && found.push(readLabel(inner))),
      );
    else if (reader.field === 4) histograms.push(readWrittenHistogram(reader.message()));
    else reader.skip();
  }
  return { labels: toLabels(pairs), samples, histograms, exemplars, startMs: 0 };
}

function readSeries2(
  reader: WireReader,
  symbols: readonly string[],
  metadata: [string, MetricMetadata][],
): WrittenSeries {
  const refs: number[] = [];
  const samples: WrittenSample[] = [];
  const histograms: WrittenHistogram[] = [];
  const exemplars: Exemplar[] = [];
  let about: MetricMetadata | undefined;
  let startMs = 0;
  while (reader.next()) {
    if (reader.field === 1) reader.repeated((inner) => inner.varint(), refs);
    else if (reader.field === 2) samples.push(readSample(reader));
    else if (reader.field === 3) histograms.push(readWrittenHistogram(reader.message()));
    else if (reader.field === 4) exemplars.push(readExemplar2(reader.message(), symbols));
    else if (reader.field === 5) about = readMetadata2(reader.message(), symbols);
    // The release candidates of 2.0 had it once a series, the later ones have it with each sample.
    else if (reader.field === 6) startMs = reader.int64();
    else reader.skip();
  }
  const labels = toLabels(resolvePairs(refs, symbols));
  if (about !== undefined && (about.type !== 'unknown' || about.help !== '' || about.unit !== '')) {
    metadata.push([familyName(labels.metricName, about.type), about]);
  }
  return { labels, samples, histograms, exemplars, startMs };
}

/** Metadata stands beside each series; of a classic histogram or summary that is one of several names. */
function familyName(name: string, type: MetricMetadata['type']): string {
  return type === 'histogram' || type === 'summary' ? name.replace(/_(?:bucket|count|sum)$/, '') : name;
}

function resolvePairs(refs: readonly number[], symbols: readonly string[]): [string, string][] {
  if (refs.length % 2 !== 0) throw new WireError(`invalid labelRefs length ${refs.length}`);
  const at = (ref: number) => {
    const symbol = symbols[ref];
    if (symbol === undefined)
      throw new WireError(`labelRefs ${ref} (name) = invalid index: there are ${symbols.length} symbols`);
    return symbol;
  };
  return Array.from({ length: refs.length / 2 }, (_, i) => [at(refs[2 * i]!), at(refs[2 * i + 1]!)]);
}

/** The label at the reader's place. */
function readLabel(reader: WireReader): [string, string] {
  let name = '';
  let value = '';
  const outerEnd = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  reader.leave(outerEnd);
  return [name, value];
}

/** The sample at the reader's place: hot, millions come one by one. */
function readSample(reader: WireReader): WrittenSample {
  const outerEnd = reader.enter();
  let value = 0;
  let stale = false;
  let timestampMs = 0;
  let startMs = 0;
  while (reader.next()) {
    if (reader.field === 1) {
      // The staleness marker is one pattern of NaN, which a JavaScript number need not keep.
      stale = reader.doubleIs(0x7ff00000, 2);
      value = reader.double();
    } else if (reader.field === 2) timestampMs = reader.int64();
    else if (reader.field === 3) startMs = reader.int64();
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { timestampMs, value, stale, startMs };
}

function readExemplar(
  reader: WireReader,
  readLabels: (reader: WireReader, found: [string, string][]) => unknown,
): Exemplar {
  const pairs: [string, string][] = [];
  let value = 0;
  let timestampMs = 0;
  while (reader.next()) {
    if (reader.field === 1) readLabels(reader, pairs);
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timestampMs = reader.int64();
    else reader.skip();
  }
  return { labels: toLabels(pairs), value, timestampMs };
}

function readExemplar2(reader: WireReader, symbols: readonly string[]): Exemplar {
  return readExemplar(reader, (inner, found) => {
    const refs: number[] = [];
    inner.repeated((each) => each.varint(), refs);
    found.push(...resolvePairs(refs, symbols));
  });
}

function readMetadata(reader: WireReader): [string, MetricMetadata] {
  let family = '';
  let type: MetricMetadata['type'] = 'unknown';
  let help = '';
  let unit = '';
  while (reader.next()) {
    if (reader.field === 1) type = TYPES[reader.varint()] ?? 'unknown';
    else if (reader.field === 2) family = reader.text();
    else if (reader.field === 4) help = reader.text();
    else if (reader.field === 5) unit = reader.text();
    else reader.skip();
  }
  return [family, { type, help, unit }];
}

function readMetadata2(reader: WireReader, symbols: readonly string[]): MetricMetadata {
  let type: MetricMetadata['type'] = 'unknown';
  let help = '';
  let unit = '';
  while (reader.next()) {
    if (reader.field === 1) type = TYPES[reader.varint()] ?? 'unknown';
    else if (reader.field === 3) help = symbols[reader.varint()] ?? '';
    else if (reader.field === 4) unit = symbols[reader.varint()] ?? '';
    else reader.skip();
  }
  return { type, help, unit };
}

function toLabels(pairs: [string, string][]): Labels {
  const sorted = pairs.every(([name], i) => i === 0 || compareStrings(pairs[i - 1]![0], name) < 0)
    ? pairs
    : pairs.toSorted(([a], [b]) => compareStrings(a, b));
  const flat: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const [name, value] = sorted[i]!;
    if (i > 0 && sorted[i - 1]![0] === name) throw new WireError(`label name "${name}" is not unique`);
    if (value !== '') flat.push(name, value);
  }
  return Labels.fromSortedPairs(flat);
}
