/**
 * Where the records of this package's loggers go once telemetry is set up: past the SDK's logger, which asks each
 * processor and copies and checks each attribute of what is already as it must be (docs/adr/0064). Before that, and where
 * records are not encoded here, they take the SDK's way.
 */
import { type Context, isSpanContextValid } from '@opentelemetry/api';
import type { AnyValue, LogAttributes, SeverityNumber } from '@opentelemetry/api-logs';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { LeanSpan } from '../trace/lean-span.ts';
import { spanOf } from '../trace/linked-context.ts';

export interface LogSink {
  readonly resource: Resource;
  take(record: ReadableLogRecord): void;
}

/** What a logger knows of a line; the attributes are the record's from then on. */
export interface LogLine {
  readonly severityNumber: SeverityNumber;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: LogAttributes;
  readonly context: Context;
}

let current: LogSink | undefined;
/** Encoders know scopes by identity; names of loggers are few. */
const scopes = new Map<string, InstrumentationScope>();

/** Called by the set-up, and with undefined when telemetry is shut down. */
export function setLogSink(sink: LogSink | undefined): void {
  current = sink;
}

/** Whether the line was taken. */
export function recordLine(loggerName: string, line: LogLine): boolean {
  if (current === undefined) return false;
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  const time: [number, number] = [second, (nowMs - second * 1000) * 1e6];
  const span = spanOf(line.context);
  const spanContext = span?.spanContext();
  const known = spanContext !== undefined && (span instanceof LeanSpan || isSpanContextValid(spanContext));
  current.take({
    hrTime: time,
    hrTimeObserved: time,
    ...(known && { spanContext }),
    severityNumber: line.severityNumber,
    severityText: line.severityText,
    body: line.body,
    resource: current.resource,
    instrumentationScope: scopeOf(loggerName),
    attributes: line.attributes,
    droppedAttributesCount: 0,
  });
  return true;
}

function scopeOf(name: string): InstrumentationScope {
  let scope = scopes.get(name);
  if (scope === undefined) scopes.set(name, (scope = { name }));
  return scope;
}
