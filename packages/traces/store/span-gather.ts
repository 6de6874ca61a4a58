/** Collects spans from several batches into one compact batch: for blocks of segments, log records and answers. */

import {
  type AnyValue,
  type AttributeTable,
  type ResourceTable,
  type ScopeTable,
  type SpanBatch,
  spanIdBytes,
  traceIdBytes,
  ValueType,
} from '@mario/otlp';
import type { SpanRef } from './span-ref.ts';
import {
  type AttributeTarget,
  attributeTarget,
  type EventTarget,
  eventTarget,
  type LinkTarget,
  linkTarget,
  sizesOf,
} from './span-target.ts';

/** The spans in the given order, sharing nothing with the batches but immutable values. */
export function gatherSpans(refs: readonly SpanRef[]): SpanBatch {
  const gather = new Gather(refs);
  return gather.build();
}

/** What a source batch needs while its spans are copied. */
interface Source {
  readonly stringIds: Int32Array;
  readonly resourceIds: Int32Array;
  readonly scopeIds: Int32Array;
}

class Gather {
  readonly #refs: readonly SpanRef[];
  readonly #strings: string[] = [''];
  readonly #stringIds = new Map<string, number>([['', 0]]);
  readonly #bigints: bigint[] = [];
  readonly #complex: AnyValue[] = [];
  readonly #sources = new Map<SpanBatch, Source>();
  readonly #resources: SpanRef[] = [];
  readonly #resourceKeys = new Map<string, number>();
  readonly #scopes: SpanRef[] = [];
  readonly #scopeKeys = new Map<string, number>();

  constructor(refs: readonly SpanRef[]) {
    this.#refs = refs;
  }

  build(): SpanBatch {
    const refs = this.#refs;
    const count = refs.length;
    const sizes = sizesOf(refs);
    const out = {
      signal: 'traces' as const,
      count,
      resource: new Uint32Array(count),
      scope: new Uint32Array(count),
      traceIds: new Uint8Array(count * traceIdBytes),
      spanIds: new Uint8Array(count * spanIdBytes),
      parentSpanIds: new Uint8Array(count * spanIdBytes),
      traceState: new Uint32Array(count),
      flags: new Uint32Array(count),
      name: new Uint32Array(count),
      kind: new Uint8Array(count),
      startNs: new BigUint64Array(count),
      endNs: new BigUint64Array(count),
      statusCode: new Uint8Array(count),
      statusMessage: new Uint32Array(count),
      attributes: attributeTarget(this.#pool(), count, sizes.attributes),
      droppedAttributes: new Uint32Array(count),
      events: eventTarget(this.#pool(), count, sizes),
      links: linkTarget(this.#pool(), count, sizes),
    };
    for (let at = 0; at < count; at++) {
      const { batch, row } = refs[at]!;
      const source = this.#source(batch);
      out.resource[at] = this.#resourceId(batch, source, batch.resource[row]!);
      out.scope[at] = this.#scopeId(batch, source, batch.scope[row]!);
      copyId(batch.traceIds, row, out.traceIds, at, traceIdBytes);
      copyId(batch.spanIds, row, out.spanIds, at, spanIdBytes);
      copyId(batch.parentSpanIds, row, out.parentSpanIds, at, spanIdBytes);
      out.traceState[at] = this.#stringId(batch, source, batch.traceState[row]!);
      out.flags[at] = batch.flags[row]!;
      out.name[at] = this.#stringId(batch, source, batch.name[row]!);
      out.kind[at] = batch.kind[row]!;
      out.startNs[at] = batch.startNs[row]!;
      out.endNs[at] = batch.endNs[row]!;
      out.statusCode[at] = batch.statusCode[row]!;
      out.statusMessage[at] = this.#stringId(batch, source, batch.statusMessage[row]!);
      this.#copyAttributes(batch, source, batch.attributes, row, out.attributes, at);
      out.droppedAttributes[at] = batch.droppedAttributes[row]!;
      this.#copyEvents(batch, source, row, out.events, at);
      this.#copyLinks(batch, source, row, out.links, at);
    }
    return { ...out, ...this.#pool(), resources: this.#resourceTable(), scopes: this.#scopeTable() };
  }

  #pool() {
    return { strings: this.#strings, bigints: this.#bigints, complex: this.#complex };
  }

  #source(batch: SpanBatch): Source {
    let source = this.#sources.get(batch);
    if (source === undefined) {
      source = {
        stringIds: new Int32Array(batch.strings.length).fill(-1),
        resourceIds: new Int32Array(batch.resources.count).fill(-1),
        scopeIds: new Int32Array(batch.scopes.count).fill(-1),
      };
      this.#sources.set(batch, source);
    }
    return source;
  }

  #stringId(batch: SpanBatch, source: Source, id: number): number {
    const known = source.stringIds[id]!;
    if (known >= 0) return known;
    const text = batch.strings[id]!;
    let own = this.#stringIds.get(text);
    if (own === undefined) {
      own = this.#strings.push(text) - 1;
      this.#stringIds.set(text, own);
    }
    source.stringIds[id] = own;
    return own;
  }

  #resourceId(batch: SpanBatch, source: Source, id: number): number {
    const known = source.resourceIds[id]!;
    if (known >= 0) return known;
    const { attributes, schemaUrl, dropped } = batch.resources;
    const head = `${this.#stringId(batch, source, schemaUrl[id]!)} ${dropped[id]}`;
    const key = head + this.#attributesKey(batch, source, attributes, id);
    const own = intern(this.#resourceKeys, key, this.#resources, { batch, row: id });
    source.resourceIds[id] = own;
    return own;
  }

  #scopeId(batch: SpanBatch, source: Source, id: number): number {
    const known = source.scopeIds[id]!;
    if (known >= 0) return known;
    const { name, version, attributes, schemaUrl, dropped } = batch.scopes;
    const ids = [name[id]!, version[id]!, schemaUrl[id]!].map((text) => this.#stringId(batch, source, text));
    const key = `${ids.join(' ')} ${dropped[id]}${this.#attributesKey(batch, source, attributes, id)}`;
    const own = intern(this.#scopeKeys, key, this.#scopes, { batch, row: id });
    source.scopeIds[id] = own;
    return own;
  }

  /** Equal keys mean equal attributes; complex and big values are never taken for equal, which only costs space. */
  #attributesKey(batch: SpanBatch, source: Source, table: AttributeTable, owner: number): string {
    let key = '';
    for (let row = table.offsets[owner]!; row < table.offsets[owner + 1]!; row++) {
      const type = table.types[row]!;
      const payload = table.payload[row]!;
      const value = type === ValueType.string ? this.#stringId(batch, source, payload) : payload;
      const unique = type >= ValueType.bigint ? `#${this.#sources.size}` : '';
      key += `|${this.#stringId(batch, source, table.keys[row]!)},${type},${value}${unique}`;
    }
    return key;
  }

  #copyAttributes(
    batch: SpanBatch,
    source: Source,
    from: AttributeTable,
    owner: number,
    to: AttributeTarget,
    toOwner: number,
  ): void {
    let at = to.offsets[toOwner]!;
    for (let row = from.offsets[owner]!; row < from.offsets[owner + 1]!; row++, at++) {
      const type = from.types[row]!;
      const payload = from.payload[row]!;
      to.keys[at] = this.#stringId(batch, source, from.keys[row]!);
      to.types[at] = type;
      if (type === ValueType.string) to.payload[at] = this.#stringId(batch, source, payload);
      else if (type === ValueType.bigint) to.payload[at] = this.#bigints.push(batch.bigints[payload]!) - 1;
      else if (type > ValueType.bigint) to.payload[at] = this.#complex.push(batch.complex[payload]!) - 1;
      else to.payload[at] = payload;
    }
    to.offsets[toOwner + 1] = at;
  }

  #copyEvents(batch: SpanBatch, source: Source, row: number, to: EventTarget, at: number): void {
    const { events } = batch;
    let next = to.offsets[at]!;
    for (let event = events.offsets[row]!; event < events.offsets[row + 1]!; event++, next++) {
      to.timeNs[next] = events.timeNs[event]!;
      to.name[next] = this.#stringId(batch, source, events.name[event]!);
      to.droppedAttributes[next] = events.droppedAttributes[event]!;
      this.#copyAttributes(batch, source, events.attributes, event, to.attributes, next);
    }
    to.offsets[at + 1] = next;
    to.dropped[at] = events.dropped[row]!;
  }

  #copyLinks(batch: SpanBatch, source: Source, row: number, to: LinkTarget, at: number): void {
    const { links } = batch;
    let next = to.offsets[at]!;
    for (let link = links.offsets[row]!; link < links.offsets[row + 1]!; link++, next++) {
      copyId(links.traceIds, link, to.traceIds, next, traceIdBytes);
      copyId(links.spanIds, link, to.spanIds, next, spanIdBytes);
      to.traceState[next] = this.#stringId(batch, source, links.traceState[link]!);
      to.flags[next] = links.flags[link]!;
      to.droppedAttributes[next] = links.droppedAttributes[link]!;
      this.#copyAttributes(batch, source, links.attributes, link, to.attributes, next);
    }
    to.offsets[at + 1] = next;
    to.dropped[at] = links.dropped[row]!;
  }

  #resourceTable(): ResourceTable {
    const owners = this.#resources;
    const attributes = attributeTarget(
      this.#pool(),
      owners.length,
      countRows(owners, (batch) => batch.resources.attributes),
    );
    const schemaUrl = new Uint32Array(owners.length);
    const dropped = new Uint32Array(owners.length);
    for (const [at, { batch, row }] of owners.entries()) {
      const source = this.#source(batch);
      this.#copyAttributes(batch, source, batch.resources.attributes, row, attributes, at);
      schemaUrl[at] = this.#stringId(batch, source, batch.resources.schemaUrl[row]!);
      dropped[at] = batch.resources.dropped[row]!;
    }
    return { count: owners.length, attributes, schemaUrl, dropped };
  }

  #scopeTable(): ScopeTable {
    const owners = this.#scopes;
    const attributes = attributeTarget(
      this.#pool(),
      owners.length,
      countRows(owners, (batch) => batch.scopes.attributes),
    );
    const columns = () => new Uint32Array(owners.length);
    const table = { name: columns(), version: columns(), schemaUrl: columns(), dropped: columns() };
    for (const [at, { batch, row }] of owners.entries()) {
      const source = this.#source(batch);
      this.#copyAttributes(batch, source, batch.scopes.attributes, row, attributes, at);
      table.name[at] = this.#stringId(batch, source, batch.scopes.name[row]!);
      table.version[at] = this.#stringId(batch, source, batch.scopes.version[row]!);
      table.schemaUrl[at] = this.#stringId(batch, source, batch.scopes.schemaUrl[row]!);
      table.dropped[at] = batch.scopes.dropped[row]!;
    }
    return { count: owners.length, attributes, ...table };
  }
}

function intern(keys: Map<string, number>, key: string, list: SpanRef[], value: SpanRef): number {
  let id = keys.get(key);
  if (id === undefined) {
    id = list.push(value) - 1;
    keys.set(key, id);
  }
  return id;
}

function copyId(from: Uint8Array, row: number, to: Uint8Array, at: number, bytes: number): void {
  for (let byte = 0; byte < bytes; byte++) to[at * bytes + byte] = from[row * bytes + byte]!;
}

function countRows(owners: readonly SpanRef[], tableOf: (batch: SpanBatch) => AttributeTable): number {
  let rows = 0;
  for (const { batch, row } of owners) {
    const { offsets } = tableOf(batch);
    rows += offsets[row + 1]! - offsets[row]!;
  }
  return rows;
}
