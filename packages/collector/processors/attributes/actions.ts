// Actions on attributes, which the attributes and the resource processor have in common.
import { createHash } from 'node:crypto';
import { type AnyValue, anyValueText } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { ReadContext } from '../../config/read-context.ts';

export type AttributeAction =
  | { readonly action: 'insert' | 'update' | 'upsert'; readonly key: string; readonly value: ValueSource }
  | { readonly action: 'delete' | 'hash'; readonly key: string; readonly pattern: RE2JS | undefined }
  | { readonly action: 'extract'; readonly key: string; readonly pattern: RE2JS; readonly groups: readonly string[] }
  | { readonly action: 'convert'; readonly key: string; readonly to: 'int' | 'double' | 'string' };

type ValueSource = { readonly constant: AnyValue } | { readonly attribute: string };

const actionNames = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const;

/** Reads a list of actions; what is wrong becomes an issue. */
export function readActions(list: ConfigNode, context: ReadContext): AttributeAction[] {
  return list.list().flatMap((item) => readAction(item, context) ?? []);
}

function readAction(node: ConfigNode, context: ReadContext): AttributeAction | undefined {
  const fields = node.fields({
    key: 'used',
    value: 'used',
    pattern: 'used',
    from_attribute: 'used',
    from_context: 'used',
    default_value: 'used',
    converted_type: 'used',
    action: 'used',
  });
  const action = fields.action?.string()?.toLowerCase();
  if (action === undefined) {
    node.error('missing required field "action"');
    return undefined;
  }
  if (!actionNames.includes(action as 'insert')) {
    fields.action!.error(`unsupported action "${action}"`);
    return undefined;
  }
  const key = fields.key?.string() ?? '';
  const pattern = fields.pattern === undefined ? undefined : readPattern(fields.pattern);
  if (key === '' && !((action === 'delete' || action === 'hash') && pattern !== undefined)) {
    node.error('missing required field "key"');
    return undefined;
  }
  if (action === 'delete' || action === 'hash') return { action, key, pattern };
  if (action === 'extract') return readExtract(node, key, pattern);
  if (action === 'convert') {
    const to = fields.converted_type?.oneOf(['int', 'double', 'string'] as const);
    if (fields.converted_type === undefined) node.error('missing required field "converted_type" for action "convert"');
    return to === undefined ? undefined : { action, key, to };
  }
  const sources = [fields.value, fields.from_attribute, fields.from_context].filter((source) => source !== undefined);
  if (sources.length !== 1) {
    node.error(`action "${action}" needs exactly one of "value", "from_attribute" and "from_context"`);
    return undefined;
  }
  if (fields.from_context !== undefined) {
    context.refuse(fields.from_context, 'from_context is not supported by the embedded collector');
    return undefined;
  }
  const value =
    fields.value === undefined
      ? { attribute: fields.from_attribute!.string() ?? '' }
      : { constant: plainYaml(fields.value.raw()) };
  return { action: action as 'insert', key, value };
}

function readExtract(node: ConfigNode, key: string, pattern: RE2JS | undefined): AttributeAction | undefined {
  if (pattern === undefined) {
    node.error('missing required field "pattern" for action "extract"');
    return undefined;
  }
  const groups = Object.keys(pattern.namedGroups());
  if (groups.length === 0) node.error('"pattern" contains no named matcher groups');
  return { action: 'extract', key, pattern, groups };
}

function readPattern(node: ConfigNode): RE2JS | undefined {
  try {
    return RE2JS.compile(node.string() ?? '');
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    node.error(error.message);
    return undefined;
  }
}

/** A YAML value as an attribute's. */
function plainYaml(raw: unknown): AnyValue {
  if (raw === null || typeof raw === 'string' || typeof raw === 'boolean') return raw;
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? BigInt(raw) : raw;
  if (typeof raw === 'bigint') return raw;
  if (Array.isArray(raw)) return raw.map(plainYaml);
  return new Map(Object.entries(raw as object).map(([key, value]) => [key, plainYaml(value)]));
}

/** Applies the actions one after the other. */
export function applyActions(actions: readonly AttributeAction[], attributes: Map<string, AnyValue>): void {
  for (const action of actions) applyAction(action, attributes);
}

function applyAction(action: AttributeAction, attributes: Map<string, AnyValue>): void {
  switch (action.action) {
    case 'insert':
    case 'update':
    case 'upsert': {
      const has = attributes.has(action.key);
      if (action.action === 'insert' ? has : action.action === 'update' && !has) return;
      const value = 'constant' in action.value ? action.value.constant : attributes.get(action.value.attribute);
      if (value !== undefined) attributes.set(action.key, value);
      return;
    }
    case 'delete':
      for (const key of matchingKeys(action, attributes)) attributes.delete(key);
      return;
    case 'hash':
      for (const key of matchingKeys(action, attributes)) attributes.set(key, hashed(attributes.get(key)!));
      return;
    case 'extract':
      extract(action, attributes);
      return;
    case 'convert': {
      const value = attributes.get(action.key);
      if (value !== undefined) attributes.set(action.key, converted(value, action.to));
    }
  }
}

function matchingKeys(
  { key, pattern }: { readonly key: string; readonly pattern: RE2JS | undefined },
  attributes: ReadonlyMap<string, AnyValue>,
): string[] {
  return [...attributes.keys()].filter((name) => name === key || pattern?.matcher(name).find() === true);
}

function extract(action: Extract<AttributeAction, { action: 'extract' }>, attributes: Map<string, AnyValue>): void {
  const value = attributes.get(action.key);
  if (typeof value !== 'string') return;
  const matcher = action.pattern.matcher(value);
  if (!matcher.find()) return;
  for (const name of action.groups) attributes.set(name, matcher.group(name) ?? '');
}

/** The SHA-256 of the value's bytes in hexadecimal: text in UTF-8, numbers in eight bytes, little-endian. */
function hashed(value: AnyValue): string {
  const bytes = Buffer.alloc(8);
  if (typeof value === 'bigint') bytes.writeBigInt64LE(value);
  else if (typeof value === 'number') bytes.writeDoubleLE(value);
  else if (typeof value === 'boolean') return sha256(Buffer.from([value ? 1 : 0]));
  else return sha256(value instanceof Uint8Array ? value : Buffer.from(anyValueText(value)));
  return sha256(bytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What cannot be converted stays as it is. */
function converted(value: AnyValue, to: 'int' | 'double' | 'string'): AnyValue {
  if (to === 'string') return anyValueText(value);
  if (typeof value === 'boolean') return to === 'int' ? BigInt(value) : Number(value);
  if (typeof value === 'bigint') return to === 'int' ? value : Number(value);
  if (typeof value === 'number') return to === 'double' || !Number.isFinite(value) ? value : BigInt(Math.trunc(value));
  if (typeof value !== 'string') return value;
  if (to === 'int') return /^[+-]?\d+$/.test(value) ? BigInt.asIntN(64, BigInt(value.replace('+', ''))) : value;
  const number = Number(value);
  return value.trim() === '' || Number.isNaN(number) ? value : number;
}
