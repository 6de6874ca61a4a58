// Makes one batch of several: columns are copied side by side, ids and offsets shifted to their new places.
import type { AttributeTable } from '../model/attributes.ts';
import type { LogBatch } from '../model/logs.ts';
import type { ExemplarTable, ExponentialBuckets, MetricBatch, Points } from '../model/metrics.ts';
import type { ResourceTable, ScopeTable, TelemetryBatch } from '../model/origin.ts';
import type { SpanBatch } from '../model/spans.ts';
import { type AnyValue, type ValueColumn, type ValuePool, ValueType } from '../model/value.ts';

/** The spans of all batches in order. One batch comes back as it is. */
export function concatSpans(batches: readonly SpanBatch[]): SpanBatch {
  if (batches.length === 1) return batches[0]!;
  const c = new Concatenation(batches);
  const events = (b: SpanBatch) => rowRange(b.events.offsets);
  const links = (b: SpanBatch) => rowRange(b.links.offsets);
  return {
    signal: 'traces',
    count: c.count,
    ...c.pool,
    resources: c.resources(),
    scopes: c.scopes(),
    resource: c.shifted((b) => b.resource, c.resourceBases),
    scope: c.shifted((b) => b.scope, c.scopeBases),
    traceIds: c.u8((b) => b.traceIds),
    spanIds: c.u8((b) => b.spanIds),
    parentSpanIds: c.u8((b) => b.parentSpanIds),
    traceState: c.ids((b) => b.traceState),
    flags: c.u32((b) => b.flags),
    name: c.ids((b) => b.name),
    kind: c.u8((b) => b.kind),
    startNs: c.u64((b) => b.startNs),
    endNs: c.u64((b) => b.endNs),
    statusCode: c.u8((b) => b.statusCode),
    statusMessage: c.ids((b) => b.statusMessage),
    attributes: c.attributes((b) => b.attributes),
    droppedAttributes: c.u32((b) => b.droppedAttributes),
    events: {
      offsets: c.offsets((b) => b.events.offsets),
      timeNs: c.u64((b) => b.events.timeNs.subarray(...events(b))),
      name: c.ids((b) => b.events.name.subarray(...events(b))),
      attributes: c.attributes((b) => ownerRange(b.events.attributes, events(b))),
      droppedAttributes: c.u32((b) => b.events.droppedAttributes.subarray(...events(b))),
      dropped: c.u32((b) => b.events.dropped),
    },
    links: {
      offsets: c.offsets((b) => b.links.offsets),
      traceIds: c.u8((b) => idRange(b.links.traceIds, links(b), 16)),
      spanIds: c.u8((b) => idRange(b.links.spanIds, links(b), 8)),
      traceState: c.ids((b) => b.links.traceState.subarray(...links(b))),
      flags: c.u32((b) => b.links.flags.subarray(...links(b))),
      attributes: c.attributes((b) => ownerRange(b.links.attributes, links(b))),
      droppedAttributes: c.u32((b) => b.links.droppedAttributes.subarray(...links(b))),
      dropped: c.u32((b) => b.links.dropped),
    },
  };
}

/** The records of all batches in order. One batch comes back as it is. */
export function concatLogs(batches: readonly LogBatch[]): LogBatch {
  if (batches.length === 1) return batches[0]!;
  const c = new Concatenation(batches);
  return {
    signal: 'logs',
    count: c.count,
    ...c.pool,
    resources: c.resources(),
    scopes: c.scopes(),
    resource: c.shifted((b) => b.resource, c.resourceBases),
    scope: c.shifted((b) => b.scope, c.scopeBases),
    timeNs: c.u64((b) => b.timeNs),
    observedNs: c.u64((b) => b.observedNs),
    severityNumber: c.u8((b) => b.severityNumber),
    severityText: c.ids((b) => b.severityText),
    body: c.values((b) => b.body),
    attributes: c.attributes((b) => b.attributes),
    droppedAttributes: c.u32((b) => b.droppedAttributes),
    traceIds: c.u8((b) => b.traceIds),
    spanIds: c.u8((b) => b.spanIds),
    flags: c.u32((b) => b.flags),
    eventName: c.ids((b) => b.eventName),
  };
}

/** The metrics of all batches in order; equal metrics stay apart. One batch comes back as it is. */
export function concatMetrics(batches: readonly MetricBatch[]): MetricBatch {
  if (batches.length === 1) return batches[0]!;
  const c = new Concatenation(batches);
  const bases = c.bases((b) => b.metrics.count);
  return {
    signal: 'metrics',
    count: c.count,
    ...c.pool,
    resources: c.resources(),
    scopes: c.scopes(),
    metrics: {
      count: bases.at(-1)! + (batches.at(-1)?.metrics.count ?? 0),
      name: c.ids((b) => b.metrics.name),
      description: c.ids((b) => b.metrics.description),
      unit: c.ids((b) => b.metrics.unit),
      type: c.u8((b) => b.metrics.type),
      temporality: c.u8((b) => b.metrics.temporality),
      monotonic: c.u8((b) => b.metrics.monotonic),
      metadata: c.attributes((b) => b.metrics.metadata),
      resource: c.shifted((b) => b.metrics.resource, c.resourceBases),
      scope: c.shifted((b) => b.metrics.scope, c.scopeBases),
    },
    numbers: concatNumbers(c, bases),
    histograms: {
      ...concatDistribution(c, bases, (b) => b.histograms),
      boundOffsets: c.offsets((b) => b.histograms.boundOffsets),
      bounds: c.f64((b) => rows(b.histograms.bounds, b.histograms.boundOffsets)),
      bucketOffsets: c.offsets((b) => b.histograms.bucketOffsets),
      buckets: c.f64((b) => rows(b.histograms.buckets, b.histograms.bucketOffsets)),
    },
    exponentials: {
      ...concatDistribution(c, bases, (b) => b.exponentials),
      scale: c.i32((b) => b.exponentials.scale),
      zeroCount: c.f64((b) => b.exponentials.zeroCount),
      zeroThreshold: c.f64((b) => b.exponentials.zeroThreshold),
      positive: concatBuckets(c, (b) => b.exponentials.positive),
      negative: concatBuckets(c, (b) => b.exponentials.negative),
    },
    summaries: {
      ...concatPoints(c, bases, (b) => b.summaries),
      total: c.f64((b) => b.summaries.total),
      sum: c.f64((b) => b.summaries.sum),
      quantileOffsets: c.offsets((b) => b.summaries.quantileOffsets),
      quantiles: c.f64((b) => rows(b.summaries.quantiles, b.summaries.quantileOffsets)),
      quantileValues: c.f64((b) => rows(b.summaries.quantileValues, b.summaries.quantileOffsets)),
    },
  };
}

type MetricConcatenation = Concatenation<MetricBatch>;

function concatPoints(c: MetricConcatenation, bases: readonly number[], of: (b: MetricBatch) => Points): Points {
  return {
    count: c.batches.reduce((sum, b) => sum + of(b).count, 0),
    metric: c.shifted((b) => of(b).metric, bases),
    startNs: c.u64((b) => of(b).startNs),
    timeNs: c.u64((b) => of(b).timeNs),
    flags: c.u32((b) => of(b).flags),
    attributes: c.attributes((b) => of(b).attributes),
  };
}

function concatNumbers(c: MetricConcatenation, bases: readonly number[]): MetricBatch['numbers'] {
  const doubles = c.f64((b) => b.numbers.doubles);
  return {
    ...concatPoints(c, bases, (b) => b.numbers),
    valueType: c.u8((b) => b.numbers.valueType),
    doubles,
    ints: new BigInt64Array(doubles.buffer),
    exemplars: concatExemplars(c, (b) => b.numbers.exemplars),
  };
}

function concatDistribution(
  c: MetricConcatenation,
  bases: readonly number[],
  of: (b: MetricBatch) => MetricBatch['histograms'] | MetricBatch['exponentials'],
) {
  return {
    ...concatPoints(c, bases, of),
    total: c.f64((b) => of(b).total),
    sum: c.f64((b) => of(b).sum),
    min: c.f64((b) => of(b).min),
    max: c.f64((b) => of(b).max),
    present: c.u8((b) => of(b).present),
    exemplars: concatExemplars(c, (b) => of(b).exemplars),
  };
}

function concatBuckets(c: MetricConcatenation, of: (b: MetricBatch) => ExponentialBuckets): ExponentialBuckets {
  return {
    first: c.i32((b) => of(b).first),
    offsets: c.offsets((b) => of(b).offsets),
    counts: c.f64((b) => rows(of(b).counts, of(b).offsets)),
  };
}

function concatExemplars(c: MetricConcatenation, of: (b: MetricBatch) => ExemplarTable): ExemplarTable {
  const range = (b: MetricBatch) => rowRange(of(b).offsets);
  const doubles = c.f64((b) => of(b).doubles.subarray(...range(b)));
  return {
    offsets: c.offsets((b) => of(b).offsets),
    timeNs: c.u64((b) => of(b).timeNs.subarray(...range(b))),
    valueType: c.u8((b) => of(b).valueType.subarray(...range(b))),
    doubles,
    ints: new BigInt64Array(doubles.buffer),
    traceIds: c.u8((b) => idRange(of(b).traceIds, range(b), 16)),
    spanIds: c.u8((b) => idRange(of(b).spanIds, range(b), 8)),
    attributes: c.attributes((b) => ownerRange(of(b).attributes, range(b))),
  };
}

/** Where the things of each batch land in the whole. */
class Concatenation<Batch extends TelemetryBatch> {
  readonly batches: readonly Batch[];
  readonly count: number;
  readonly pool: ValuePool;
  readonly resourceBases: readonly number[];
  readonly scopeBases: readonly number[];
  /** Id 0 is '' in every batch and stays 0; the others move by this. */
  private readonly stringBases: readonly number[];
  private readonly bigintBases: readonly number[];
  private readonly complexBases: readonly number[];

  constructor(batches: readonly Batch[]) {
    this.batches = batches;
    this.count = batches.reduce((sum, b) => sum + b.count, 0);
    this.resourceBases = this.bases((b) => b.resources.count);
    this.scopeBases = this.bases((b) => b.scopes.count);
    this.stringBases = this.bases((b) => b.strings.length - 1);
    this.bigintBases = this.bases((b) => b.bigints.length);
    this.complexBases = this.bases((b) => b.complex.length);
    const strings = [''];
    const bigints: bigint[] = [];
    const complex: AnyValue[] = [];
    for (const batch of batches) {
      for (let i = 1; i < batch.strings.length; i++) strings.push(batch.strings[i]!);
      for (const value of batch.bigints) bigints.push(value);
      for (const value of batch.complex) complex.push(value);
    }
    this.pool = { strings, bigints, complex };
  }

  /** What comes before each batch. */
  bases(size: (batch: Batch) => number): number[] {
    let sum = 0;
    return this.batches.map((batch) => {
      const base = sum;
      sum += size(batch);
      return base;
    });
  }

  u8(of: (batch: Batch) => Uint8Array): Uint8Array {
    return this.join(of, (size) => new Uint8Array(size));
  }

  u32(of: (batch: Batch) => Uint32Array): Uint32Array {
    return this.join(of, (size) => new Uint32Array(size));
  }

  i32(of: (batch: Batch) => Int32Array): Int32Array {
    return this.join(of, (size) => new Int32Array(size));
  }

  f64(of: (batch: Batch) => Float64Array): Float64Array {
    return this.join(of, (size) => new Float64Array(size));
  }

  u64(of: (batch: Batch) => BigUint64Array): BigUint64Array {
    let size = 0;
    for (const batch of this.batches) size += of(batch).length;
    const joined = new BigUint64Array(size);
    let at = 0;
    for (const batch of this.batches) {
      joined.set(of(batch), at);
      at += of(batch).length;
    }
    return joined;
  }

  /** String ids. */
  ids(of: (batch: Batch) => Uint32Array): Uint32Array {
    return this.mapped(of, (id, b) => (id === 0 ? 0 : id + this.stringBases[b]!));
  }

  /** Indices of a table whose rows land at `bases`. */
  shifted(of: (batch: Batch) => Uint32Array, bases: readonly number[]): Uint32Array {
    return this.mapped(of, (index, b) => index + bases[b]!);
  }

  /** Offsets of rows that are joined without what lies outside of them. */
  offsets(of: (batch: Batch) => Uint32Array): Uint32Array {
    let owners = 0;
    for (const batch of this.batches) owners += of(batch).length - 1;
    const joined = new Uint32Array(owners + 1);
    let at = 0;
    let rowsBefore = 0;
    for (const batch of this.batches) {
      const offsets = of(batch);
      const first = offsets[0]!;
      for (let i = 0; i < offsets.length - 1; i++) joined[at++] = rowsBefore + offsets[i]! - first;
      rowsBefore += offsets.at(-1)! - first;
    }
    joined[at] = rowsBefore;
    return joined;
  }

  values(
    of: (batch: Batch) => ValueColumn,
    range: (batch: Batch) => [number, number] = () => [0, Infinity],
  ): ValueColumn {
    const types = this.u8((b) => of(b).types.subarray(...range(b)));
    const payload = this.f64((b) => of(b).payload.subarray(...range(b)));
    let at = 0;
    this.batches.forEach((batch, b) => {
      const end = at + of(batch).types.subarray(...range(batch)).length;
      for (; at < end; at++) {
        const type = types[at]!;
        if (type === ValueType.string) payload[at]! += payload[at] === 0 ? 0 : this.stringBases[b]!;
        else if (type === ValueType.bigint) payload[at]! += this.bigintBases[b]!;
        else if (type >= ValueType.bytes) payload[at]! += this.complexBases[b]!;
      }
    });
    return { types, payload, ...this.pool };
  }

  attributes(of: (batch: Batch) => AttributeTable): AttributeTable {
    return {
      ...this.values(of, (b) => rowRange(of(b).offsets)),
      offsets: this.offsets((b) => of(b).offsets),
      keys: this.ids((b) => of(b).keys.subarray(...rowRange(of(b).offsets))),
    };
  }

  resources(): ResourceTable {
    return {
      count: this.batches.reduce((sum, b) => sum + b.resources.count, 0),
      attributes: this.attributes((b) => b.resources.attributes),
      schemaUrl: this.ids((b) => b.resources.schemaUrl),
      dropped: this.u32((b) => b.resources.dropped),
    };
  }

  scopes(): ScopeTable {
    return {
      count: this.batches.reduce((sum, b) => sum + b.scopes.count, 0),
      name: this.ids((b) => b.scopes.name),
      version: this.ids((b) => b.scopes.version),
      attributes: this.attributes((b) => b.scopes.attributes),
      schemaUrl: this.ids((b) => b.scopes.schemaUrl),
      dropped: this.u32((b) => b.scopes.dropped),
    };
  }

  private mapped(of: (batch: Batch) => Uint32Array, map: (value: number, batch: number) => number): Uint32Array {
    const joined = this.u32(of);
    let at = 0;
    this.batches.forEach((batch, b) => {
      for (const end = at + of(batch).length; at < end; at++) joined[at] = map(joined[at]!, b);
    });
    return joined;
  }

  private join<Column extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
    of: (batch: Batch) => Column,
    make: (size: number) => Column,
  ): Column {
    let size = 0;
    for (const batch of this.batches) size += of(batch).length;
    const joined = make(size);
    let at = 0;
    for (const batch of this.batches) {
      joined.set(of(batch), at);
      at += of(batch).length;
    }
    return joined;
  }
}

/** The rows that belong to the owners of a table, which a slice may have made fewer than there are. */
function rowRange(offsets: Uint32Array): [number, number] {
  return [offsets[0]!, offsets.at(-1)!];
}

function rows(column: Float64Array, offsets: Uint32Array): Float64Array {
  return column.subarray(...rowRange(offsets));
}

function idRange(ids: Uint8Array, [from, to]: [number, number], size: number): Uint8Array {
  return ids.subarray(from * size, to * size);
}

/** The attributes of owners `from` up to `to`. */
function ownerRange(table: AttributeTable, [from, to]: [number, number]): AttributeTable {
  return { ...table, offsets: table.offsets.subarray(from, to + 1) };
}
