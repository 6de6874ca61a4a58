// Spans of the payment provider, by the OpenTelemetry API alone: without an SDK in the process they cost nothing. The
// server span goes on from the caller's trace context, so that a payment is one trace over both services.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** The two addresses that the provider has; anything else is one name, whatever was asked for. */
const ROUTES: ReadonlySet<string> = new Set(['/charges', '/refunds']);

/** Runs the answer to a request inside of its server span. */
export async function served(
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => Promise<void>,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const route = ROUTES.has(path) ? path : undefined;
  const caller = propagation.extract(context.active(), request.headers);
  const span = tracer().startSpan(
    route === undefined ? method : `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': method, 'url.path': path, ...(route && { 'http.route': route }) },
    },
    caller,
  );
  try {
    await context.with(trace.setSpan(caller, span), answer);
  } catch (error) {
    span.recordException(error as Error);
    throw error;
  } finally {
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

/** Runs the work inside of a span of its own. */
export async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const span = tracer().startSpan(name);
  try {
    return await work();
  } finally {
    span.end();
  }
}

function tracer() {
  return trace.getTracer('payment-provider');
}
