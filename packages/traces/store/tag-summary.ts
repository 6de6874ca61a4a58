/** Which attributes exist and which values they have: answers tag searches without reading spans. */

import { attributeString, type SpanBatch, type ValueColumn, ValueType } from '@mario/otlp';

export type TagScope = 'span' | 'resource' | 'event' | 'link' | 'instrumentation' | 'intrinsic';
export type TagType = 'string' | 'int' | 'float' | 'bool' | 'keyword';

/** Distinct values kept for one attribute; attributes with more (ids, times) are no use in a drop-down list. */
export const TAG_VALUES_MAX = 1000;
/** Longer values (statements, stack traces) are not offered as values. */
const TAG_VALUE_CHARACTERS_MAX = 1024;
/** Attributes of one scope: more means that keys carry data, and the summary must not grow with them. */
const TAG_KEYS_MAX = 10_000;

interface TagValues {
  readonly values: Map<TagType, Set<string>>;
  count: number;
  more: boolean;
}

export type TagJson = Record<string, Record<string, Record<string, unknown>>>;

const STATUS_NAMES = ['unset', 'ok', 'error'];
const KIND_NAMES = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

export class TagSummary {
  readonly #scopes = new Map<TagScope, Map<string, TagValues>>();

  scopes(): Iterable<TagScope> {
    return this.#scopes.keys();
  }

  keys(scope: TagScope): Iterable<string> {
    return this.#scopes.get(scope)?.keys() ?? [];
  }

  /** The values of an attribute by type; `more` when not all are known. */
  values(
    scope: TagScope,
    key: string,
  ): { readonly values: ReadonlyMap<TagType, ReadonlySet<string>>; readonly more: boolean } {
    return this.#scopes.get(scope)?.get(key) ?? { values: new Map(), more: this.#full(scope) };
  }

  add(scope: TagScope, key: string, type: TagType, value: string): void {
    let keys = this.#scopes.get(scope);
    if (keys === undefined) this.#scopes.set(scope, (keys = new Map()));
    let entry = keys.get(key);
    if (entry === undefined) {
      if (keys.size >= TAG_KEYS_MAX) return;
      keys.set(key, (entry = { values: new Map(), count: 0, more: false }));
    }
    let values = entry.values.get(type);
    if (values === undefined) entry.values.set(type, (values = new Set()));
    if (values.has(value)) return;
    if (entry.count >= TAG_VALUES_MAX || value.length > TAG_VALUE_CHARACTERS_MAX) entry.more = true;
    else {
      values.add(value);
      entry.count++;
    }
  }

  addBatch(batch: SpanBatch): void {
    this.#addColumn('span', batch.attributes, batch.attributes.keys);
    this.#addColumn('event', batch.events.attributes, batch.events.attributes.keys);
    this.#addColumn('link', batch.links.attributes, batch.links.attributes.keys);
    this.#addColumn('resource', batch.resources.attributes, batch.resources.attributes.keys);
    this.#addColumn('instrumentation', batch.scopes.attributes, batch.scopes.attributes.keys);
    this.#addNames('event:name', batch.events.name, batch.strings);
    this.#addNames('name', batch.name, batch.strings);
    this.#addNames('statusMessage', batch.statusMessage, batch.strings);
    this.#addNames('instrumentation:name', batch.scopes.name, batch.strings);
    this.#addNames('instrumentation:version', batch.scopes.version, batch.strings);
    for (let row = 0; row < batch.count; row++) {
      this.add('intrinsic', 'status', 'keyword', STATUS_NAMES[batch.statusCode[row]!] ?? 'unset');
      this.add('intrinsic', 'kind', 'keyword', KIND_NAMES[batch.kind[row]!] ?? 'unspecified');
      if (batch.parentSpanIds.subarray(row * 8, row * 8 + 8).some((byte) => byte !== 0)) continue;
      this.add('intrinsic', 'rootName', 'string', batch.strings[batch.name[row]!]!);
      const service = attributeString(batch.resources.attributes, batch.resource[row]!, 'service.name');
      if (service !== undefined) this.add('intrinsic', 'rootServiceName', 'string', service);
    }
  }

  merge(other: TagSummary): void {
    for (const [scope, keys] of other.#scopes) {
      for (const [key, entry] of keys) {
        for (const [type, values] of entry.values) for (const value of values) this.add(scope, key, type, value);
        if (!entry.more) continue;
        const own = this.#scopes.get(scope)?.get(key);
        if (own !== undefined) own.more = true;
      }
    }
  }

  toJson(): TagJson {
    const json: TagJson = {};
    for (const [scope, keys] of this.#scopes) {
      const out: Record<string, Record<string, unknown>> = {};
      for (const [key, entry] of keys) {
        const values: Record<string, unknown> = entry.more ? { more: true } : {};
        for (const [type, set] of entry.values) values[type] = [...set];
        out[`.${key}`] = values;
      }
      json[scope] = out;
    }
    return json;
  }

  /** Reads what `toJson` wrote; the segment's checksum vouches for the shape. */
  static fromJson(json: TagJson): TagSummary {
    const summary = new TagSummary();
    for (const [scope, keys] of Object.entries(json)) {
      for (const [dotted, types] of Object.entries(keys)) {
        const key = dotted.slice(1);
        for (const [type, values] of Object.entries(types)) {
          if (type === 'more') continue;
          for (const value of values as string[]) summary.add(scope as TagScope, key, type as TagType, value);
        }
        const entry = summary.#scopes.get(scope as TagScope)?.get(key);
        if (types.more === true && entry !== undefined) entry.more = true;
      }
    }
    return summary;
  }

  #full(scope: TagScope): boolean {
    return (this.#scopes.get(scope)?.size ?? 0) >= TAG_KEYS_MAX;
  }

  #addNames(key: string, ids: Uint32Array, strings: readonly string[]): void {
    for (const id of new Set(ids)) if (id !== 0) this.add('intrinsic', key, 'string', strings[id]!);
  }

  /** Looks at each distinct (key, type, payload) of the column once. */
  #addColumn(scope: TagScope, column: ValueColumn, keys: Uint32Array): void {
    const seen = new Map<number, Set<number>>();
    for (let row = 0; row < keys.length; row++) {
      const type = column.types[row]!;
      const slot = keys[row]! * 16 + type;
      let payloads = seen.get(slot);
      if (payloads === undefined) seen.set(slot, (payloads = new Set()));
      const payload = column.payload[row]!;
      if (payloads.has(payload) || payloads.size > TAG_VALUES_MAX) continue;
      payloads.add(payload);
      this.#addValue(scope, column.strings[keys[row]!]!, type, payload, column);
    }
  }

  #addValue(scope: TagScope, key: string, type: number, payload: number, column: ValueColumn): void {
    switch (type) {
      case ValueType.string:
        this.add(scope, key, 'string', column.strings[payload]!);
        break;
      case ValueType.bool:
        this.add(scope, key, 'bool', payload !== 0 ? 'true' : 'false');
        break;
      case ValueType.int:
        this.add(scope, key, 'int', String(payload));
        break;
      case ValueType.double:
        this.add(scope, key, 'float', String(payload));
        break;
      case ValueType.bigint:
        this.add(scope, key, 'int', String(column.bigints[payload]));
        break;
      case ValueType.array:
        for (const item of column.complex[payload] as readonly unknown[]) {
          if (typeof item === 'string') this.add(scope, key, 'string', item);
        }
    }
  }
}
