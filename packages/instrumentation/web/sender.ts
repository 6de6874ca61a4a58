// Sends spans and log records to the collector in batches: a moment after the first, and at once when the page goes.
// A collector that is away costs the page nothing but a bounded queue and a request now and then.

import { type FinishedSpan, type LogRecord, logJson, logsBody, spanJson, tracesBody } from './wire.ts';

/** Long enough to gather what a click causes, short enough to be seen while one watches. */
const DELAY_MS = 2_000;
/** Of each signal: a page that works makes a few dozen in a minute. What is over leaves at the old end. */
const QUEUE_LENGTH_MAX = 256;
/** Browsers allow 64 KiB in flight for requests that outlive the page; two are sent at most. */
const KEEPALIVE_BYTES_MAX = 30_000;
const RETRY_MS_MIN = 5_000;
const RETRY_MS_MAX = 300_000;
/** Answers that ask for another try (OTLP specification, "Retryable response codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface SenderParts {
  readonly collectorUrl: string;
  readonly resource: object;
  /** The browser's own fetch, not one that is traced. */
  readonly fetch: typeof fetch;
  readonly setTimeout: (run: () => void, delayMs: number) => unknown;
}

export class Sender {
  readonly #parts: SenderParts;
  readonly #queues = {
    traces: { path: '/v1/traces', items: [] as object[], body: tracesBody },
    logs: { path: '/v1/logs', items: [] as object[], body: logsBody },
  };
  #scheduled = false;
  #retryMs = 0;
  #dropped = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** How many items were left out because the queue was full or the collector refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  addSpan(span: FinishedSpan): void {
    this.#add(this.#queues.traces.items, spanJson(span));
  }

  addLog(record: LogRecord): void {
    this.#add(this.#queues.logs.items, logJson(record));
  }

  /** The page goes: whatever waits is sent by requests that outlive it, whether the collector answered before or not. */
  flushBeforeLeaving(): void {
    for (const queue of Object.values(this.#queues)) {
      while (queue.items.length > 0) {
        const items = takeFitting(queue.items);
        void this.#post(queue.path, queue.body(this.#parts.resource, items), true).catch(() => {});
      }
    }
  }

  #add(items: object[], item: object): void {
    items.push(item);
    if (items.length > QUEUE_LENGTH_MAX) {
      items.shift();
      this.#dropped += 1;
    }
    this.#schedule(Math.max(DELAY_MS, this.#retryMs));
  }

  #schedule(delayMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.setTimeout(() => {
      this.#scheduled = false;
      void this.#flush();
    }, delayMs);
  }

  async #flush(): Promise<void> {
    for (const queue of Object.values(this.#queues)) {
      if (queue.items.length === 0) continue;
      const items = queue.items.splice(0);
      const outcome = await this.#post(queue.path, queue.body(this.#parts.resource, items), false).catch(() => 'retry');
      if (outcome === 'retry') {
        this.#keep(queue.items, items);
        return;
      }
      if (outcome === 'refused') this.#dropped += items.length;
      this.#retryMs = 0;
    }
  }

  /** Back into the queue, before what came meanwhile; the next try waits twice as long as the last one did. */
  #keep(queue: object[], items: readonly object[]): void {
    queue.unshift(...items);
    const over = Math.max(0, queue.length - QUEUE_LENGTH_MAX);
    queue.splice(0, over);
    this.#dropped += over;
    this.#retryMs = Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, this.#retryMs * 2));
    this.#schedule(this.#retryMs);
  }

  async #post(path: string, body: string, keepalive: boolean): Promise<'taken' | 'refused' | 'retry'> {
    const response = await this.#parts.fetch(this.#parts.collectorUrl + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      keepalive,
      // No cookie, no address of the page: the collector needs neither.
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    if (response.ok) return 'taken';
    return RETRYABLE.has(response.status) ? 'retry' : 'refused';
  }
}

/** As many items from the front as fit into one request that outlives the page; at least one. */
function takeFitting(items: object[]): object[] {
  let bytes = 0;
  let count = 0;
  for (const item of items) {
    bytes += JSON.stringify(item).length;
    if (count > 0 && bytes > KEEPALIVE_BYTES_MAX) break;
    count += 1;
  }
  return items.splice(0, count);
}
