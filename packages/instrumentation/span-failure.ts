/** How an error becomes part of a span: its type with few values, its message and stack as an exception event. */
import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Longer codes are cut: the type becomes a label and must stay small. */
const ERROR_TYPE_CHARS_MAX = 64;

/**
 * The stable kind of an error: its `code` when it has one (Node's and our own errors do), else its class.
 * Never its message, which has unboundedly many values (semantic conventions, `error.type`).
 */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = 'code' in error ? error.code : undefined;
  const type = typeof code === 'string' && code !== '' ? code : error.constructor.name || error.name;
  return type.slice(0, ERROR_TYPE_CHARS_MAX);
}

/** Records the exception and sets the status to error. Does not end the span. */
export function recordFailure(span: Span, error: unknown, errorType = errorTypeOf(error)): void {
  if (!span.isRecording()) return;
  span.setAttribute('error.type', errorType);
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}
