// Decodes OTLP requests in JSON: spans and log records here, data points in `json-points.ts`.
import { LogColumns } from '../build/log-columns.ts';
import { MetricColumns } from '../build/metric-columns.ts';
import { InterningPool } from '../build/pool.ts';
import { SpanColumns } from '../build/span-columns.ts';
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import type { MetricBatch } from '../model/metrics.ts';
import { type SpanBatch, SpanKind, StatusCode } from '../model/spans.ts';
import { type JsonNode, parseJson } from './json-node.ts';
import { JsonOriginReader, pushJsonId, readValue } from './json-origin.ts';
import { readJsonMetric } from './json-points.ts';

const severityMax = 24;
const severityNames: { readonly [name: string]: number } = Object.fromEntries(
  [
    'unspecified',
    ...['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((s) => [s, s + '2', s + '3', s + '4']),
  ]
    .entries()
    .map(([number, name]) => [name, number]),
);

/** Decodes an ExportTraceServiceRequest in JSON; throws `DecodeError`. */
export function decodeSpansJson(text: string): SpanBatch {
  const columns = new SpanColumns(new InterningPool());
  const origin = new JsonOriginReader(columns);
  const names = { resources: 'resourceSpans', scopes: 'scopeSpans', records: 'spans' } as const;
  origin.request(parseJson(text), names, (node, resource, scope) => {
    readSpan(node, columns, origin);
    columns.endSpan(resource, scope);
  });
  return columns.take();
}

/** Decodes an ExportLogsServiceRequest in JSON; throws `DecodeError`. */
export function decodeLogsJson(text: string): LogBatch {
  const columns = new LogColumns(new InterningPool());
  const origin = new JsonOriginReader(columns);
  const names = { resources: 'resourceLogs', scopes: 'scopeLogs', records: 'logRecords' } as const;
  origin.request(parseJson(text), names, (node, resource, scope) => {
    readRecord(node, columns, origin);
    columns.endRecord(resource, scope);
  });
  return columns.take();
}

/** Decodes an ExportMetricsServiceRequest in JSON; throws `DecodeError`. */
export function decodeMetricsJson(text: string): MetricBatch {
  const columns = new MetricColumns(new InterningPool());
  const origin = new JsonOriginReader(columns);
  const names = { resources: 'resourceMetrics', scopes: 'scopeMetrics', records: 'metrics' } as const;
  origin.request(parseJson(text), names, (node, resource, scope) =>
    readJsonMetric(node, columns, origin, resource, scope),
  );
  return columns.take();
}

function readSpan(node: JsonNode, columns: SpanColumns<InterningPool>, origin: JsonOriginReader): void {
  const { id } = origin;
  pushJsonId(node, 'traceId', columns.traceIds, traceIdBytes);
  pushJsonId(node, 'spanId', columns.spanIds, spanIdBytes);
  pushJsonId(node, 'parentSpanId', columns.parentSpanIds, spanIdBytes);
  columns.traceState.push(id(node.string('traceState')));
  columns.flags.push(node.int32('flags'));
  columns.name.push(id(node.string('name')));
  const kind = node.enumeration('kind', 'SPAN_KIND_', SpanKind);
  columns.kind.push(kind <= SpanKind.consumer ? kind : 0);
  columns.startNs.pushBigInt(node.int64('startTimeUnixNano'));
  columns.endNs.pushBigInt(node.int64('endTimeUnixNano'));
  const status = node.member('status');
  const code = status?.enumeration('code', 'STATUS_CODE_', StatusCode) ?? 0;
  columns.statusCode.push(code <= StatusCode.error ? code : 0);
  columns.statusMessage.push(id(status?.string('message') ?? ''));
  origin.attributes(node, 'attributes', columns.attributes);
  columns.droppedAttributes.push(node.int32('droppedAttributesCount'));
  const { events, links } = columns;
  node.each('events', (event) => {
    events.timeNs.pushBigInt(event.int64('timeUnixNano'));
    events.name.push(id(event.string('name')));
    origin.attributes(event, 'attributes', events.attributes);
    events.attributes.endOwner();
    events.droppedAttributes.push(event.int32('droppedAttributesCount'));
  });
  events.dropped.push(node.int32('droppedEventsCount'));
  node.each('links', (link) => {
    pushJsonId(link, 'traceId', links.traceIds, traceIdBytes);
    pushJsonId(link, 'spanId', links.spanIds, spanIdBytes);
    links.traceState.push(id(link.string('traceState')));
    links.flags.push(link.int32('flags'));
    origin.attributes(link, 'attributes', links.attributes);
    links.attributes.endOwner();
    links.droppedAttributes.push(link.int32('droppedAttributesCount'));
  });
  links.dropped.push(node.int32('droppedLinksCount'));
}

function readRecord(node: JsonNode, columns: LogColumns<InterningPool>, origin: JsonOriginReader): void {
  columns.timeNs.pushBigInt(node.int64('timeUnixNano'));
  columns.observedNs.pushBigInt(node.int64('observedTimeUnixNano'));
  const severity = node.enumeration('severityNumber', 'SEVERITY_NUMBER_', severityNames);
  columns.severityNumber.push(severity <= severityMax ? severity : 0);
  columns.severityText.push(origin.id(node.string('severityText')));
  columns.body.pushPlain(readValue(node.member('body'), 0), origin.id);
  origin.attributes(node, 'attributes', columns.attributes);
  columns.droppedAttributes.push(node.int32('droppedAttributesCount'));
  pushJsonId(node, 'traceId', columns.traceIds, traceIdBytes);
  pushJsonId(node, 'spanId', columns.spanIds, spanIdBytes);
  columns.flags.push(node.int32('flags'));
  columns.eventName.push(origin.id(node.string('eventName')));
}
