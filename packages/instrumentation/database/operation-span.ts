/** One database operation as a client span and its metrics. */
import { type Attributes, context, type Span, SpanKind, type SpanOptions } from '@opentelemetry/api';
import type { HistogramCell } from '../metrics/cell.ts';
import { exemplarSpanOf } from '../metrics/exemplar.ts';
import { errorTypeOf, recordFailure } from '../span-failure.ts';
import { LeanSpan } from '../trace/lean-span.ts';
import { spanOf } from '../trace/linked-context.ts';
import { shareAttributes } from '../trace/shared-attributes.ts';
import { tracer } from '../trace/tracer.ts';
import { operationDuration, responseRows } from './database-instruments.ts';
import type { Statement } from './statement.ts';

export interface DatabaseIdentity {
  readonly system: 'sqlite' | 'postgresql';
  /** Name of the database (`db.namespace`). */
  readonly name: string;
  /** Where it is, for one that is reached by network. */
  readonly serverAddress?: string;
  readonly serverPort?: number;
}

interface StatementTelemetry {
  readonly spanName: string;
  readonly spanOptions: SpanOptions;
  readonly metricAttributes: Attributes;
  readonly duration: HistogramCell;
  readonly rows: HistogramCell;
}

export class DatabaseTelemetry {
  readonly #identity: DatabaseIdentity;
  readonly #statements = new WeakMap<Statement, StatementTelemetry>();

  constructor(identity: DatabaseIdentity) {
    this.#identity = identity;
  }

  /**
   * Runs `execute`; `rowsOf` counts what came back. A span is made only below another: what polls the database in the
   * background is measured by the metric alone and does not fill the store with traces of one span.
   */
  async measure<T>(statement: Statement, execute: () => Promise<T>, rowsOf: (result: T) => number): Promise<T> {
    const telemetry = this.#telemetryOf(statement);
    const span = startSpan(telemetry);
    const startMs = performance.now();
    let result: T;
    try {
      result = await execute();
    } catch (error) {
      this.recordError(statement, span, error, startMs);
      span?.end();
      throw error;
    }
    const rows = rowsOf(result);
    if (span instanceof LeanSpan) {
      // The span's own two looks at the clock serve the metrics as well.
      span.describe({ 'db.response.returned_rows': rows });
      span.end();
      const exemplar = exemplarSpanOf(span);
      telemetry.duration.record(span.elapsedMs / 1000, exemplar, span.endMs);
      if (rows > 0) telemetry.rows.record(rows, exemplar, span.endMs);
      return result;
    }
    span?.setAttribute('db.response.returned_rows', rows);
    span?.end();
    const exemplar = span && exemplarSpanOf(span);
    telemetry.duration.record((performance.now() - startMs) / 1000, exemplar);
    if (rows > 0) telemetry.rows.record(rows, exemplar);
    return result;
  }

  startSpan(statement: Statement): Span | undefined {
    return startSpan(this.#telemetryOf(statement));
  }

  recordError(statement: Statement, span: Span | undefined, error: unknown, startMs: number): void {
    const errorType = errorTypeOf(error);
    if (span !== undefined) recordFailure(span, error, errorType);
    operationDuration
      .bind({ ...this.#telemetryOf(statement).metricAttributes, 'error.type': errorType })
      .record((performance.now() - startMs) / 1000, span && exemplarSpanOf(span));
  }

  recordDuration(statement: Statement, span: Span | undefined, startMs: number): void {
    this.#telemetryOf(statement).duration.record((performance.now() - startMs) / 1000, span && exemplarSpanOf(span));
  }

  #telemetryOf(statement: Statement): StatementTelemetry {
    let telemetry = this.#statements.get(statement);
    if (telemetry === undefined) {
      const { system, name, serverAddress, serverPort } = this.#identity;
      const { operation, collection, summary, text } = statement;
      const metricAttributes = {
        'db.system.name': system,
        'db.namespace': name,
        'db.operation.name': operation,
        ...(collection !== undefined && { 'db.collection.name': collection }),
      };
      telemetry = {
        metricAttributes,
        spanName: summary,
        spanOptions: {
          kind: SpanKind.CLIENT,
          attributes: shareAttributes({
            ...metricAttributes,
            'db.query.summary': summary,
            'db.query.text': text,
            ...(serverAddress !== undefined && { 'server.address': serverAddress }),
            ...(serverPort !== undefined && { 'server.port': serverPort }),
          }),
        },
        duration: operationDuration.bind(metricAttributes),
        rows: responseRows.bind(metricAttributes),
      };
      this.#statements.set(statement, telemetry);
    }
    return telemetry;
  }
}

/** Below another span, or none. */
function startSpan({ spanName, spanOptions }: StatementTelemetry): Span | undefined {
  const active = context.active();
  return spanOf(active) === undefined ? undefined : tracer().startSpan(spanName, spanOptions, active);
}
