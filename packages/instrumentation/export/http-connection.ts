/**
 * One connection for OTLP/HTTP requests, plain or TLS: opened at the first, kept open, opened again after it was lost.
 *
 * It is a bare socket because of what it runs beside: an export through node:http2 makes V8 give up what it had
 * specialised in the code of streams and events for the server of the application (docs/adr/0064).
 */
import * as net from 'node:net';
import type * as tls from 'node:tls';
import { HttpResponse } from './http-response.ts';

/** Where the kernel's bytes land; Node hands them over in the turn that reads them, so all connections share it. */
const RECEIVED = Buffer.allocUnsafeSlow(16 * 1024);

export interface HttpOrigin {
  readonly host: string;
  readonly port: number;
  /** Undefined: no TLS. */
  readonly tls: tls.ConnectionOptions | undefined;
}

interface Exchange {
  readonly head: string;
  readonly body: Uint8Array;
  readonly deadline: NodeJS.Timeout;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: Error) => void;
  response: HttpResponse;
  /** It went over a connection that had rested, which the other end may have closed in the meantime. */
  mayRepeat: boolean;
  /** Whether the kernel has all of it. */
  written: boolean;
}

export class HttpConnection {
  readonly #origin: HttpOrigin;
  #socket: net.Socket | undefined;
  #exchange: Exchange | undefined;

  constructor(origin: HttpOrigin) {
    this.#origin = origin;
  }

  /**
   * Sends head and body and gives the answer, one exchange at a time. Rejects when the connection cannot be had, breaks or
   * does not answer in time; a rested connection that is found closed is replaced once. The body must not change until
   * then, and is read no longer.
   */
  exchange(head: string, body: Uint8Array, timeoutMs: number): Promise<HttpResponse> {
    if (this.#exchange !== undefined) throw new Error('BUG: a connection carries one exchange at a time');
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => this.#giveUp(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const mayRepeat = this.#socket !== undefined;
      const response = new HttpResponse();
      this.#exchange = { head, body, deadline, resolve, reject, response, mayRepeat, written: false };
      this.#send(this.#exchange);
    });
  }

  /** Ends the connection; an exchange under way is rejected. */
  close(): void {
    this.#giveUp(new Error('the connection was closed'));
  }

  #send(exchange: Exchange): void {
    const socket = (this.#socket ??= this.#open());
    // A resting connection keeps no process alive, one with an exchange does.
    socket.ref();
    socket.cork();
    socket.write(exchange.head, 'latin1');
    socket.write(exchange.body, () => {
      exchange.written = true;
    });
    socket.uncork();
  }

  #open(): net.Socket {
    const { host, port } = this.#origin;
    const onread = {
      buffer: RECEIVED,
      callback: (count: number, bytes: Uint8Array) => {
        this.#receive(socket, bytes, count);
        return true;
      },
    };
    const socket: net.Socket =
      this.#origin.tls === undefined
        ? net.connect({ host, port, onread, noDelay: true })
        : // The options of a TLS connection take `onread` as those of a plain one do; the types do not know it.
          process.getBuiltinModule('node:tls').connect({ host, port, ...this.#origin.tls, ...({ onread } as object) });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lose(socket, error));
    socket.on('end', () => this.#end(socket));
    socket.on('close', () => this.#end(socket));
    return socket;
  }

  #receive(socket: net.Socket, bytes: Uint8Array, count: number): void {
    if (socket !== this.#socket) return;
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.close();
      return;
    }
    try {
      exchange.response.push(bytes, count);
      if (exchange.response.done) this.#complete(socket, exchange);
    } catch (error) {
      this.#lose(socket, error as Error);
    }
  }

  #end(socket: net.Socket): void {
    if (socket !== this.#socket) return;
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.close();
      return;
    }
    try {
      exchange.response.end();
      exchange.response.reusable = false;
      this.#complete(socket, exchange);
    } catch (error) {
      this.#lose(socket, error as Error);
    }
  }

  #complete(socket: net.Socket, exchange: Exchange): void {
    this.#exchange = undefined;
    clearTimeout(exchange.deadline);
    // An answer may come before the request has gone; the rest of it must not be read once its owner has it back.
    if (exchange.response.reusable && exchange.written) socket.unref();
    else this.#drop();
    exchange.resolve(exchange.response);
  }

  #lose(socket: net.Socket, error: Error): void {
    if (socket !== this.#socket) return;
    const exchange = this.#exchange;
    if (exchange?.mayRepeat !== true || exchange.response.started) {
      this.#giveUp(error);
      return;
    }
    this.#drop();
    exchange.mayRepeat = false;
    this.#send(exchange);
  }

  #giveUp(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#drop();
    if (exchange === undefined) return;
    clearTimeout(exchange.deadline);
    exchange.reject(error);
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
