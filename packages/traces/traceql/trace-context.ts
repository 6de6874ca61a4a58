/** One trace while queries look at it: relations between its spans, its root, and values of spans by field. */

import {
  type AnyValue,
  type AttributeTable,
  anyValue,
  attributeRow,
  attributeString,
  type SpanBatch,
  spanIdHex,
  traceIdHex,
  ValueType,
} from '@mario/otlp';
import type { Trace } from '../store/scan.ts';
import { spanKey } from '../store/trace-id.ts';
import type { Field, Intrinsic, Scope } from './ast.ts';
import { KINDS, Several, STATUSES, type Value } from './value.ts';

/** No parent in the trace: a root, or a span whose parent has not arrived. */
export const NO_PARENT = -1;

export interface NestedSets {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly parent: Int32Array;
}

/** Spans are named by their number in `trace.spans`. Everything beyond the spans is computed when first asked for. */
export class TraceContext {
  readonly trace: Trace;
  #parents: Int32Array | undefined;
  #root: number | undefined;
  #childCounts: Int32Array | undefined;
  #nestedSets: NestedSets | undefined;
  #range: { readonly startNs: bigint; readonly endNs: bigint } | undefined;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  get count(): number {
    return this.trace.spans.length;
  }

  /** The number of each span's parent, or NO_PARENT. */
  get parents(): Int32Array {
    if (this.#parents !== undefined) return this.#parents;
    const { spans } = this.trace;
    const byId = new Map<string, number>();
    for (const [span, { batch, row }] of spans.entries()) byId.set(spanKey(batch.spanIds, row), span);
    this.#parents = Int32Array.from(spans, ({ batch, row }, span) => {
      const parent = byId.get(spanKey(batch.parentSpanIds, row)) ?? NO_PARENT;
      return parent === span ? NO_PARENT : parent;
    });
    return this.#parents;
  }

  /** The first span without a parent id, or -1 when it has not arrived. */
  get root(): number {
    if (this.#root !== undefined) return this.#root;
    this.#root = -1;
    for (const [span, { batch, row }] of this.trace.spans.entries()) {
      if (!isRoot(batch, row)) continue;
      const first = this.#root >= 0 ? this.trace.spans[this.#root]! : undefined;
      if (first === undefined || batch.startNs[row]! < first.batch.startNs[first.row]!) this.#root = span;
    }
    return this.#root;
  }

  get range(): { readonly startNs: bigint; readonly endNs: bigint } {
    if (this.#range !== undefined) return this.#range;
    let [startNs, endNs] = [0n, 0n];
    for (const [span, { batch, row }] of this.trace.spans.entries()) {
      if (span === 0 || batch.startNs[row]! < startNs) startNs = batch.startNs[row]!;
      if (batch.endNs[row]! > endNs) endNs = batch.endNs[row]!;
    }
    this.#range = { startNs, endNs: endNs < startNs ? startNs : endNs };
    return this.#range;
  }

  get rootName(): string | undefined {
    const root = this.trace.spans[this.root];
    return root === undefined ? undefined : root.batch.strings[root.batch.name[root.row]!];
  }

  get rootService(): string | undefined {
    const root = this.trace.spans[this.root];
    return root === undefined ? undefined : serviceName(root.batch, root.row);
  }

  /** Places in a walk of the tree from 1; 0 for spans that hang on no root; the parent of a root is -1. */
  get nestedSets(): NestedSets {
    this.#nestedSets ??= numberNestedSets(this.trace, this.parents);
    return this.#nestedSets;
  }

  childCount(span: number): number {
    if (this.#childCounts === undefined) {
      this.#childCounts = new Int32Array(this.count);
      for (const parent of this.parents) if (parent !== NO_PARENT) this.#childCounts[parent]! += 1;
    }
    return this.#childCounts[span]!;
  }

  value(field: Field, span: number): Value {
    const { batch, row } = this.trace.spans[span]!;
    return field.kind === 'intrinsic'
      ? this.#intrinsic(field.intrinsic, batch, row, span)
      : attributeValue(batch, row, field.scope, field.name);
  }

  #intrinsic(intrinsic: Intrinsic, batch: SpanBatch, row: number, span: number): Value {
    switch (intrinsic) {
      case 'span:duration':
        return durationNs(batch, row);
      case 'span:name':
        return batch.strings[batch.name[row]!]!;
      case 'span:status':
        return STATUSES[batch.statusCode[row]!] ?? STATUSES[0];
      case 'span:statusMessage':
        return batch.strings[batch.statusMessage[row]!]!;
      case 'span:kind':
        return KINDS[batch.kind[row]!] ?? KINDS[0];
      case 'span:id':
        return spanIdHex(batch.spanIds, row);
      case 'span:parentID':
        return isRoot(batch, row) ? '' : spanIdHex(batch.parentSpanIds, row);
      case 'span:childCount':
        return this.childCount(span);
      case 'trace:duration':
        return Number(this.range.endNs - this.range.startNs);
      case 'trace:rootName':
        return this.rootName ?? '';
      case 'trace:rootService':
        return this.rootService ?? '';
      case 'trace:id':
        return traceIdHex(this.trace.id, 0);
      case 'nestedSetLeft':
        return this.nestedSets.left[span]!;
      case 'nestedSetRight':
        return this.nestedSets.right[span]!;
      case 'nestedSetParent':
        return this.nestedSets.parent[span]!;
      default:
        return manyIntrinsic(intrinsic, batch, row);
    }
  }
}

function isRoot(batch: SpanBatch, row: number): boolean {
  for (let at = row * 8; at < row * 8 + 8; at++) if (batch.parentSpanIds[at] !== 0) return false;
  return true;
}

/** A span that ends before it starts (clocks!) lasts 0. */
export function durationNs(batch: SpanBatch, row: number): number {
  const duration = Number(batch.endNs[row]! - batch.startNs[row]!);
  return Math.max(duration, 0);
}

export function serviceName(batch: SpanBatch, row: number): string | undefined {
  return attributeString(batch.resources.attributes, batch.resource[row]!, 'service.name');
}

/** Intrinsics of events, links and scopes. */
function manyIntrinsic(intrinsic: Intrinsic, batch: SpanBatch, row: number): Value {
  const { events, links, scopes, strings } = batch;
  switch (intrinsic) {
    case 'event:name':
      return several(events.offsets, row, (event) => strings[events.name[event]!]!);
    case 'event:timeSinceStart':
      return several(events.offsets, row, (event) => Number(events.timeNs[event]! - batch.startNs[row]!));
    case 'link:traceID':
      return several(links.offsets, row, (link) => traceIdHex(links.traceIds, link));
    case 'link:spanID':
      return several(links.offsets, row, (link) => spanIdHex(links.spanIds, link));
    case 'instrumentation:name':
      return strings[scopes.name[batch.scope[row]!]!]!;
    case 'instrumentation:version':
      return strings[scopes.version[batch.scope[row]!]!]!;
    default:
      return undefined;
  }
}

function several(offsets: Uint32Array, row: number, valueAt: (at: number) => Value): Value {
  const [from, to] = [offsets[row]!, offsets[row + 1]!];
  if (from === to) return undefined;
  if (to - from === 1) return valueAt(from);
  const values: Value[] = [];
  for (let at = from; at < to; at++) {
    const value = valueAt(at);
    if (value !== undefined) values.push(value);
  }
  return values.length === 0 ? undefined : new Several(values, false);
}

function attributeValue(batch: SpanBatch, row: number, scope: Scope, name: string): Value {
  switch (scope) {
    case 'span':
      return fromTable(batch.attributes, row, name);
    case 'resource':
      return fromTable(batch.resources.attributes, batch.resource[row]!, name);
    case 'instrumentation':
      return fromTable(batch.scopes.attributes, batch.scope[row]!, name);
    case 'event':
      return several(batch.events.offsets, row, (event) => fromTable(batch.events.attributes, event, name));
    case 'link':
      return several(batch.links.offsets, row, (link) => fromTable(batch.links.attributes, link, name));
    case 'none':
      return (
        attributeValue(batch, row, 'span', name) ??
        attributeValue(batch, row, 'resource', name) ??
        attributeValue(batch, row, 'event', name) ??
        attributeValue(batch, row, 'link', name) ??
        attributeValue(batch, row, 'instrumentation', name)
      );
  }
}

function fromTable(table: AttributeTable, owner: number, name: string): Value {
  const row = attributeRow(table, owner, name);
  if (row < 0) return undefined;
  const payload = table.payload[row]!;
  switch (table.types[row]) {
    case ValueType.string:
      return table.strings[payload]!;
    case ValueType.int:
    case ValueType.double:
      return payload;
    case ValueType.bool:
      return payload !== 0;
    case ValueType.empty:
      return undefined;
    default:
      return plainValue(anyValue(table, row));
  }
}

/** Arrays are matched by their elements; bytes and maps take part in no comparison, but are there. */
function plainValue(value: AnyValue): Value {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null) return undefined;
  if (!Array.isArray(value)) return new Several([], true);
  return new Several((value as readonly AnyValue[]).map(plainValue), true);
}

function numberNestedSets(trace: Trace, parents: Int32Array): NestedSets {
  const count = parents.length;
  const sets = { left: new Int32Array(count), right: new Int32Array(count), parent: new Int32Array(count) };
  const children: number[][] = Array.from({ length: count }, () => []);
  const roots: number[] = [];
  for (let span = 0; span < count; span++) {
    const { batch, row } = trace.spans[span]!;
    if (parents[span] !== NO_PARENT) children[parents[span]!]!.push(span);
    else if (isRoot(batch, row)) roots.push(span);
  }
  let next = 1;
  for (const root of roots) {
    sets.parent[root] = -1;
    // A stack of spans and of how many of their children were entered, because a trace may be deeper than our stack.
    const stack = [{ span: root, entered: 0 }];
    sets.left[root] = next++;
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const child = children[top.span]![top.entered++];
      if (child === undefined) {
        sets.right[top.span] = next++;
        stack.pop();
      } else if (sets.left[child] === 0) {
        sets.left[child] = next++;
        sets.parent[child] = sets.left[top.span]!;
        stack.push({ span: child, entered: 0 });
      }
    }
  }
  return sets;
}
