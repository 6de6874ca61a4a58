/**
 * Starts the spans of this package. It does what the SDK's tracer does (suppression, parent, sampling, processors) and
 * lives beside it: what libraries and applications start through `@opentelemetry/api` is the SDK's, in the same traces.
 * See docs/adr/0062.
 */
import {
  type Context,
  context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { ParentBasedSampler, type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import { LeanSpan, type SpanOrigin } from './lean-span.ts';
import { isSuppressed, spanOf, withSpan } from './linked-context.ts';
import { sharedFormOf } from './shared-attributes.ts';
import { newSpanId, newTraceId } from './span-id.ts';

const SAMPLED: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED };
const NOTHING = trace.wrapSpanContext({
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  traceFlags: TraceFlags.NONE,
});

export class LeanTracer implements Tracer {
  readonly #origin: SpanOrigin;
  readonly #sampler: Sampler;
  readonly #followsParent: boolean;

  constructor(origin: SpanOrigin, sampler: Sampler) {
    this.#origin = origin;
    this.#sampler = sampler;
    this.#followsParent = sampler instanceof ParentBasedSampler;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    const within = options.root === true ? trace.deleteSpan(parentContext) : parentContext;
    if (isSuppressed(within)) return NOTHING;
    const around = spanOf(within);
    const parent = around instanceof LeanSpan ? around.spanContext() : validOnly(around?.spanContext());
    const kind = options.kind ?? SpanKind.INTERNAL;
    const traceId = parent?.traceId ?? newTraceId();
    // A recording parent of ours is local and sampled: samplers that follow the parent have no other answer.
    const sampled =
      this.#followsParent && around instanceof LeanSpan && around.sampled
        ? SAMPLED
        : this.#sampler.shouldSample(within, traceId, name, kind, options.attributes ?? {}, options.links ?? []);
    const traceState = sampled.traceState ?? parent?.traceState;
    const spanContext: SpanContext = {
      traceId,
      spanId: newSpanId(),
      traceFlags: sampled.decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE,
      ...(traceState !== undefined && { traceState }),
    };
    if (sampled.decision === SamplingDecision.NOT_RECORD) return trace.wrapSpanContext(spanContext);
    const { attributes } = options;
    // Others than shared ones may change after the call.
    const initial = attributes === undefined || sharedFormOf(attributes) !== undefined ? attributes : { ...attributes };
    const span = new LeanSpan(this.#origin, spanContext, parent, name, kind, initial, options.startTime);
    if (options.links !== undefined) span.addLinks(options.links);
    if (sampled.attributes !== undefined) span.setAttributes(sampled.attributes);
    for (const processor of this.#origin.processors) processor.onStart(span, within);
    return span;
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: [...unknown[], F]): ReturnType<F> {
    const run = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parentContext = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parentContext);
    return context.with(withSpan(parentContext, span), () => run(span)) as ReturnType<F>;
  }
}

function validOnly(parent: SpanContext | undefined): SpanContext | undefined {
  return parent !== undefined && isSpanContextValid(parent) ? parent : undefined;
}
