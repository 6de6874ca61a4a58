/** The values of templates: Go's integers are bigints, its floats numbers, so that each prints as Go prints it. */
import type { GoTime } from './go-time.ts';

/** A struct of the program that runs the template: its fields are asked by name. */
export interface GoStruct {
  /** As Go names its type in errors: `*template.sample`. */
  readonly goType: string;
  /** Undefined when there is no such field. */
  field(name: string): Value;
}

export type Value =
  | null
  | undefined
  | boolean
  | bigint
  | number
  | string
  | GoTime
  | GoStruct
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** A template that cannot be parsed or executed; the message names the template and the place, as Go's does. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isTime = (value: Value): value is GoTime => typeof value === 'object' && value !== null && 'ns' in value;
export const isStruct = (value: Value): value is GoStruct =>
  typeof value === 'object' && value !== null && 'goType' in value;

/** Go's idea of truth in templates: the zero value of each type is false, a struct is true. */
export function truth(value: Value): boolean {
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  // Not a number is not zero.
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

export function typeName(value: Value): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (isTime(value)) return 'time.Time';
  if (isStruct(value)) return value.goType;
  if (isMap(value)) return [...value.values()].every((each) => typeof each === 'string') ? 'map[string]string' : 'map';
  return isList(value) ? 'slice' : 'string';
}
