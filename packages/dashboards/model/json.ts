/** Reads loosely typed JSON: what is absent or of another type becomes the given default. */
import type { Json, JsonObject } from './dashboard.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function asArray(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function asString(value: unknown, otherwise = ''): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : otherwise;
}

export function asNumber(value: unknown, otherwise: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return otherwise;
}

/** Like asNumber, but absence stays absence. */
export function numberOrNone(value: unknown): number | undefined {
  const number = asNumber(value, Number.NaN);
  return Number.isNaN(number) ? undefined : number;
}

export function asBoolean(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}
