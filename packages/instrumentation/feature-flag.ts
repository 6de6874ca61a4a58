/** Feature flags on spans: which flag decided what happened here, in the words of the semantic conventions. */
import { type Attributes, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { tracer } from './trace/tracer.ts';

/**
 * Puts an evaluation (`feature_flag.evaluation` and its `feature_flag.*` attributes) on the active span. Where nothing is
 * traced (health checks, background work) it gets a short span of its own: a flag that acts must be found by a trace.
 */
export function recordFlagEvaluation(name: string, attributes: Attributes): void {
  const active = trace.getActiveSpan();
  if (active?.isRecording() === true) {
    active.addEvent(name, attributes);
    return;
  }
  const span = tracer().startSpan(name, {}, ROOT_CONTEXT);
  span.addEvent(name, attributes);
  span.end();
}
