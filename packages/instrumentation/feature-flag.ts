/** Feature flags on spans: which flag decided what happened here, in the words of the semantic conventions. */
import { type Attributes, trace } from '@opentelemetry/api';

/** Puts an evaluation (`feature_flag.evaluation` and its `feature_flag.*` attributes) on the active span, if there is one. */
export function recordFlagEvaluation(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes);
}
