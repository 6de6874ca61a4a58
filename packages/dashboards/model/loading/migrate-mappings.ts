/** Value mappings before version 8 (`type: 1|2`, `op`, `value`, `from`, `to`) to those of today. */
import type { Json, JsonObject } from '../dashboard.ts';
import { asArray, asNumber, asString, isObject } from '../json.ts';

/** Undefined when there is nothing to map. */
export function migrateMappings(value: Json | undefined): readonly Json[] | undefined {
  const mappings = asArray(value).filter(isObject);
  if (mappings.length === 0) return undefined;
  return mappings.map((mapping, index) =>
    typeof mapping.type === 'string' ? mapping : migrateMapping(mapping, index),
  );
}

function migrateMapping(mapping: JsonObject, index: number): JsonObject {
  const text = asString(mapping.text);
  const result = { text, index, ...(typeof mapping.color === 'string' ? { color: mapping.color } : {}) };
  const isRange = mapping.type === 2 || (mapping.type === undefined && mapping.from !== undefined);
  if (isRange) {
    return { type: 'range', options: { from: boundary(mapping.from), to: boundary(mapping.to), result } };
  }
  const matched = asString(mapping.value);
  if (matched === 'null') return { type: 'special', options: { match: 'null', result } };
  return { type: 'value', options: { [matched]: result } };
}

function boundary(value: Json | undefined): number | null {
  const number = asNumber(value, Number.NaN);
  return Number.isNaN(number) ? null : number;
}
