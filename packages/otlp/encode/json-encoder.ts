// Encodes batches as OTLP requests in JSON: spans and log records here, metrics in `json-metrics.ts`.
import type { AttributeTable } from '../model/attributes.ts';
import { idIsZero, spanIdBytes, spanIdHex, traceIdBytes, traceIdHex } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import type { TelemetryBatch } from '../model/origin.ts';
import type { SpanBatch } from '../model/spans.ts';
import { type AnyValue, anyValue, ValueType } from '../model/value.ts';
import { type Origins, originRuns } from './origin-writer.ts';

/** A message as protobuf's JSON mapping has it: defaults left out, 64-bit numbers as strings, ids in hexadecimal. */
export interface JsonMessage {
  readonly [name: string]: unknown;
}

/** The ExportTraceServiceRequest as JSON text. */
export function encodeSpansJson(batch: SpanBatch): string {
  const resourceSpans = jsonRequest(batch, batch, { scopes: 'scopeSpans', records: 'spans' }, (i) =>
    jsonSpan(batch, i),
  );
  return JSON.stringify({ resourceSpans });
}

/** The ExportLogsServiceRequest as JSON text. */
export function encodeLogsJson(batch: LogBatch): string {
  const resourceLogs = jsonRequest(batch, batch, { scopes: 'scopeLogs', records: 'logRecords' }, (i) =>
    jsonRecord(batch, i),
  );
  return JSON.stringify({ resourceLogs });
}

/** One span as OTLP/JSON has it. */
export function jsonSpan(batch: SpanBatch, i: number): JsonMessage {
  const { strings, events, links } = batch;
  const eventRows = rows(events.offsets, i);
  const linkRows = rows(links.offsets, i);
  return compact({
    traceId: jsonTraceId(batch.traceIds, i),
    spanId: jsonSpanId(batch.spanIds, i),
    traceState: strings[batch.traceState[i]!],
    parentSpanId: jsonSpanId(batch.parentSpanIds, i),
    flags: batch.flags[i],
    name: strings[batch.name[i]!],
    kind: batch.kind[i],
    startTimeUnixNano: String(batch.startNs[i]!),
    endTimeUnixNano: String(batch.endNs[i]!),
    attributes: jsonAttributes(batch.attributes, i),
    droppedAttributesCount: batch.droppedAttributes[i],
    events: eventRows.map((row) =>
      compact({
        timeUnixNano: String(events.timeNs[row]!),
        name: strings[events.name[row]!],
        attributes: jsonAttributes(events.attributes, row),
        droppedAttributesCount: events.droppedAttributes[row],
      }),
    ),
    droppedEventsCount: events.dropped[i],
    links: linkRows.map((row) =>
      compact({
        traceId: jsonTraceId(links.traceIds, row),
        spanId: jsonSpanId(links.spanIds, row),
        traceState: strings[links.traceState[row]!],
        attributes: jsonAttributes(links.attributes, row),
        droppedAttributesCount: links.droppedAttributes[row],
        flags: links.flags[row],
      }),
    ),
    droppedLinksCount: links.dropped[i],
    status: { ...compact({ message: strings[batch.statusMessage[i]!], code: batch.statusCode[i] }) },
  });
}

function jsonRecord(batch: LogBatch, i: number): JsonMessage {
  const { strings } = batch;
  return compact({
    timeUnixNano: String(batch.timeNs[i]!),
    observedTimeUnixNano: String(batch.observedNs[i]!),
    severityNumber: batch.severityNumber[i],
    severityText: strings[batch.severityText[i]!],
    body: batch.body.types[i] === ValueType.empty ? undefined : jsonValue(anyValue(batch.body, i)),
    attributes: jsonAttributes(batch.attributes, i),
    droppedAttributesCount: batch.droppedAttributes[i],
    flags: batch.flags[i],
    traceId: jsonTraceId(batch.traceIds, i),
    spanId: jsonSpanId(batch.spanIds, i),
    eventName: strings[batch.eventName[i]!],
  });
}

/** The list of resources of a request, each with its scopes and their records. */
export function jsonRequest(
  batch: TelemetryBatch,
  origins: Origins,
  names: { readonly scopes: string; readonly records: string },
  record: (i: number) => JsonMessage,
): JsonMessage[] {
  const { resources, scopes, strings } = batch;
  return originRuns(origins).map((run) => ({
    resource: compact({
      attributes: jsonAttributes(resources.attributes, run.resource),
      droppedAttributesCount: resources.dropped[run.resource],
    }),
    [names.scopes]: run.scopes.map(({ scope, from, to }) => ({
      scope: compact({
        name: strings[scopes.name[scope]!],
        version: strings[scopes.version[scope]!],
        attributes: jsonAttributes(scopes.attributes, scope),
        droppedAttributesCount: scopes.dropped[scope],
      }),
      [names.records]: Array.from({ length: to - from }, (_, k) => record(from + k)),
      ...compact({ schemaUrl: strings[scopes.schemaUrl[scope]!] }),
    })),
    ...compact({ schemaUrl: strings[resources.schemaUrl[run.resource]!] }),
  }));
}

export function jsonAttributes(table: AttributeTable, owner: number): JsonMessage[] {
  return rows(table.offsets, owner).map((row) => ({
    key: table.strings[table.keys[row]!],
    value: jsonValue(anyValue(table, row)),
  }));
}

/** An AnyValue message. */
function jsonValue(value: AnyValue): JsonMessage {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: jsonDouble(value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (value instanceof Map) {
    return { kvlistValue: { values: [...value].map(([key, item]) => ({ key, value: jsonValue(item) })) } };
  }
  return { arrayValue: { values: (value as readonly AnyValue[]).map(jsonValue) } };
}

/** JSON has no number for NaN and the infinities. */
export function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function jsonTraceId(ids: Uint8Array, i: number): string {
  return idIsZero(ids, i, traceIdBytes) ? '' : traceIdHex(ids, i);
}

export function jsonSpanId(ids: Uint8Array, i: number): string {
  return idIsZero(ids, i, spanIdBytes) ? '' : spanIdHex(ids, i);
}

/** Leaves out what protobuf's JSON mapping leaves out: zero, '', '0', false and empty lists. */
export function compact(message: JsonMessage): JsonMessage {
  const kept: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(message)) {
    const absent =
      value === undefined || value === 0 || value === '' || value === '0' || value === false || isEmptyList(value);
    if (!absent) kept[name] = value;
  }
  return kept;
}

export function rows(offsets: Uint32Array, owner: number): number[] {
  const from = offsets[owner]!;
  return Array.from({ length: offsets[owner + 1]! - from }, (_, k) => from + k);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
