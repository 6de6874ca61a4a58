/** An OTLP/HTTP receiver for tests: takes JSON, remembers what came, can go away and come back on the same port. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface JsonAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean };
}

export interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly JsonAttribute[];
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code?: number };
}

export interface JsonLogRecord {
  readonly severityText: string;
  readonly severityNumber: number;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly JsonAttribute[];
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface JsonMetric {
  readonly name: string;
  readonly unit: string;
  readonly histogram?: { readonly dataPoints: readonly JsonPoint[] };
  readonly sum?: { readonly dataPoints: readonly JsonPoint[] };
}

interface JsonPoint {
  readonly count?: number;
  readonly exemplars?: readonly { readonly traceId: string }[];
}

interface JsonScopes {
  readonly spans?: readonly JsonSpan[];
  readonly metrics?: readonly JsonMetric[];
  readonly logRecords?: readonly JsonLogRecord[];
}

export class FakeCollector {
  readonly spans: JsonSpan[] = [];
  readonly metrics: JsonMetric[] = [];
  readonly logRecords: JsonLogRecord[] = [];
  requests = 0;
  /** Answers with this status instead of taking the request, when set. */
  refuseWith: number | undefined = undefined;
  #server: http.Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = http.createServer((request, response) => this.#take(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      this.requests += 1;
      if (this.refuseWith !== undefined) {
        response.writeHead(this.refuseWith).end();
        return;
      }
      const body = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      this.#remember(JSON.parse(text.toString('utf8')) as Record<string, { [scopes: string]: JsonScopes[] }[]>);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }

  #remember(request: Readonly<Record<string, readonly { readonly [scopes: string]: readonly JsonScopes[] }[]>>): void {
    for (const resources of Object.values(request)) {
      for (const resource of resources) {
        for (const scopes of [resource.scopeSpans, resource.scopeMetrics, resource.scopeLogs]) {
          for (const scope of scopes ?? []) {
            this.spans.push(...(scope.spans ?? []));
            this.metrics.push(...(scope.metrics ?? []));
            this.logRecords.push(...(scope.logRecords ?? []));
          }
        }
      }
    }
  }
}

/** The attributes of a JSON record as an object. */
export function attributesOf(record: { readonly attributes: readonly JsonAttribute[] }): Record<string, unknown> {
  return Object.fromEntries(record.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
