// OTLP in JSON (opentelemetry-proto, "JSON Protobuf Encoding"): ids in hexadecimal, 64-bit integers as strings.

import type { PageSettings } from './page-settings.ts';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Of `opentelemetry.proto.trace.v1.Span.SpanKind`. */
export const SPAN_KIND = { internal: 1, client: 3 } as const;
const STATUS_ERROR = 2;
/** Of `opentelemetry.proto.logs.v1.SeverityNumber`. */
export const SEVERITY = { info: 9, error: 17 } as const;

/** A span as it is sent; times are milliseconds since 1970, with a fraction. */
export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly timeMs: number }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed?: boolean;
}

export interface LogRecord {
  readonly timeMs: number;
  readonly severity: keyof typeof SEVERITY;
  readonly eventName: string;
  readonly body: string | Attributes;
  readonly attributes: Attributes;
  readonly traceId: string;
  readonly spanId: string;
}

export function spanJson(span: FinishedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(Math.max(span.startMs, span.endMs)),
    attributes: keyValues(span.attributes),
    ...(span.events && {
      events: span.events.map(({ name, timeMs }) => ({ name, timeUnixNano: nanoseconds(timeMs) })),
    }),
    ...(span.links && { links: span.links }),
    ...(span.failed && { status: { code: STATUS_ERROR } }),
  };
}

/** `event.name` repeats the event's name as an attribute for stores that do not keep the newer field. */
export function logJson(record: LogRecord): object {
  return {
    timeUnixNano: nanoseconds(record.timeMs),
    severityNumber: SEVERITY[record.severity],
    severityText: record.severity.toUpperCase(),
    eventName: record.eventName,
    body: typeof record.body === 'string' ? anyValue(record.body) : { kvlistValue: { values: keyValues(record.body) } },
    attributes: keyValues({ 'event.name': record.eventName, ...record.attributes }),
    traceId: record.traceId,
    spanId: record.spanId,
  };
}

const SCOPE = { name: '@mario/instrumentation/web', version: '0.1.0' };

export function tracesBody(resource: object, spans: readonly object[]): string {
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: SCOPE, spans }] }] });
}

export function logsBody(resource: object, logRecords: readonly object[]): string {
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: SCOPE, logRecords }] }] });
}

/** What is told of the browser is what every request tells anyway; nothing here differs from tab to tab. */
export function resourceJson(settings: PageSettings, navigator: Pick<Navigator, 'userAgent' | 'language'>): object {
  return {
    attributes: keyValues({
      'service.name': settings.serviceName,
      'service.version': settings.serviceVersion || undefined,
      'telemetry.sdk.name': 'mario',
      'telemetry.sdk.language': 'webjs',
      'user_agent.original': navigator.userAgent,
      'browser.language': navigator.language,
    }),
  };
}

function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: AttributeValue): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Microseconds are a safe integer until the year 2255; nanoseconds are not. */
function nanoseconds(timeMs: number): string {
  return `${Math.round(timeMs * 1000)}000`;
}
