/** A gRPC server of unary calls for tests: one answer for each call, the frames remembered. */
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface GrpcAnswer {
  readonly status: number;
  readonly message?: string;
  /** Base64 of a google.rpc.Status. */
  readonly details?: string;
  readonly body?: Uint8Array;
}

export interface GrpcCall {
  readonly path: string;
  readonly headers: http2.IncomingHttpHeaders;
  readonly message: Buffer;
}

export class FakeGrpcCollector {
  readonly calls: GrpcCall[] = [];
  /** Answers in order; the last is repeated. */
  answers: (GrpcAnswer | 'silence')[] = [{ status: 0 }];
  #server: http2.Http2Server | undefined;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = http2.createServer();
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
    server.on('stream', (stream: http2.ServerHttp2Stream, headers) => this.#answer(stream, headers));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #answer(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    const chunks: Uint8Array[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('end', () => {
      const frame = Buffer.concat(chunks);
      const content = frame.subarray(5, 5 + frame.readUInt32BE(1));
      const message = frame[0] === 1 ? gunzipSync(content) : content;
      this.calls.push({ path: String(headers[':path']), headers, message });
      const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
      if (answer === 'silence') return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () =>
        stream.sendTrailers({
          'grpc-status': String(answer.status),
          ...(answer.message !== undefined && { 'grpc-message': answer.message }),
          ...(answer.details !== undefined && { 'grpc-status-details-bin': answer.details }),
        }),
      );
      const body = answer.body ?? new Uint8Array();
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([prefix, body]));
    });
  }
}
