/**
 * Records into requests. For protobuf each record is encoded when it comes and then let go: a batch is bytes from the
 * beginning, and no span object outlives its end. JSON, which is for people, gathers records for the official
 * serialiser.
 */
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { Wire } from './wire.ts';
import { writeAttributes } from './wire-values.ts';

export interface BatchEncoder<T> {
  /** Records since the last `take`. */
  readonly size: number;
  add(record: T): void;
  /** The request with all records; undefined when there are none. The bytes are the caller's until `reuse`. */
  take(): Uint8Array | undefined;
  /** Takes back the bytes of a request that has left and that nobody reads any more. Never calling it is allowed. */
  reuse(request: Uint8Array): void;
}

/** What the encoders need of a record whatever its signal. */
export interface ScopedRecord {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

export type WriteRecord<T> = (wire: Wire, record: T) => void;

/** A few hundred bytes a record and some hundred records a batch. */
const SCOPE_BYTES_INITIAL = 64 * 1024;
/** One request on its way, one that follows it. More wait only while the collector does not answer, and not as they are. */
const SPARES_MAX = 2;
/** What is larger came once and is let go. */
const SPARE_BYTES_MAX = 1024 * 1024;

/** The shape `{resource_x: 1 { resource: 1, scope_x: 2 { scope: 1, records: 2 } } }`, which traces and logs share. */
export class ProtobufBatchEncoder<T extends ScopedRecord> implements BatchEncoder<T> {
  readonly #write: WriteRecord<T>;
  /** Records by scope, with the scope's own fields in front. Scopes are as many as instrumented libraries. */
  readonly #scopes = new Map<InstrumentationScope, { readonly wire: Wire; readonly headBytes: number }>();
  /**
   * Memory of requests that have left. A fresh array for each would be memory outside of V8's heap that only a full
   * collection gives back: those came every second, and cost an order more than all its spans (docs/adr/0064).
   */
  readonly #spares: Uint8Array[] = [];
  #resource: Resource | undefined;
  #size = 0;

  constructor(write: WriteRecord<T>) {
    this.#write = write;
  }

  get size(): number {
    return this.#size;
  }

  add(record: T): void {
    this.#resource ??= record.resource;
    this.#write(this.#wireOf(record.instrumentationScope), record);
    this.#size += 1;
  }

  take(): Uint8Array | undefined {
    const resource = this.#resource;
    if (resource === undefined || this.#size === 0) return undefined;
    const scopes = [...this.#scopes.values()].filter(({ wire, headBytes }) => wire.at > headBytes);
    const request = new Wire(this.#spares.pop() ?? 1024 + scopes.reduce((bytes, { wire }) => bytes + wire.at + 16, 0));
    const resourceStart = request.open(1);
    const attributesStart = request.open(1);
    writeAttributes(request, 1, resource.attributes);
    request.close(attributesStart);
    for (const { wire, headBytes } of scopes) {
      const scopeStart = request.open(2);
      request.append(wire.bytes.subarray(0, wire.at));
      request.close(scopeStart);
      wire.at = headBytes;
    }
    request.close(resourceStart);
    this.#size = 0;
    return request.bytes.subarray(0, request.at);
  }

  reuse(request: Uint8Array): void {
    if (this.#spares.length >= SPARES_MAX || request.buffer.byteLength > SPARE_BYTES_MAX) return;
    this.#spares.push(new Uint8Array(request.buffer));
  }

  #wireOf(scope: InstrumentationScope): Wire {
    let entry = this.#scopes.get(scope);
    if (entry === undefined) {
      const wire = new Wire(SCOPE_BYTES_INITIAL);
      const start = wire.open(1);
      wire.string(1, scope.name);
      if (scope.version !== undefined) wire.string(2, scope.version);
      wire.close(start);
      entry = { wire, headBytes: wire.at };
      this.#scopes.set(scope, entry);
    }
    return entry.wire;
  }
}

export class SerializerBatchEncoder<T> implements BatchEncoder<T> {
  readonly #serialize: (records: T[]) => Uint8Array | undefined;
  #records: T[] = [];

  constructor(serialize: (records: T[]) => Uint8Array | undefined) {
    this.#serialize = serialize;
  }

  get size(): number {
    return this.#records.length;
  }

  add(record: T): void {
    this.#records.push(record);
  }

  take(): Uint8Array | undefined {
    const records = this.#records;
    this.#records = [];
    return records.length === 0 ? undefined : this.#serialize(records);
  }

  reuse(): void {}
}
