/**
 * Commands, queries and events as telemetry: one span and the cqrs_* metrics around the function that does the work.
 * The mediator's pipeline calls this once for all, so a new command is measured without a line of its own.
 */
import { type Attributes, context, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { HistogramCell, SumCell } from './metrics/cell.ts';
import { exemplarSpanOf } from './metrics/exemplar.ts';
import type { InstrumentDefinition } from './metrics/instrument-definition.ts';
import { instruments } from './metrics/registry.ts';
import { errorTypeOf, recordFailure } from './span-failure.ts';
import { LeanSpan } from './trace/lean-span.ts';
import { withSpan } from './trace/linked-context.ts';
import { shareAttributes } from './trace/shared-attributes.ts';
import { tracer } from './trace/tracer.ts';

export type OperationKind = 'command' | 'query' | 'event';

export interface Operation {
  readonly operation: OperationKind;
  /** Class of the message: `PlaceOrderCommand`. Bounded by the code, never by input. */
  readonly type: string;
  /** What caused this when it is not the active span: the request whose event an outbox handles later. */
  readonly links?: readonly Link[];
  /** More attributes for the span alone. */
  readonly attributes?: Attributes;
  /**
   * Takes the counting instead of it being done at the end: for work whose outcome is not yet decided then, because it
   * shares a transaction with other work. The span tells of every attempt; what is never called is never counted.
   */
  readonly tally?: (count: () => void) => void;
}

const operationAttributes = {
  operation: 'command, query, event',
  type: 'Class of the message, as PlaceOrderCommand',
};

export const operationDefinitions = {
  executions: {
    name: 'cqrs.executions',
    kind: 'counter',
    unit: '{execution}',
    meaning: 'Commands, queries and events that were handled, whatever came of it',
    attributes: operationAttributes,
  },
  duration: {
    name: 'cqrs.execution.duration',
    kind: 'histogram',
    unit: 'ms',
    meaning: 'Time that handling took, its pipeline included',
    attributes: operationAttributes,
    boundaries: [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000],
  },
  success: {
    name: 'cqrs.executions.success',
    kind: 'counter',
    unit: '{execution}',
    meaning: 'Commands, queries and events that were handled without an error',
    attributes: operationAttributes,
  },
  failure: {
    name: 'cqrs.executions.failure',
    kind: 'counter',
    unit: '{execution}',
    meaning: 'Commands, queries and events that ended in an error',
    attributes: { ...operationAttributes, error_type: 'Code or class of the error' },
    conditional: 'when a command, query or event fails',
  },
  validationFailures: {
    name: 'cqrs.validation.failures',
    kind: 'counter',
    unit: '{failure}',
    meaning: 'Business rules that refused a command or query',
    attributes: { rule: 'Name of the rule, as order-not-empty', type: 'Class of the message' },
    conditional: 'when a rule refuses a message',
  },
} as const satisfies Record<string, InstrumentDefinition>;

const executions = instruments.counter(operationDefinitions.executions);
const durations = instruments.histogram(operationDefinitions.duration);
const successes = instruments.counter(operationDefinitions.success);
const failures = instruments.counter(operationDefinitions.failure);
const validationFailures = instruments.counter(operationDefinitions.validationFailures);

interface OperationCells {
  readonly executions: SumCell;
  readonly duration: HistogramCell;
  readonly successes: SumCell;
  readonly spanAttributes: Attributes;
}

/** One entry for every message class of the program. */
const cellsByType: Readonly<Record<OperationKind, Map<string, OperationCells>>> = {
  command: new Map(),
  query: new Map(),
  event: new Map(),
};

/** Runs `fn` inside a span named after the message and counts it; what `fn` throws is recorded and thrown on. */
export async function instrumentOperation<T>(operation: Operation, fn: (span: Span) => Promise<T> | T): Promise<T> {
  const cells = cellsOf(operation);
  const span = tracer().startSpan(operation.type, {
    kind: operation.operation === 'event' ? SpanKind.CONSUMER : SpanKind.INTERNAL,
    attributes: operation.attributes ? { ...cells.spanAttributes, ...operation.attributes } : cells.spanAttributes,
    ...(operation.links && { links: [...operation.links] }),
  });
  const startMs = span instanceof LeanSpan ? 0 : performance.now();
  let errorType: string | undefined;
  try {
    return await context.with(withSpan(context.active(), span), fn, undefined, span);
  } catch (error) {
    errorType = errorTypeOf(error);
    recordFailure(span, error, errorType);
    throw error;
  } finally {
    span.end();
    const durationMs = span instanceof LeanSpan ? span.elapsedMs : performance.now() - startMs;
    if (operation.tally === undefined) count(operation, cells, span, durationMs, errorType);
    else operation.tally(() => count(operation, cells, span, durationMs, errorType));
  }
}

function count(
  operation: Operation,
  cells: OperationCells,
  span: Span,
  durationMs: number,
  errorType: string | undefined,
): void {
  const exemplar = exemplarSpanOf(span);
  const nowMs = span instanceof LeanSpan ? span.endMs : Date.now();
  if (errorType === undefined) {
    cells.successes.add(1, exemplar, nowMs);
  } else {
    const { operation: kind, type } = operation;
    failures.bind({ operation: kind, type, error_type: errorType }).add(1, exemplar, nowMs);
  }
  cells.executions.add(1, exemplar, nowMs);
  cells.duration.record(durationMs, exemplar, nowMs);
}

/** Counts a business rule that refused a message, and notes it on the active span. */
export function recordValidationFailure(rule: string, type: string): void {
  validationFailures.add(1, { rule, type });
  trace.getActiveSpan()?.addEvent('validation.failed', { 'validation.rule': rule });
}

/** Notes on the active span that a domain event came about; attributes must not say who the customer is. */
export function recordDomainEvent(name: string, attributes?: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes);
}

/** Marks the active span as the result of an outcome that is no exception: a refused command returned as a value. */
export function recordOutcome(errorType: string, message: string): void {
  const span = trace.getActiveSpan();
  span?.setAttribute('error.type', errorType);
  span?.setStatus({ code: SpanStatusCode.ERROR, message });
}

function cellsOf({ operation, type }: Operation): OperationCells {
  const byType = cellsByType[operation];
  let cells = byType.get(type);
  if (cells === undefined) {
    const attributes = { operation, type };
    cells = {
      executions: executions.bind(attributes),
      duration: durations.bind(attributes),
      successes: successes.bind(attributes),
      spanAttributes: shareAttributes({ 'cqrs.operation': operation, 'cqrs.type': type }),
    };
    byType.set(type, cells);
  }
  return cells;
}
