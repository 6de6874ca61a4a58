/**
 * A collector that keeps what arrives and counts it afterwards, so that nothing is cheap because it was lost, and nothing
 * dear because the collector worked on the core beside.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeLogs, decodeMetrics, decodeSpans, SpanKind, ValueType } from '../../packages/otlp/index.ts';

type Signal = 'traces' | 'metrics' | 'logs';

export interface Received {
  /** Server spans by name. */
  readonly serverSpans: ReadonlyMap<string, number>;
  /** Log lines by their text. */
  readonly lines: ReadonlyMap<string, number>;
  readonly spanCount: number;
  readonly lineCount: number;
  readonly pointCount: number;
  readonly bytes: number;
}

export class Collector {
  readonly url: string;
  readonly #server: http.Server;
  readonly #messages: Readonly<Record<Signal, Buffer[]>>;

  private constructor(url: string, server: http.Server, messages: Readonly<Record<Signal, Buffer[]>>) {
    this.url = url;
    this.#server = server;
    this.#messages = messages;
  }

  static async start(): Promise<Collector> {
    const messages: Record<Signal, Buffer[]> = { traces: [], metrics: [], logs: [] };
    const paths = new Map(Object.entries(messages).map(([signal, kept]) => [`/v1/${signal}`, kept]));
    const server = http.createServer((request, response) => {
      const kept = paths.get(request.url ?? '');
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        kept?.push(Buffer.concat(pieces));
        response.writeHead(kept === undefined ? 404 : 200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Collector(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, messages);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  count(): Received {
    const { traces, logs, metrics } = this.#messages;
    const serverSpans = new Map<string, number>();
    const lines = new Map<string, number>();
    let spanCount = 0;
    let lineCount = 0;
    for (const { count, kind, name, strings } of traces.map(decodeSpans)) {
      spanCount += count;
      for (let i = 0; i < count; i += 1) if (kind[i] === SpanKind.server) countOne(serverSpans, strings[name[i]!]!);
    }
    for (const { count, body, strings } of logs.map(decodeLogs)) {
      lineCount += count;
      for (let i = 0; i < count; i += 1) {
        if (body.types[i] === ValueType.string) countOne(lines, strings[body.payload[i]!]!);
      }
    }
    const pointCount = metrics.reduce((sum, message) => sum + decodeMetrics(message).count, 0);
    const bytes = [...traces, ...logs, ...metrics].reduce((sum, { length }) => sum + length, 0);
    return { serverSpans, lines, spanCount, lineCount, pointCount, bytes };
  }
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
