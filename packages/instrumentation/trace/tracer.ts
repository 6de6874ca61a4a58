/** The tracer of this package's own spans: a lean one once telemetry is set up, the API's empty one before. */
import { type Tracer, trace } from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from '../metrics/instrument-definition.ts';

let current: Tracer | undefined;

export function tracer(): Tracer {
  current ??= trace.getTracer(SCOPE_NAME, SCOPE_VERSION);
  return current;
}

/** Called by the set-up, and with undefined when telemetry is shut down. */
export function setTracer(tracer: Tracer | undefined): void {
  current = tracer;
}
