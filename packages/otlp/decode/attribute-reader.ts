// Reads KeyValue and AnyValue messages straight into attribute columns.
import type { AttributeColumns, ValueColumns } from '../build/value-columns.ts';
import { type AnyValue, ValueType } from '../model/value.ts';
import { depthMax, type WireReader, WireType } from './wire-reader.ts';

/** Attributes of one owner beyond this many are read without prediction. */
const predictedPositions = 64;

/**
 * What the previous record had at each position. Records of one kind of operation follow each other, so the same keys
 * come in the same order and most values repeat; comparing bytes with a guess is cheaper than hashing them.
 */
export class AttributeSite {
  readonly keys = new Int32Array(predictedPositions).fill(-1);
  readonly values = new Int32Array(predictedPositions).fill(-1);
  private generation = 0;

  /** Forgets all guesses once the dictionary that they point into was emptied. */
  begin(generation: number): void {
    if (this.generation === generation) return;
    this.generation = generation;
    this.keys.fill(-1);
    this.values.fill(-1);
  }
}

export class AttributeReader {
  private readonly reader: WireReader;
  /** The value that `value` read last. */
  type = 0;
  payload = 0;
  private complexValue: AnyValue = null;
  private bigintValue = 0n;

  constructor(reader: WireReader) {
    this.reader = reader;
  }

  /** Reads one KeyValue, whose length comes next, as attribute number `position` of its owner. */
  keyValue(outerEnd: number, columns: AttributeColumns, site: AttributeSite, position: number): void {
    const { reader } = this;
    const end = reader.nested(outerEnd);
    const slot = position < predictedPositions ? position : -1;
    let key = 0;
    this.type = ValueType.empty;
    this.payload = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        key = reader.string(end, slot < 0 ? -1 : site.keys[slot]!, 'KeyValue.key');
        if (slot >= 0) site.keys[slot] = reader.strings.entry;
      } else if (field === 2) {
        this.value(reader.message(end, 'KeyValue.value'), slot < 0 ? -1 : site.values[slot]!);
        if (slot >= 0 && this.type === ValueType.string) site.values[slot] = reader.strings.entry;
      } else reader.skip(end);
    }
    reader.finish(end);
    columns.pushKey(key);
    this.push(columns);
  }

  /** Appends what `value` read last. */
  push(columns: ValueColumns): void {
    if (this.type === ValueType.bigint) columns.pushBigInt(this.bigintValue);
    else if (this.type >= ValueType.bytes) columns.pushComplex(this.type, this.complexValue);
    else columns.push(this.type, this.payload);
  }

  /** Reads an AnyValue up to `end`; a string goes to the batch's strings. */
  value(end: number, predicted: number): void {
    const { reader } = this;
    this.type = ValueType.empty;
    this.payload = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        this.payload = reader.string(end, predicted, 'AnyValue.string_value');
        this.type = ValueType.string;
      } else if (field >= 2 && field <= 7) this.otherValue(field, end);
      else reader.skip(end);
    }
    reader.finish(end);
  }

  private otherValue(field: number, end: number): void {
    const { reader } = this;
    if (field === 2) {
      reader.expect(WireType.varint, 'AnyValue.bool_value');
      reader.varint64();
      this.payload = reader.low !== 0 || reader.high !== 0 ? 1 : 0;
      this.type = ValueType.bool;
    } else if (field === 3) {
      reader.expect(WireType.varint, 'AnyValue.int_value');
      const int = reader.int64();
      this.type = typeof int === 'number' ? ValueType.int : ValueType.bigint;
      if (typeof int === 'number') this.payload = int;
      else this.bigintValue = int;
    } else if (field === 4) {
      reader.expect(WireType.fixed64, 'AnyValue.double_value');
      this.payload = reader.double();
      this.type = ValueType.double;
    } else {
      this.type = field === 5 ? ValueType.array : field === 6 ? ValueType.kvlist : ValueType.bytes;
      this.complexValue = nestedValue(reader, field, end, 1);
    }
  }
}

/** A value inside an array or a map, in its plain form. */
function plainAnyValue(reader: WireReader, end: number, depth: number): AnyValue {
  if (depth > depthMax) reader.fail(`values nested deeper than ${depthMax}`);
  let value: AnyValue = null;
  while (reader.pos < end) {
    const field = reader.tag();
    switch (field) {
      case 1:
        reader.expect(WireType.bytes, 'AnyValue.string_value');
        value = reader.text(end, 'AnyValue.string_value');
        break;
      case 2:
        reader.expect(WireType.varint, 'AnyValue.bool_value');
        reader.varint64();
        value = reader.low !== 0 || reader.high !== 0;
        break;
      case 3:
        reader.expect(WireType.varint, 'AnyValue.int_value');
        value = BigInt(reader.int64());
        break;
      case 4:
        reader.expect(WireType.fixed64, 'AnyValue.double_value');
        value = reader.double();
        break;
      case 5:
      case 6:
      case 7:
        value = nestedValue(reader, field, end, depth + 1);
        break;
      default:
        reader.skip(end);
    }
  }
  reader.finish(end);
  return value;
}

function nestedValue(reader: WireReader, field: number, outerEnd: number, depth: number): AnyValue {
  const end = reader.message(outerEnd, 'AnyValue');
  if (field === 5) return arrayValue(reader, end, depth);
  if (field === 6) return kvlistValue(reader, end, depth);
  const bytes = Uint8Array.prototype.slice.call(reader.bytes, reader.pos, end);
  reader.pos = end;
  return bytes;
}

function arrayValue(reader: WireReader, end: number, depth: number): AnyValue {
  const values: AnyValue[] = [];
  while (reader.pos < end) {
    if (reader.tag() === 1) {
      values.push(plainAnyValue(reader, reader.message(end, 'ArrayValue.values'), depth));
    } else reader.skip(end);
  }
  reader.finish(end);
  return values;
}

function kvlistValue(reader: WireReader, end: number, depth: number): AnyValue {
  const values = new Map<string, AnyValue>();
  while (reader.pos < end) {
    if (reader.tag() !== 1) {
      reader.skip(end);
      continue;
    }
    const entryEnd = reader.message(end, 'KeyValueList.values');
    let key = '';
    let value: AnyValue = null;
    while (reader.pos < entryEnd) {
      const field = reader.tag();
      if (field === 1) {
        reader.expect(WireType.bytes, 'KeyValue.key');
        key = reader.text(entryEnd, 'KeyValue.key');
      } else if (field === 2) {
        value = plainAnyValue(reader, reader.message(entryEnd, 'KeyValue.value'), depth);
      } else reader.skip(entryEnd);
    }
    reader.finish(entryEnd);
    values.set(key, value);
  }
  reader.finish(end);
  return values;
}
