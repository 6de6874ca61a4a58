// Attributes of many owners (spans, log records, points, resources) in one table, rows of one owner side by side.
import { type AnyValue, anyValue, type ValueColumn, ValueType, valueText } from './value.ts';

/**
 * The attributes of owner `o` are the rows `offsets[o]` up to, not including, `offsets[o + 1]`. In a slice of a batch
 * `offsets[0]` need not be 0, and the rows may reach beyond the last owner: always go by the offsets.
 */
export interface AttributeTable extends ValueColumn {
  /** One more than there are owners. */
  readonly offsets: Uint32Array;
  /** String ids of the keys. */
  readonly keys: Uint32Array;
}

/** The row of `key` among the attributes of `owner`, or -1. */
export function attributeRow(table: AttributeTable, owner: number, key: string): number {
  const end = table.offsets[owner + 1]!;
  for (let row = table.offsets[owner]!; row < end; row++) {
    if (table.strings[table.keys[row]!] === key) return row;
  }
  return -1;
}

/** The value of an attribute when it is there and a string. */
export function attributeString(table: AttributeTable, owner: number, key: string): string | undefined {
  const row = attributeRow(table, owner, key);
  return row >= 0 && table.types[row] === ValueType.string ? table.strings[table.payload[row]!] : undefined;
}

/** The value of an attribute of any type as text, or undefined when it is absent. */
export function attributeText(table: AttributeTable, owner: number, key: string): string | undefined {
  const row = attributeRow(table, owner, key);
  return row < 0 ? undefined : valueText(table, row);
}

/** The value of an attribute in its plain form, or undefined when it is absent. */
export function attributeValue(table: AttributeTable, owner: number, key: string): AnyValue | undefined {
  const row = attributeRow(table, owner, key);
  return row < 0 ? undefined : anyValue(table, row);
}

/** The key in `row`. */
export function attributeKey(table: AttributeTable, row: number): string {
  return table.strings[table.keys[row]!]!;
}

/** All attributes of one owner as a Map, in their order. */
export function attributeMap(table: AttributeTable, owner: number): Map<string, AnyValue> {
  const map = new Map<string, AnyValue>();
  const end = table.offsets[owner + 1]!;
  for (let row = table.offsets[owner]!; row < end; row++) map.set(attributeKey(table, row), anyValue(table, row));
  return map;
}
