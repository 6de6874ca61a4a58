// Server-sent events: one open response that tells a page what changes (WHATWG HTML, section 9.2).

import { endAtFirstByte } from '@mario/instrumentation';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Proxies close a silent connection after a minute or so; a comment line keeps it open. */
const HEARTBEAT_MS = 15_000;
/** A page that is away comes back after this time. */
const RETRY_MS = 2_000;
/** A reader that does not read is cut off before its backlog fills the memory. */
const BACKLOG_BYTES_MAX = 64 * 1024;

export class EventStream {
  readonly #reply: FastifyReply;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #onClose = new Set<() => void>();
  #closed = false;

  /** Takes the response over; nothing else may write to it afterwards. */
  constructor(request: FastifyRequest, reply: FastifyReply, onHeartbeat?: () => void) {
    // The span and the metrics end here: an open page is not a slow request.
    endAtFirstByte(request, reply);
    this.#reply = reply;
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    reply.raw.write(`retry: ${RETRY_MS}\n\n`);
    request.raw.socket.setNoDelay(true);
    this.#heartbeat = setInterval(() => {
      this.#write(': still here\n\n');
      onHeartbeat?.();
    }, HEARTBEAT_MS).unref();
    reply.raw.on('close', () => this.close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends one event; `data` becomes JSON on one line. */
  send(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.add(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    this.#reply.raw.end();
    for (const listener of this.#onClose) listener();
  }

  #write(text: string): void {
    if (this.#closed) return;
    this.#reply.raw.write(text);
    if (this.#reply.raw.writableLength > BACKLOG_BYTES_MAX) this.#reply.raw.destroy();
  }
}
