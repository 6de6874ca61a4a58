// The application's one view of telemetry: something that wraps operations and hears of refused rules.

interface OperationName {
  readonly operation: 'command' | 'query' | 'event';
  readonly type: string;
}

export interface Observer {
  /**
   * Runs the work inside a span and counts it; errors pass through unchanged. `cause` is the trace context of the
   * request that an event came from: the span links to it. `tally` takes the counting where the end of the work does
   * not yet decide on its outcome; what is not called is not counted.
   */
  operation<T>(
    name: OperationName,
    work: () => Promise<T>,
    cause?: string | null,
    tally?: (count: () => void) => void,
  ): Promise<T>;
  validationFailed(rule: string, type: string): void;
  /** A command raised a domain event (it is in the outbox once the command's transaction is committed). */
  eventRaised(type: string): void;
  /** W3C trace context of the running request, or null outside of one. */
  traceparent(): string | null;
}

/** For tests of everything but telemetry. */
export const NO_OBSERVER: Observer = {
  operation: (_name, work) => work(),
  validationFailed: () => {},
  eventRaised: () => {},
  traceparent: () => null,
};
