/**
 * Sends the same request again and again over one connection, for next to nothing: the request is bytes made once, and
 * of a response only its status and length are read. A client that costs more than the server is never waiting for it,
 * and a server whose client waits pays for waking it up: with node:http as the client that difference was a third of
 * what was to be measured.
 */
import { connect, type Socket } from 'node:net';

export class RawClient {
  readonly #socket: Socket;
  #received = '';
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor({ hostname, port }: URL) {
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    // Latin 1 keeps one character a byte, so that lengths are bytes.
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', (error) => this.#settle?.reject(error));
    this.#socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')));
  }

  /** Resolves when the whole response has come; rejects when it is no success. */
  send(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, headEnd))?.[1];
    if (length === undefined) {
      this.#settle?.reject(new Error('the response has no length'));
      return;
    }
    if (this.#received.length < headEnd + 4 + Number(length)) return;
    const settle = this.#settle;
    const isSuccess = this.#received.startsWith('HTTP/1.1 2');
    const answer = this.#received;
    this.#received = '';
    this.#settle = undefined;
    if (isSuccess) settle?.resolve();
    else settle?.reject(new Error(`the server answered ${answer.slice(0, 200)}`));
  }
}

/** The bytes of a request. */
export function requestBytes(host: string, method: string, path: string, body: string | undefined): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'User-Agent: mario-bench'];
  if (body !== undefined) head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
