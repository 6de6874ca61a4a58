/**
 * A recording span as OpenTelemetry's API and the SDK's processors know it, made for the hot path: attributes that are
 * known beforehand are shared and not copied, times are numbers, nothing is allocated for what a span does not have.
 * The specification's limits apply to what is added afterwards.
 */
import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api';
import { type InstrumentationScope, isAttributeValue } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';
import type { SpanLimitEnvironment } from '../environment.ts';
import { spanTimeMs } from './span-clock.ts';

/** What all spans of a tracer have in common. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly limits: SpanLimitEnvironment;
  readonly processors: readonly SpanProcessor[];
}

const NO_LINKS: Link[] = [];
const NO_EVENTS: TimedEvent[] = [];
const NO_ATTRIBUTES: Attributes = Object.freeze({});
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };

export class LeanSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startMs: number;
  endMs = 0;
  /** How long it took by the monotonic clock, known once it has ended: whoever measures the same need not ask again. */
  elapsedMs = 0;
  ended = false;
  status: SpanStatus = UNSET;
  links: Link[] = NO_LINKS;
  events: TimedEvent[] = NO_EVENTS;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** Known when the span began; frozen when it is shared by many spans. */
  readonly initialAttributes: Attributes;
  /** Added since; may replace an initial one. */
  addedAttributes: Attributes = NO_ATTRIBUTES;
  readonly #context: SpanContext;
  readonly #origin: SpanOrigin;
  readonly #startedMs: number;
  #addedCount = 0;

  constructor(
    origin: SpanOrigin,
    spanContext: SpanContext,
    parent: SpanContext | undefined,
    name: string,
    kind: SpanKind,
    attributes: Attributes | undefined,
    startTime: TimeInput | undefined,
  ) {
    this.#origin = origin;
    this.#context = spanContext;
    if (parent !== undefined) this.parentSpanContext = parent;
    this.name = name;
    this.kind = kind;
    this.initialAttributes = attributes ?? NO_ATTRIBUTES;
    this.#startedMs = performance.now();
    this.startMs = startTime === undefined ? spanTimeMs(this.#startedMs) : millisecondsOf(startTime);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  get sampled(): boolean {
    return (this.#context.traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.ended || value === undefined || value === null || key === '' || !isAttributeValue(value)) return this;
    if (this.#addedCount === 0) this.addedAttributes = {};
    if (!(key in this.addedAttributes)) {
      if (this.#addedCount >= this.#origin.limits.attributeCountLimit) {
        this.droppedAttributesCount += 1;
        return this;
      }
      this.#addedCount += 1;
    }
    this.addedAttributes[key] = cut(value, this.#origin.limits.attributeValueLengthLimit);
    return this;
  }

  /**
   * Attributes of this package's own making, which are valid by construction: where no limit is set they are taken as
   * they are. The object is the span's from then on; undefined values are none.
   */
  describe(attributes: Attributes): void {
    const { attributeCountLimit, attributeValueLengthLimit } = this.#origin.limits;
    const count = Object.keys(attributes).length;
    const fits = attributeValueLengthLimit === Number.POSITIVE_INFINITY && count <= attributeCountLimit;
    if (this.ended || this.#addedCount > 0 || !fits) {
      this.setAttributes(attributes);
      return;
    }
    this.addedAttributes = attributes;
    this.#addedCount = count;
  }

  setAttributes(attributes: Attributes): this {
    for (const key of Object.keys(attributes)) this.setAttribute(key, attributes[key]!);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this;
    const isTime = isTimeInput(attributesOrTime);
    const at = isTime ? attributesOrTime : time;
    const { limits } = this.#origin;
    if (this.events === NO_EVENTS) this.events = [];
    // The latest events tell how it ended: the oldest goes.
    if (this.events.length >= limits.eventCountLimit) {
      this.events.shift();
      this.droppedEventsCount += 1;
    }
    this.events.push({
      name,
      time: hrTimeOf(at === undefined ? spanTimeMs() : millisecondsOf(at)),
      ...(!isTime && attributesOrTime && limited(attributesOrTime, limits.attributePerEventCountLimit)),
    });
    return this;
  }

  addLink(link: Link): this {
    if (this.ended) return this;
    const { limits } = this.#origin;
    if (this.links === NO_LINKS) this.links = [];
    if (this.links.length >= limits.linkCountLimit) {
      this.links.shift();
      this.droppedLinksCount += 1;
    }
    const own = link.attributes && limited(link.attributes, limits.attributePerLinkCountLimit);
    this.links.push({ context: link.context, ...own });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** `Ok` is final, and `Unset` changes nothing (specification, "Set status"). */
  setStatus(status: SpanStatus): this {
    if (this.ended || status.code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    const withMessage = status.code === SpanStatusCode.ERROR && typeof status.message === 'string';
    this.status = withMessage ? { code: status.code, message: status.message! } : { code: status.code };
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes: Attributes = {};
    if (typeof exception === 'string') {
      attributes['exception.message'] = exception;
    } else {
      const type = exception.code?.toString() ?? exception.name;
      if (type !== undefined) attributes['exception.type'] = type;
      if (exception.message) attributes['exception.message'] = exception.message;
      if (exception.stack) attributes['exception.stacktrace'] = exception.stack;
    }
    this.addEvent('exception', attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return;
    const nowMs = performance.now();
    this.elapsedMs = nowMs - this.#startedMs;
    const endMs = endTime === undefined ? spanTimeMs(nowMs) : millisecondsOf(endTime);
    this.endMs = Math.max(endMs, this.startMs);
    const { processors } = this.#origin;
    for (const processor of processors) processor.onEnding?.(this);
    this.ended = true;
    for (const processor of processors) processor.onEnd(this);
  }

  get attributes(): Attributes {
    const attributes = { ...this.initialAttributes };
    for (const [key, value] of Object.entries(this.addedAttributes)) if (value !== undefined) attributes[key] = value;
    return attributes;
  }

  get startTime(): HrTime {
    return hrTimeOf(this.startMs);
  }

  get endTime(): HrTime {
    return hrTimeOf(this.endMs);
  }

  get duration(): HrTime {
    return this.ended ? hrTimeOf(this.endMs - this.startMs) : [-1, -1];
  }

  get resource(): Resource {
    return this.#origin.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#origin.scope;
  }
}

function hrTimeOf(timeMs: number): HrTime {
  const seconds = Math.floor(timeMs / 1000);
  return [seconds, Math.floor((timeMs - seconds * 1000) * 1e6)];
}

/** A number that `performance.now()` has passed is one of its own, as the API allows. */
function millisecondsOf(time: TimeInput): number {
  if (typeof time === 'number') return time <= performance.now() ? performance.timeOrigin + time : time;
  return time instanceof Date ? time.getTime() : time[0] * 1000 + time[1] / 1e6;
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value);
}

function cut(value: AttributeValue, lengthMax: number): AttributeValue {
  if (lengthMax === Number.POSITIVE_INFINITY) return value;
  if (typeof value === 'string') return value.slice(0, lengthMax);
  if (!Array.isArray(value)) return value;
  return value.map((each) => (typeof each === 'string' ? each.slice(0, lengthMax) : each)) as AttributeValue;
}

function limited(
  attributes: Attributes,
  countMax: number,
): { attributes: Attributes; droppedAttributesCount?: number } {
  const valid = Object.entries(attributes).filter(([key, value]) => key !== '' && isAttributeValue(value));
  const kept = Object.fromEntries(valid.slice(0, countMax));
  return valid.length > countMax
    ? { attributes: kept, droppedAttributesCount: valid.length - countMax }
    : { attributes: kept };
}
