/** Attributes and values in OTLP's common messages (opentelemetry/proto/common/v1/common.proto). */
import type { AnyValue } from '@opentelemetry/api-logs';
import type { Wire } from './wire.ts';

/** Deeper values are left out; attributes are flat, bodies of logs rarely are not. */
const DEPTH_MAX = 8;

/** Any object that has values by name: the attributes of spans, logs, scopes and resources. */
export type Values = Readonly<Record<string, unknown>>;

export function writeAttributes(wire: Wire, field: number, attributes: Values): void {
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined || value === null) continue;
    const start = wire.open(field);
    wire.string(1, key);
    writeValueField(wire, 2, value as AnyValue, 0);
    wire.close(start);
  }
}

/** An AnyValue as field `field`. */
export function writeValueField(wire: Wire, field: number, value: AnyValue, depth: number): void {
  const start = wire.open(field);
  switch (typeof value) {
    case 'string':
      wire.string(1, value);
      break;
    case 'boolean':
      wire.uint(2, value ? 1 : 0);
      break;
    case 'number':
      if (Number.isSafeInteger(value)) wire.int(3, value);
      else wire.double(4, value);
      break;
    case 'object':
      if (value !== null && depth < DEPTH_MAX) writeComposite(wire, value, depth);
      break;
    default:
      break;
  }
  wire.close(start);
}

function writeComposite(
  wire: Wire,
  value: Exclude<AnyValue, string | number | boolean | null | undefined>,
  depth: number,
) {
  if (value instanceof Uint8Array) {
    wire.raw(7, value);
  } else if (Array.isArray(value)) {
    const start = wire.open(5);
    for (const element of value as readonly AnyValue[]) writeValueField(wire, 1, element, depth + 1);
    wire.close(start);
  } else {
    const start = wire.open(6);
    for (const [key, element] of Object.entries(value as Record<string, AnyValue>)) {
      const entry = wire.open(1);
      wire.string(1, key);
      writeValueField(wire, 2, element, depth + 1);
      wire.close(entry);
    }
    wire.close(start);
  }
}
