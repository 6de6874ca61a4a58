/** One connection to a target: plain or TLS, one exchange at a time, read through memory that all connections share. */

import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Deadline } from './deadline.ts';
import type { ResponseReader } from './response-reader.ts';

/**
 * Where the kernel's bytes land. Node reads and hands over in one turn of the event loop, so one buffer serves all
 * connections.
 */
const RECEIVED = Buffer.allocUnsafeSlow(256 * 1024);

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: no TLS. */
  readonly tls: tls.ConnectionOptions | undefined;
  /** A connection to the host that stands already, through a proxy; only with TLS. */
  readonly tunnel?: Duplex | undefined;
}

interface Exchange {
  readonly reader: ResponseReader;
  readonly deadline: Deadline;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Connection {
  /** Exchanges that were completed. */
  exchangeCount = 0;
  readonly #socket: net.Socket;
  #exchange: Exchange | undefined;
  #broken = false;
  #onBroken: (() => void) | undefined;

  constructor(options: ConnectOptions) {
    const { host, port, tunnel } = options;
    const onread = {
      buffer: RECEIVED,
      callback: (count: number, bytes: Uint8Array) => {
        this.#receive(bytes, count);
        return true;
      },
    };
    this.#socket =
      options.tls === undefined
        ? net.connect({ host, port, onread, noDelay: true })
        : // The options of a TLS connection take `onread` as those of a plain one do; the types do not know it.
          tls.connect({
            host,
            port,
            ...options.tls,
            ...(tunnel === undefined ? ({ onread } as object) : { socket: tunnel }),
          });
    // Over a connection that stands already, Node passes `onread` by.
    if (tunnel !== undefined) this.#socket.on('data', (bytes: Uint8Array) => this.#receive(bytes, bytes.length));
    this.#socket.on('error', (error) => this.#break(error));
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Sends a request and reads its response; resolves when that is complete. Rejects with what the socket or the reader
   * says, and the connection is then of no more use.
   */
  exchange(request: readonly (string | Uint8Array)[], reader: ResponseReader, deadline: Deadline): Promise<void> {
    if (this.#exchange !== undefined) throw new Error('BUG: a connection carries one exchange at a time');
    return new Promise<void>((resolve, reject) => {
      this.#exchange = { reader, deadline, resolve, reject };
      if (this.#broken || deadline.ended) {
        this.#break(new Error('EOF'));
        return;
      }
      deadline.onEnd = () => this.#break(new Error('aborted'));
      this.#socket.ref();
      for (const part of request) this.#socket.write(part);
    });
  }

  /** Lets the connection rest: it keeps no process alive, and `onBroken` is told when it ends. */
  rest(onBroken: () => void): void {
    this.#onBroken = onBroken;
    this.#socket.unref();
  }

  wake(): void {
    this.#onBroken = undefined;
  }

  close(): void {
    this.#break(new Error('closed'));
  }

  #receive(bytes: Uint8Array, count: number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Bytes that nobody asked for: the next response could not be told from them.
      this.close();
      return;
    }
    try {
      exchange.reader.push(bytes, count);
      if (exchange.reader.done) this.#complete(exchange);
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #end(): void {
    const exchange = this.#exchange;
    try {
      exchange?.reader.end();
      if (exchange !== undefined) this.#complete(exchange);
      this.close();
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #complete(exchange: Exchange): void {
    this.#exchange = undefined;
    exchange.deadline.onEnd = undefined;
    this.exchangeCount++;
    exchange.resolve();
  }

  #break(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (!this.#broken) {
      this.#broken = true;
      this.#socket.destroy();
      this.#onBroken?.();
    }
    if (exchange === undefined) return;
    exchange.deadline.onEnd = undefined;
    exchange.reject(error);
  }
}
