/**
 * The requests of one signal on their way to the collector: in order, one call at a time, until they arrive. What has
 * waited is sent together: protobuf requests that follow each other are one request (repeated fields add up), and
 * compressed members that follow each other are one compressed stream (RFC 1952, section 2.2), so a backlog of small
 * batches leaves in few calls.
 */
import { diag } from '@opentelemetry/api';
import { compressRequest, type ExportBuffer, type PendingRequest } from './export-buffer.ts';
import type { ExporterMetrics } from './export-metrics.ts';
import type { SendResult, Transport } from './transport.ts';

export interface RetryPolicy {
  readonly initialMs: number;
  readonly factor: number;
  /** Also the longest time that passes unnoticed once the collector is back. */
  readonly maxMs: number;
}

export const RETRY_DEFAULT: RetryPolicy = { initialMs: 500, factor: 1.7, maxMs: 5_000 };

/** Half of what a gRPC server takes by default (4 MB). */
const TOGETHER_BYTES_MAX = 2 * 1024 * 1024;

/** A server may ask for more patience, but not for so much that the buffer would run over first. */
const RETRY_ASKED_MS_MAX = 120_000;

export class ExportQueue {
  readonly #transport: Transport;
  readonly #buffer: ExportBuffer;
  readonly #metrics: ExporterMetrics;
  readonly #retry: RetryPolicy;
  readonly #gzipAll: boolean;
  readonly #joinable: boolean;
  readonly #pending: PendingRequest[] = [];
  readonly #idle = new Set<() => void>();
  #bytes = 0;
  /** The first of the pending requests, while they are on their way; empty otherwise. */
  #sending: readonly PendingRequest[] = [];
  /** Requests that go alone because they were refused together: one of them is to blame. */
  #alone = 0;
  #compressing = false;
  #failures = 0;
  /** Items dropped since the last request that arrived: told of once when it begins and once when it ends. */
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    transport: Transport,
    buffer: ExportBuffer,
    metrics: ExporterMetrics,
    options: { readonly gzip?: boolean; readonly joinable?: boolean; readonly retry?: RetryPolicy } = {},
  ) {
    this.#transport = transport;
    this.#buffer = buffer;
    this.#metrics = metrics;
    this.#gzipAll = options.gzip ?? false;
    this.#joinable = options.joinable ?? false;
    this.#retry = options.retry ?? RETRY_DEFAULT;
    buffer.register(this);
  }

  /** Bytes that wait here, the request being sent included. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a serialised request; from here on it arrives, or its loss is counted. `release` is given the bytes when they
   * have arrived and may be written over.
   */
  add(body: Uint8Array, items: number, release?: (body: Uint8Array) => void): void {
    this.#metrics.entered(items);
    if (this.#closed) {
      this.#metrics.left(items, items, 'shutdown');
      return;
    }
    this.#pending.push({ body, gzipped: false, rawBytes: body.length, items, release, compression: undefined });
    this.#changed(body.length);
    if (this.#failures > 0) void this.#compressWaiting();
    else this.#pump();
  }

  /** Drops the oldest request that is not being sent; gives the bytes freed (the buffer accounts for them). */
  dropOldest(): number {
    const [dropped] = this.#pending.splice(this.#sending.length, 1);
    if (dropped === undefined) return 0;
    this.#metrics.left(dropped.items, dropped.items, 'queue_full');
    if (this.#dropped === 0) diag.warn(`export buffer is full: dropping the oldest for ${this.#transport.description}`);
    this.#dropped += dropped.items;
    this.#bytes -= dropped.body.length;
    return dropped.body.length;
  }

  /** Tries at once what waits for its next try; resolves true when all has left, false when `timeoutMs` is over. */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.#pending.length === 0) return true;
    this.#stopTimer();
    this.#pump();
    return new Promise((resolve) => {
      const settle = (empty: boolean) => {
        clearTimeout(deadline);
        this.#idle.delete(whenIdle);
        resolve(empty);
      };
      const whenIdle = () => settle(true);
      const deadline = setTimeout(() => settle(false), timeoutMs);
      this.#idle.add(whenIdle);
    });
  }

  /** Sends what it can within `timeoutMs`, counts the rest as lost and closes the connection. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return;
    await this.flush(timeoutMs);
    this.#closed = true;
    this.#stopTimer();
    const lost = this.#pending.splice(0).reduce((items, request) => items + request.items, 0);
    if (lost > 0) {
      this.#metrics.left(lost, lost, 'shutdown');
      diag.warn(`${lost} items did not reach ${this.#transport.description} before the shutdown`);
    }
    this.#changed(-this.#bytes);
    this.#transport.close();
  }

  #pump(): void {
    if (this.#sending.length > 0 || this.#timer !== undefined || this.#closed) return;
    if (this.#pending.length === 0) {
      for (const whenIdle of [...this.#idle]) whenIdle();
      return;
    }
    this.#sending = this.#next();
    void this.#send(this.#sending).finally(() => {
      this.#sending = [];
      this.#pump();
    });
  }

  /** The first request and those behind it that can go with it. */
  #next(): PendingRequest[] {
    const first = this.#pending[0]!;
    const together = [first];
    let bytes = first.rawBytes;
    const alone = !this.#joinable || this.#alone > 0 || (this.#gzipAll && !first.gzipped);
    for (let at = 1; !alone && at < this.#pending.length; at += 1) {
      const request = this.#pending[at]!;
      bytes += request.rawBytes;
      if (bytes > TOGETHER_BYTES_MAX || request.gzipped !== first.gzipped) break;
      together.push(request);
    }
    return together;
  }

  async #send(requests: readonly PendingRequest[]): Promise<void> {
    const first = requests[0]!;
    if (this.#gzipAll) await this.#compress(first);
    const body = requests.length === 1 ? first.body : Buffer.concat(requests.map((request) => request.body));
    const result = await this.#transport.send(body, first.gzipped);
    if (this.#closed) return;
    if (result.status === 'retry') {
      this.#waitAndRetry(result.afterMs, result.message);
      return;
    }
    if (this.#dropped > 0)
      diag.warn(`${this.#dropped} items for ${this.#transport.description} were dropped meanwhile`);
    this.#failures = 0;
    this.#dropped = 0;
    if (result.status === 'failure' && requests.length > 1) {
      this.#alone = requests.length;
      return;
    }
    if (this.#alone > 0) this.#alone -= 1;
    this.#pending.splice(0, requests.length);
    this.#changed(-requests.reduce((bytes, request) => bytes + request.body.length, 0));
    for (const request of requests) request.release?.(request.body);
    this.#account(
      requests.reduce((items, request) => items + request.items, 0),
      result,
    );
  }

  #account(items: number, result: Exclude<SendResult, { readonly status: 'retry' }>): void {
    if (result.status === 'failure') {
      this.#metrics.left(items, items, result.errorType);
      diag.error(`${this.#transport.description} refused ${items} items: ${result.message}`);
      return;
    }
    this.#metrics.left(items, Math.min(result.rejected, items), 'rejected');
    if (result.message !== '') {
      diag.warn(`${this.#transport.description} took all but ${result.rejected} items: ${result.message}`);
    }
  }

  /** Exponential back-off with jitter, so that the instances of a service do not all knock at once. */
  #waitAndRetry(askedMs: number | undefined, message: string): void {
    const backoffMs = Math.min(this.#retry.initialMs * this.#retry.factor ** this.#failures, this.#retry.maxMs);
    const delayMs = Math.max(backoffMs * (0.5 + Math.random() / 2), Math.min(askedMs ?? 0, RETRY_ASKED_MS_MAX));
    // One failure is a collector that starts or restarts beside us; two in a row are an outage.
    if (this.#failures === 1) diag.warn(`${this.#transport.description} cannot be reached, will retry: ${message}`);
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, delayMs).unref();
    void this.#compressWaiting();
  }

  /** One request after the other, off the main thread; the one being sent is left alone. */
  async #compressWaiting(): Promise<void> {
    if (this.#compressing) return;
    this.#compressing = true;
    try {
      for (;;) {
        const request = this.#pending.find((each) => !each.gzipped && !this.#sending.includes(each));
        if (request === undefined) return;
        await this.#compress(request);
      }
    } finally {
      this.#compressing = false;
    }
  }

  /** Meanwhile the request may be sent (as it was) or dropped; then its size no longer counts here. */
  #compress(request: PendingRequest): Promise<void> {
    request.compression ??= compressRequest(request).then((deltaBytes) => {
      if (this.#pending.includes(request)) this.#changed(deltaBytes);
    });
    return request.compression;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #changed(deltaBytes: number): void {
    this.#bytes += deltaBytes;
    this.#buffer.changed(deltaBytes);
  }
}
