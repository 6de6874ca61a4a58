// Writes KeyValue and AnyValue messages.
import type { AttributeTable } from '../model/attributes.ts';
import { type AnyValue, anyValue, type ValueColumn, ValueType } from '../model/value.ts';
import type { WireWriter } from './wire-writer.ts';

/** Writes the attributes of `owner`, each as field `field`. */
export function writeAttributes(writer: WireWriter, field: number, table: AttributeTable, owner: number): void {
  const end = table.offsets[owner + 1]!;
  for (let row = table.offsets[owner]!; row < end; row++) {
    const entry = writer.begin(field);
    writer.string(1, table.strings[table.keys[row]!]!);
    const value = writer.begin(2);
    writeValue(writer, table, row);
    writer.end(value);
    writer.end(entry);
  }
}

/** Writes the inside of the AnyValue in `row`. */
export function writeValue(writer: WireWriter, column: ValueColumn, row: number): void {
  const payload = column.payload[row]!;
  switch (column.types[row]) {
    case ValueType.empty:
      return;
    case ValueType.string:
      writer.stringAlways(1, column.strings[payload]!);
      return;
    case ValueType.int:
      writer.int64(3, payload);
      return;
    case ValueType.double:
      writer.double(4, payload);
      return;
    default:
      writePlain(writer, anyValue(column, row));
  }
}

function writePlain(writer: WireWriter, value: AnyValue): void {
  if (value === null) return;
  if (typeof value === 'string') writer.stringAlways(1, value);
  else if (typeof value === 'boolean') {
    writer.tag(2, 0);
    writer.varint(value ? 1 : 0);
  } else if (typeof value === 'bigint') writer.int64(3, value);
  else if (typeof value === 'number') writer.double(4, value);
  else if (value instanceof Uint8Array) writer.bytesField(7, value, 0, value.length);
  else if (value instanceof Map) writeMap(writer, value);
  else writeArray(writer, value as readonly AnyValue[]);
}

function writeArray(writer: WireWriter, values: readonly AnyValue[]): void {
  const array = writer.begin(5);
  for (const item of values) {
    const entry = writer.begin(1);
    writePlain(writer, item);
    writer.end(entry);
  }
  writer.end(array);
}

function writeMap(writer: WireWriter, values: ReadonlyMap<string, AnyValue>): void {
  const list = writer.begin(6);
  for (const [key, item] of values) {
    const entry = writer.begin(1);
    writer.string(1, key);
    const inner = writer.begin(2);
    writePlain(writer, item);
    writer.end(inner);
    writer.end(entry);
  }
  writer.end(list);
}
