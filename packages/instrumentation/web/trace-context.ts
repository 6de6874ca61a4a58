// W3C trace context: identifiers, and the header that carries them (https://www.w3.org/TR/trace-context/).

export interface SpanParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Undefined when the text is malformed, of an invalid version, or all zeros. */
export function parseTraceparent(text: string): SpanParent | undefined {
  const match = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/.exec(text);
  if (match === null) return undefined;
  return { traceId: match[1]!, spanId: match[2]!, sampled: (Number.parseInt(match[3]!, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: SpanParent): string {
  return `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`;
}

export function newTraceId(): string {
  return randomHex(TRACE_ID_BYTES);
}

export function newSpanId(): string {
  return randomHex(SPAN_ID_BYTES);
}

/** getRandomValues exists on every origin; randomUUID on secure ones only. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
