/** What carries one serialised OTLP request to a collector and says what became of it. */

export type SendResult =
  /** Taken; `rejected` items of it were refused for good (partial success, never sent again). */
  | { readonly status: 'success'; readonly rejected: number; readonly message: string }
  /** Not taken, worth another try, not before `afterMs` when the other end said so. */
  | { readonly status: 'retry'; readonly afterMs: number | undefined; readonly message: string }
  /** Refused for good. */
  | { readonly status: 'failure'; readonly errorType: string; readonly message: string };

export interface Transport {
  /** As in logs: `http://127.0.0.1:4317 (grpc)`. */
  readonly description: string;
  /**
   * One call at a time. Never rejects; every outcome is a SendResult. The body stays the caller's and must not change
   * meanwhile.
   */
  send(body: Uint8Array, gzipped: boolean): Promise<SendResult>;
  /** Ends the connection; calls in flight end with `retry`. */
  close(): void;
}

/** Reads the partial success out of a response body; a body that cannot be read counts as full success. */
export type ReadRejected = (body: Uint8Array) => { readonly rejected: number; readonly message: string };

/** Responses are a few bytes; more than this is not an OTLP response and is not kept in memory. */
export const RESPONSE_BYTES_MAX = 64 * 1024;

export const USER_AGENT = 'OTel-OTLP-Exporter-JavaScript/0.223.1 mario-instrumentation/0.1.0';
