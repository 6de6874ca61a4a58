/**
 * A trace as the waterfall draws it: spans in the order of their tree, with depth, offsets and what belongs to each.
 * Read from what Tempo answers on `/api/traces/{id}` and `/api/v2/traces/{id}` (OTLP JSON, ids in hex or base64).
 */

export type AttributeValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>> | null;

export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

export interface SpanEvent {
  readonly name: string;
  /** From the start of the trace. */
  readonly offsetNs: number;
  readonly attributes: readonly Attribute[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly Attribute[];
}

export interface TraceSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  /** `server`, `client`, `internal`, `producer`, `consumer` or `unspecified`. */
  readonly kind: string;
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string;
  /** From the start of the trace. */
  readonly offsetNs: number;
  readonly durationNs: number;
  /** 0 for roots. */
  readonly depth: number;
  /** Spans below it in the tree, at any depth; they follow it directly. */
  readonly descendants: number;
  readonly attributes: readonly Attribute[];
  readonly resource: readonly Attribute[];
  readonly scope: string;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

export interface Trace {
  readonly traceId: string;
  readonly startMs: number;
  readonly durationNs: number;
  /** In the order of the tree: a parent before its children, siblings by start. */
  readonly spans: readonly TraceSpan[];
  /** In the order of first appearance. */
  readonly services: readonly string[];
  readonly errors: number;
}

interface OtlpAnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly OtlpAnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly OtlpKeyValue[] };
}

interface OtlpKeyValue {
  readonly key: string;
  readonly value?: OtlpAnyValue;
}

interface OtlpSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: string | number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly OtlpKeyValue[];
  readonly events?: readonly { name?: string; timeUnixNano?: string; attributes?: readonly OtlpKeyValue[] }[];
  readonly links?: readonly { traceId?: string; spanId?: string; attributes?: readonly OtlpKeyValue[] }[];
  readonly status?: { readonly code?: string | number; readonly message?: string };
}

interface OtlpResourceSpans {
  readonly resource?: { readonly attributes?: readonly OtlpKeyValue[] };
  readonly scopeSpans?: readonly { scope?: { name?: string; version?: string }; spans?: readonly OtlpSpan[] }[];
}

/** Tempo's answer in any of its shapes; undefined when it holds no span. */
export function readTrace(answer: unknown): Trace | undefined {
  const flat = flatten(resourceSpansOf(answer));
  if (flat.length === 0) return undefined;
  const [startNs, endNs] = extent(flat);
  const spans = inTreeOrder(flat).map(({ flat: span, depth, descendants }) =>
    finish(span, depth, descendants, startNs),
  );
  return {
    traceId: hexId(flat[0]!.span.traceId),
    startMs: Number(startNs / 1000n) / 1000,
    durationNs: Number(endNs - startNs),
    spans,
    services: [...new Set(spans.map(({ service }) => service))],
    errors: spans.filter(({ status }) => status === 'error').length,
  };
}

function extent(flat: readonly FlatSpan[]): readonly [startNs: bigint, endNs: bigint] {
  let { startNs, endNs } = flat[0]!;
  for (const span of flat) {
    if (span.startNs < startNs) startNs = span.startNs;
    if (span.endNs > endNs) endNs = span.endNs;
  }
  return [startNs, endNs];
}

interface FlatSpan {
  readonly span: OtlpSpan;
  readonly id: string;
  readonly parentId: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly resource: readonly Attribute[];
  readonly scope: string;
}

function resourceSpansOf(answer: unknown): readonly OtlpResourceSpans[] {
  const body = answer as { batches?: unknown; resourceSpans?: unknown; trace?: unknown } | null;
  const inner = (body?.trace ?? body) as { batches?: OtlpResourceSpans[]; resourceSpans?: OtlpResourceSpans[] } | null;
  return inner?.resourceSpans ?? inner?.batches ?? [];
}

function flatten(groups: readonly OtlpResourceSpans[]): FlatSpan[] {
  const flat: FlatSpan[] = [];
  const seen = new Set<string>();
  for (const group of groups) {
    const resource = readAttributes(group.resource?.attributes);
    for (const { scope, spans } of group.scopeSpans ?? []) {
      const scopeName = [scope?.name, scope?.version].filter(Boolean).join(' ');
      for (const span of spans ?? []) {
        const id = hexId(span.spanId);
        if (seen.has(id)) continue;
        seen.add(id);
        const startNs = BigInt(span.startTimeUnixNano ?? 0);
        const endNs = BigInt(span.endTimeUnixNano ?? span.startTimeUnixNano ?? 0);
        flat.push({
          span,
          id,
          parentId: hexId(span.parentSpanId),
          startNs,
          endNs: endNs < startNs ? startNs : endNs,
          resource,
          scope: scopeName,
        });
      }
    }
  }
  return flat;
}

interface PlacedSpan {
  readonly flat: FlatSpan;
  readonly depth: number;
  descendants: number;
}

/** Depth first. A span whose parent is not here is a root; one that is its own ancestor (malformed) is one too. */
function inTreeOrder(flat: readonly FlatSpan[]): PlacedSpan[] {
  const byId = new Map(flat.map((span) => [span.id, span]));
  const children = new Map<string, FlatSpan[]>();
  const roots: FlatSpan[] = [];
  for (const span of flat.toSorted((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0))) {
    if (!byId.has(span.parentId) || span.parentId === span.id) roots.push(span);
    else children.set(span.parentId, [...(children.get(span.parentId) ?? []), span]);
  }
  const placed: PlacedSpan[] = [];
  const done = new Set<string>();
  const place = (root: FlatSpan) => {
    const stack: { span: FlatSpan; depth: number; ancestors: readonly PlacedSpan[] }[] = [
      { span: root, depth: 0, ancestors: [] },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { span, depth, ancestors } = next;
      if (done.has(span.id)) continue;
      done.add(span.id);
      const entry: PlacedSpan = { flat: span, depth, descendants: 0 };
      placed.push(entry);
      for (const ancestor of ancestors) ancestor.descendants++;
      const below = [...ancestors, entry];
      for (const child of (children.get(span.id) ?? []).toReversed()) {
        stack.push({ span: child, depth: depth + 1, ancestors: below });
      }
    }
  };
  roots.forEach(place);
  for (const span of flat) if (!done.has(span.id)) place(span);
  return placed;
}

function finish(
  { span, id, parentId, startNs, endNs, resource, scope }: FlatSpan,
  depth: number,
  descendants: number,
  traceStartNs: bigint,
): TraceSpan {
  const service = resource.find(({ key }) => key === 'service.name')?.value;
  return {
    spanId: id,
    parentSpanId: parentId,
    name: span.name ?? '',
    service: typeof service === 'string' ? service : 'unknown',
    kind: readKind(span.kind),
    status: readStatus(span.status?.code),
    statusMessage: span.status?.message ?? '',
    offsetNs: Number(startNs - traceStartNs),
    durationNs: Number(endNs - startNs),
    depth,
    descendants,
    attributes: readAttributes(span.attributes),
    resource,
    scope,
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      offsetNs: Number(BigInt(event.timeUnixNano ?? 0) - traceStartNs),
      attributes: readAttributes(event.attributes),
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: hexId(link.traceId),
      spanId: hexId(link.spanId),
      attributes: readAttributes(link.attributes),
    })),
  };
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

function readKind(kind: string | number | undefined): string {
  if (typeof kind === 'number') return KINDS[kind] ?? 'unspecified';
  return kind?.replace('SPAN_KIND_', '').toLowerCase() ?? 'unspecified';
}

function readStatus(code: string | number | undefined): TraceSpan['status'] {
  if (code === 2 || code === 'STATUS_CODE_ERROR') return 'error';
  return code === 1 || code === 'STATUS_CODE_OK' ? 'ok' : 'unset';
}

function readAttributes(list: readonly OtlpKeyValue[] | undefined): readonly Attribute[] {
  return (list ?? []).map(({ key, value }) => ({ key, value: readValue(value) }));
}

function readValue(value: OtlpAnyValue | undefined): AttributeValue {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.boolValue !== undefined) return value.boolValue;
  if (value?.intValue !== undefined) return readInteger(value.intValue);
  if (value?.doubleValue !== undefined) return Number(value.doubleValue);
  if (value?.bytesValue !== undefined) return value.bytesValue;
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(readValue);
  if (value?.kvlistValue !== undefined) {
    return Object.fromEntries((value.kvlistValue.values ?? []).map(({ key, value: inner }) => [key, readValue(inner)]));
  }
  return null;
}

/** 64-bit integers come as text; beyond 2^53 they stay text, because a rounded id is a wrong id. */
function readInteger(value: string | number): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** An id in lower-case hex, from hex or from the base64 that Tempo's JSON carries; empty when absent or zero. */
function hexId(id: string | undefined): string {
  if (id === undefined || id === '') return '';
  const hex = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i.test(id)
    ? id.toLowerCase()
    : Array.from(atob(id), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return /^0*$/.test(hex) ? '' : hex;
}
