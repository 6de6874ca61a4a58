/** A trace as Tempo answers it in JSON: protobuf's JSON form, ids in base64, enums by name, empty fields left out. */

import {
  type AttributeTable,
  anyValue,
  attributeKey,
  idIsZero,
  type SpanBatch,
  spanIdBytes,
  traceIdBytes,
} from '@mario/otlp';
import { anyValueToJson, base64, type Json } from './json-value.ts';

const KINDS = [
  undefined,
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = [undefined, 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** The list of ResourceSpans. Spans of one resource and scope must lie together (`groupByOrigin`). */
export function resourceSpansToJson(batch: SpanBatch): Json[] {
  const resources: Json[] = [];
  for (let row = 0; row < batch.count; ) {
    const resource = batch.resource[row]!;
    const scopeSpans: Json[] = [];
    while (row < batch.count && batch.resource[row] === resource) {
      const scope = batch.scope[row]!;
      const spans: Json[] = [];
      while (row < batch.count && batch.resource[row] === resource && batch.scope[row] === scope) {
        spans.push(spanToJson(batch, row++));
      }
      scopeSpans.push(
        present({
          scope: scopeToJson(batch, scope),
          spans,
          schemaUrl: schemaUrl(batch, batch.scopes.schemaUrl[scope]!),
        }),
      );
    }
    const { attributes, dropped } = batch.resources;
    resources.push(
      present({
        resource: present({
          attributes: attributesToJson(attributes, resource),
          droppedAttributesCount: dropped[resource],
        }),
        scopeSpans,
        schemaUrl: schemaUrl(batch, batch.resources.schemaUrl[resource]!),
      }),
    );
  }
  return resources;
}

function scopeToJson(batch: SpanBatch, scope: number): Json {
  const { scopes, strings } = batch;
  return present({
    name: strings[scopes.name[scope]!],
    version: strings[scopes.version[scope]!],
    attributes: attributesToJson(scopes.attributes, scope),
    droppedAttributesCount: scopes.dropped[scope],
  });
}

function spanToJson(batch: SpanBatch, row: number): Json {
  const { strings } = batch;
  const status = present({
    message: strings[batch.statusMessage[row]!],
    code: STATUS_CODES[batch.statusCode[row]!],
  });
  return present({
    traceId: id(batch.traceIds, row, traceIdBytes),
    spanId: id(batch.spanIds, row, spanIdBytes),
    traceState: strings[batch.traceState[row]!],
    parentSpanId: id(batch.parentSpanIds, row, spanIdBytes),
    flags: batch.flags[row],
    name: strings[batch.name[row]!],
    kind: KINDS[batch.kind[row]!],
    startTimeUnixNano: String(batch.startNs[row]),
    endTimeUnixNano: String(batch.endNs[row]),
    attributes: attributesToJson(batch.attributes, row),
    droppedAttributesCount: batch.droppedAttributes[row],
    events: eventsToJson(batch, row),
    droppedEventsCount: batch.events.dropped[row],
    links: linksToJson(batch, row),
    droppedLinksCount: batch.links.dropped[row],
    status,
  });
}

function eventsToJson({ events, strings }: SpanBatch, row: number): Json[] {
  return rowsOf(events.offsets, row).map((event) =>
    present({
      timeUnixNano: String(events.timeNs[event]),
      name: strings[events.name[event]!],
      attributes: attributesToJson(events.attributes, event),
      droppedAttributesCount: events.droppedAttributes[event],
    }),
  );
}

function linksToJson({ links, strings }: SpanBatch, row: number): Json[] {
  return rowsOf(links.offsets, row).map((link) =>
    present({
      traceId: id(links.traceIds, link, traceIdBytes),
      spanId: id(links.spanIds, link, spanIdBytes),
      traceState: strings[links.traceState[link]!],
      attributes: attributesToJson(links.attributes, link),
      droppedAttributesCount: links.droppedAttributes[link],
      flags: links.flags[link],
    }),
  );
}

function attributesToJson(table: AttributeTable, owner: number): Json[] {
  return rowsOf(table.offsets, owner).map((row) => ({
    key: attributeKey(table, row),
    value: anyValueToJson(anyValue(table, row)),
  }));
}

function rowsOf(offsets: Uint32Array, owner: number): number[] {
  const first = offsets[owner]!;
  return Array.from({ length: offsets[owner + 1]! - first }, (_, index) => first + index);
}

function id(ids: Uint8Array, row: number, bytes: number): string | undefined {
  return idIsZero(ids, row, bytes) ? undefined : base64(ids.subarray(row * bytes, (row + 1) * bytes));
}

function schemaUrl(batch: SpanBatch, stringId: number): string | undefined {
  return batch.strings[stringId];
}

/** Leaves out what protobuf's JSON form leaves out: zeros, empty strings and empty lists. Empty messages stay. */
function present(message: Record<string, unknown>): Json {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    if (value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)) continue;
    out[key] = value;
  }
  return out;
}
