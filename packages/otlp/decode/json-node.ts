// A JSON value of a request together with its path, so that what is wrong can be said with its place.
import { DecodeError } from './decode-error.ts';

/** A JSON value as `JSON.parse` gives it; integers too long for a double come as `bigint` (see `parseJson`). */
export type Json = null | boolean | number | string | bigint | Json[] | { [key: string]: Json };

/** Runs of digits that a double may not hold exactly, outside of strings. */
const longInteger = /[:[,]\s*-?\d{16,}/;
const integerText = /^-?\d+$/;
const snakeNames = new Map<string, string>();

/** Parses a request body; throws `DecodeError` with the parser's position. */
export function parseJson(text: string): JsonNode {
  try {
    // 64-bit numbers belong in strings, but are accepted as numbers: those get all their digits back from the source.
    const value: Json = longInteger.test(text) ? JSON.parse(text, exactIntegers) : JSON.parse(text);
    return new JsonNode(value, '$');
  } catch (error) {
    throw new DecodeError(`malformed JSON: ${(error as Error).message}`);
  }
}

function exactIntegers(_key: string, value: Json, context?: { source?: string }): Json {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source } = context ?? {};
  return source !== undefined && integerText.test(source) ? BigInt(source) : value;
}

/** Members are asked for by their lowerCamelCase name; snake_case is understood as well. `null` stands for absence. */
export class JsonNode {
  readonly value: Json;
  private readonly key: string | number;
  private readonly parent: JsonNode | undefined;

  constructor(value: Json, key: string | number, parent?: JsonNode) {
    this.value = value;
    this.key = key;
    this.parent = parent;
  }

  get path(): string {
    if (this.parent === undefined) return String(this.key);
    return typeof this.key === 'number' ? `${this.parent.path}[${this.key}]` : `${this.parent.path}.${this.key}`;
  }

  fail(what: string): never {
    throw new DecodeError(`malformed JSON: ${this.path} ${what}`);
  }

  /** The member, or undefined when it is absent. */
  member(name: string): JsonNode | undefined {
    const { value } = this;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) this.fail('is not an object');
    const object = value as { [key: string]: Json };
    if (Object.hasOwn(object, name)) return object[name] === null ? undefined : new JsonNode(object[name]!, name, this);
    const snake = snakeName(name);
    if (!Object.hasOwn(object, snake) || object[snake] === null) return undefined;
    return new JsonNode(object[snake]!, snake, this);
  }

  /** The elements of a member that is an array; an absent one has none. */
  list(name: string): JsonNode[] {
    const member = this.member(name);
    if (member === undefined) return [];
    if (!Array.isArray(member.value)) member.fail('is not an array');
    return (member.value as Json[]).map((item, i) => new JsonNode(item, i, member));
  }

  /** Calls `read` with each element of a member that is an array. */
  each(name: string, read: (item: JsonNode) => void): void {
    for (const item of this.list(name)) read(item);
  }

  string(name: string): string {
    const member = this.member(name);
    if (member === undefined) return '';
    return typeof member.value === 'string' ? member.value : member.fail('is not a string');
  }

  bool(name: string): boolean {
    const member = this.member(name);
    if (member === undefined) return false;
    return typeof member.value === 'boolean' ? member.value : member.fail('is not true or false');
  }

  /** A 32-bit number, as a number or in a string. */
  int32(name: string): number {
    const member = this.member(name);
    if (member === undefined) return 0;
    const number = Number(member.value);
    if (!Number.isInteger(number) || Math.abs(number) > 0xffffffff) member.fail('is not a 32-bit integer');
    return number;
  }

  /** A 64-bit number, as a string (as it should be) or a number. */
  int64(name: string): bigint {
    return this.member(name)?.asInt64() ?? 0n;
  }

  asInt64(): bigint {
    const { value } = this;
    if (typeof value === 'bigint') return value;
    if (typeof value === 'string' && integerText.test(value)) return BigInt(value);
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
    return this.fail('is not a 64-bit integer');
  }

  /** A double; "NaN", "Infinity" and "-Infinity" are strings. */
  double(name: string): number {
    return this.member(name)?.asDouble() ?? 0;
  }

  asDouble(): number {
    const { value } = this;
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string' && value !== '' && value.trim() === value) {
      const number = Number(value);
      if (value === 'NaN' || !Number.isNaN(number)) return number;
    }
    return this.fail('is not a number');
  }

  /** An enum as its number, or by its name in `names` (with the prefix that the protocol gives it). */
  enumeration(name: string, prefix: string, names: { readonly [name: string]: number }): number {
    const member = this.member(name);
    if (member === undefined) return 0;
    if (typeof member.value === 'number' && Number.isInteger(member.value)) return member.value;
    const text = typeof member.value === 'string' ? member.value : member.fail('is not an enum');
    const number = /^\d+$/.test(text) ? Number(text) : names[text.replace(prefix, '').toLowerCase()];
    return number === undefined ? member.fail(`has the unknown value '${text}'`) : number;
  }
}

function snakeName(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}
