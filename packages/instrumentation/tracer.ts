/** The tracer of this package's own spans, looked up once for each set-up and not at every span. */
import { type Tracer, trace } from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from './metrics/instrument-definition.ts';

let current: Tracer | undefined;

export function tracer(): Tracer {
  current ??= trace.getTracer(SCOPE_NAME, SCOPE_VERSION);
  return current;
}

/** After the global provider was set or taken away. */
export function forgetTracer(): void {
  current = undefined;
}
