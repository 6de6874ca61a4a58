/** A batch of spans as bytes, for the write-ahead log and for segments (docs/format/traces-span-block.md). */

import { type AnyValue, type AttributeTable, type SpanBatch, ValueType } from '@mario/otlp';
import { encodeStrings, StorageError, StringDictionary } from '@mario/storage';
import { ColumnReader, ColumnWriter, damagedBlock } from './column-bytes.ts';
import { gatherSpans } from './span-gather.ts';
import { decodeValues, encodeValues } from './value-bytes.ts';

const VERSION = 1;
const HEADER_BYTES = 16;

/** Encodes the batch; slices are made compact first. */
export function encodeSpanBlock(batch: SpanBatch): Uint8Array {
  return encodeCompact(compactSpans(batch));
}

/** The same spans in a batch that holds nothing else; the batch itself when it is one. */
export function compactSpans(batch: SpanBatch): SpanBatch {
  if (isCompact(batch)) return batch;
  return gatherSpans(Array.from({ length: batch.count }, (_, row) => ({ batch, row })));
}

/** Whether every table starts at 0 and ends with its last owner, so that its columns can be written as they lie. */
function isCompact(batch: SpanBatch): boolean {
  const { count, events, links } = batch;
  const whole = (offsets: Uint32Array, owners: number, rows: number) =>
    offsets.length === owners + 1 && offsets[0] === 0 && offsets[owners] === rows;
  return (
    batch.resource.length === count &&
    whole(batch.attributes.offsets, count, batch.attributes.keys.length) &&
    whole(events.offsets, count, events.name.length) &&
    whole(events.attributes.offsets, events.name.length, events.attributes.keys.length) &&
    whole(links.offsets, count, links.flags.length) &&
    whole(links.attributes.offsets, links.flags.length, links.attributes.keys.length) &&
    whole(batch.resources.attributes.offsets, batch.resources.count, batch.resources.attributes.keys.length) &&
    whole(batch.scopes.attributes.offsets, batch.scopes.count, batch.scopes.attributes.keys.length)
  );
}

function encodeCompact(batch: SpanBatch): Uint8Array {
  const { resources, scopes, events, links } = batch;
  const writer = new ColumnWriter();
  const header = new Uint8Array(HEADER_BYTES);
  new Uint32Array(header.buffer).set([VERSION, batch.count, resources.count, scopes.count]);
  writer.header(header);
  writer.column(encodeStrings(batch.strings));
  writer.column(BigInt64Array.from(batch.bigints));
  writer.column(encodeValues(batch.complex));
  writeAttributes(writer, resources.attributes);
  for (const column of [resources.schemaUrl, resources.dropped, scopes.name, scopes.version]) writer.column(column);
  writeAttributes(writer, scopes.attributes);
  for (const column of [scopes.schemaUrl, scopes.dropped, batch.resource, batch.scope]) writer.column(column);
  for (const column of [batch.traceIds, batch.spanIds, batch.parentSpanIds]) writer.column(column);
  for (const column of [batch.traceState, batch.flags, batch.name, batch.kind]) writer.column(column);
  for (const column of [batch.startNs, batch.endNs, batch.statusCode, batch.statusMessage]) writer.column(column);
  writeAttributes(writer, batch.attributes);
  writer.column(batch.droppedAttributes);
  for (const column of [events.offsets, events.timeNs, events.name, events.droppedAttributes]) writer.column(column);
  writeAttributes(writer, events.attributes);
  writer.column(events.dropped);
  for (const column of [links.offsets, links.traceIds, links.spanIds, links.traceState]) writer.column(column);
  for (const column of [links.flags, links.droppedAttributes]) writer.column(column);
  writeAttributes(writer, links.attributes);
  writer.column(links.dropped);
  return writer.bytes();
}

function writeAttributes(writer: ColumnWriter, table: AttributeTable): void {
  writer.column(table.offsets);
  writer.column(table.keys);
  writer.column(table.types);
  writer.column(table.payload);
}

/** Decodes a block; its columns view `bytes`, which must not change afterwards. Throws STORAGE_CORRUPT. */
export function decodeSpanBlock(bytes: Uint8Array): SpanBatch {
  if (bytes.length < HEADER_BYTES) throw damagedBlock('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, count, resourceCount, scopeCount] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  if (version !== VERSION) {
    throw new StorageError('STORAGE_VERSION', `A block of spans has version ${version}: use the newer program.`);
  }
  const reader = new BlockReader(bytes);
  return reader.read(count!, resourceCount!, scopeCount!);
}

class BlockReader {
  readonly #reader: ColumnReader;
  readonly #pool: { strings: readonly string[]; bigints: readonly bigint[]; complex: readonly AnyValue[] };

  constructor(bytes: Uint8Array) {
    this.#reader = new ColumnReader(bytes, HEADER_BYTES);
    this.#pool = {
      strings: new StringDictionary(this.#reader.u8()).toArray(),
      bigints: Array.from(this.#reader.i64()),
      complex: decodeValues(this.#reader.u8()),
    };
  }

  read(count: number, resourceCount: number, scopeCount: number): SpanBatch {
    const reader = this.#reader;
    // Property order is the order of the columns in the file.
    const resources = {
      count: resourceCount,
      attributes: this.#attributes(resourceCount),
      schemaUrl: this.#ids(resourceCount),
      dropped: reader.u32(resourceCount),
    };
    const scopes = {
      count: scopeCount,
      name: this.#ids(scopeCount),
      version: this.#ids(scopeCount),
      attributes: this.#attributes(scopeCount),
      schemaUrl: this.#ids(scopeCount),
      dropped: reader.u32(scopeCount),
    };
    return {
      signal: 'traces',
      count,
      ...this.#pool,
      resources,
      scopes,
      resource: checkIds(reader.u32(count), resourceCount),
      scope: checkIds(reader.u32(count), scopeCount),
      traceIds: this.#bytes(count * 16),
      spanIds: this.#bytes(count * 8),
      parentSpanIds: this.#bytes(count * 8),
      traceState: this.#ids(count),
      flags: reader.u32(count),
      name: this.#ids(count),
      kind: this.#bytes(count),
      startNs: reader.u64(count),
      endNs: reader.u64(count),
      statusCode: this.#bytes(count),
      statusMessage: this.#ids(count),
      attributes: this.#attributes(count),
      droppedAttributes: reader.u32(count),
      events: this.#events(count),
      links: this.#links(count),
    };
  }

  #events(count: number) {
    const offsets = this.#offsets(count);
    const rows = offsets[count]!;
    return {
      offsets,
      timeNs: this.#reader.u64(rows),
      name: this.#ids(rows),
      droppedAttributes: this.#reader.u32(rows),
      attributes: this.#attributes(rows),
      dropped: this.#reader.u32(count),
    };
  }

  #links(count: number) {
    const offsets = this.#offsets(count);
    const rows = offsets[count]!;
    return {
      offsets,
      traceIds: this.#bytes(rows * 16),
      spanIds: this.#bytes(rows * 8),
      traceState: this.#ids(rows),
      flags: this.#reader.u32(rows),
      droppedAttributes: this.#reader.u32(rows),
      attributes: this.#attributes(rows),
      dropped: this.#reader.u32(count),
    };
  }

  #attributes(owners: number): AttributeTable {
    const offsets = this.#offsets(owners);
    const rows = offsets[owners]!;
    const keys = this.#ids(rows);
    const types = this.#bytes(rows);
    const payload = this.#reader.f64();
    if (payload.length !== rows) throw damagedBlock('attribute columns differ in length');
    this.#checkPayload(types, payload);
    return { ...this.#pool, offsets, keys, types, payload };
  }

  /** Payloads that are indexes must be within what they index. */
  #checkPayload(types: Uint8Array, payload: Float64Array): void {
    const { strings, bigints, complex } = this.#pool;
    for (let row = 0; row < types.length; row++) {
      const type = types[row]!;
      if (type !== ValueType.string && type < ValueType.bigint) continue;
      const { length } = type === ValueType.string ? strings : type === ValueType.bigint ? bigints : complex;
      const index = payload[row]!;
      if (!(Number.isInteger(index) && index >= 0 && index < length)) throw damagedBlock('a value is out of range');
    }
  }

  #offsets(owners: number): Uint32Array {
    const offsets = this.#reader.u32(owners + 1);
    for (let owner = 0; owner < owners; owner++) {
      if (offsets[owner]! > offsets[owner + 1]!) throw damagedBlock('offsets decrease');
    }
    return offsets;
  }

  #ids(count: number): Uint32Array {
    return checkIds(this.#reader.u32(count), this.#pool.strings.length);
  }

  #bytes(length: number): Uint8Array {
    const bytes = this.#reader.u8();
    if (bytes.length !== length) throw damagedBlock('a column has a wrong length');
    return bytes;
  }
}

function checkIds(ids: Uint32Array, size: number): Uint32Array {
  for (let at = 0; at < ids.length; at++) if (ids[at]! >= size) throw damagedBlock('an id is out of range');
  return ids;
}
