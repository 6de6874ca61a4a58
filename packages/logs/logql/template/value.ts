/** The values of templates: Go's integers are bigints, its floats numbers, so that each prints as Go prints it. */
import type { GoTime } from './go-time.ts';

export type Value =
  | null
  | undefined
  | boolean
  | bigint
  | number
  | string
  | GoTime
  | readonly Value[]
  | ReadonlyMap<string, Value>;

export class TemplateError extends Error {}

export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isTime = (value: Value): value is GoTime => typeof value === 'object' && value !== null && 'ns' in value;

/** Go's idea of truth in templates: the zero value of each type is false. */
export function truth(value: Value): boolean {
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

export function typeName(value: Value): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (isTime(value)) return 'time.Time';
  if (isMap(value)) return 'map';
  return isList(value) ? 'slice' : 'string';
}
