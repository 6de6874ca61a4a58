/** The fields of a log line as attributes: flat, few, without what may say who somebody is. */
import type { AnyValue, LogAttributes } from '@opentelemetry/api-logs';

/** A line with more fields than this is data, not a message; what is over is left out. */
const ATTRIBUTES_MAX = 64;
const DEPTH_MAX = 4;
const ARRAY_LENGTH_MAX = 32;

/** Names of fields whose values never leave the process, at any depth, in any case. */
const REDACTED_KEYS: ReadonlySet<string> = new Set([
  'address',
  'authorization',
  'card',
  'cardnumber',
  'cookie',
  'email',
  'password',
  'phone',
  'secret',
  'set-cookie',
  'token',
]);
const REDACTED = '[redacted]';

/** Names of fields are few and come with every line; a stranger's many names are asked anew. */
const KNOWN_KEYS_MAX = 512;
const known = new Map<string, boolean>();

export function isRedacted(key: string): boolean {
  let redacted = known.get(key);
  if (redacted === undefined) {
    redacted = REDACTED_KEYS.has(key.toLowerCase());
    if (known.size < KNOWN_KEYS_MAX) known.set(key, redacted);
  }
  return redacted;
}

/** A copy of `fields` for the printed line, redacted; the same object when there is nothing to hide. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redactAt(fields, 0) as Record<string, unknown>;
}

function redactAt(value: unknown, depth: number): unknown {
  if (!isPlainObject(value) || depth >= DEPTH_MAX) return value;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const before = value[key];
    const after = isRedacted(key) ? REDACTED : redactAt(before, depth + 1);
    if (after !== before) {
      copy ??= { ...value };
      copy[key] = after;
    }
  }
  return copy ?? value;
}

/** Adds the fields to `target`, nested ones joined by dots; errors as `exception.*`. */
export function flattenInto(
  target: LogAttributes,
  fields: Readonly<Record<string, unknown>>,
  prefix = '',
  depth = 0,
): void {
  for (const key of Object.keys(fields)) {
    if (Object.keys(target).length >= ATTRIBUTES_MAX) return;
    const name = prefix + key;
    const value = fields[key];
    if (isRedacted(key)) target[name] = REDACTED;
    else if (value instanceof Error) setException(target, value);
    else if (isPlainObject(value) && depth < DEPTH_MAX) flattenInto(target, value, `${name}.`, depth + 1);
    else {
      const attribute = attributeOf(value);
      if (attribute !== undefined) target[name] = attribute;
    }
  }
}

function setException(target: LogAttributes, error: Error): void {
  target['exception.type'] = error.constructor.name || error.name;
  target['exception.message'] = error.message;
  if (error.stack !== undefined) target['exception.stacktrace'] = error.stack;
}

function attributeOf(value: unknown): AnyValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      if (value === null) return undefined;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
      if (Array.isArray(value)) {
        const elements = value.slice(0, ARRAY_LENGTH_MAX).map((element) => attributeOf(element));
        return elements.filter((element) => element !== undefined);
      }
      // An instance of a class (a socket, a request) is named, not walked.
      return `[${value.constructor?.name ?? 'object'}]`;
    default:
      return undefined;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
