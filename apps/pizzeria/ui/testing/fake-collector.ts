// A collector that keeps what browsers send: OTLP in JSON, with the answers to cross-origin requests that the real one
// gives for deploy/otel-collector/config.yaml.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly doubleValue?: number };
}

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
  readonly links?: readonly { readonly spanId: string }[];
}

export interface SentLog {
  readonly eventName: string;
  readonly traceId: string;
  readonly attributes: readonly KeyValue[];
}

export class FakeCollector {
  readonly spans: SentSpan[] = [];
  readonly logs: SentLog[] = [];
  /** Every body as it came. */
  readonly bodies: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const { origin = '' } = request.headers;
      response.setHeader('Access-Control-Allow-Origin', origin);
      if (request.method === 'OPTIONS') {
        const asked = request.headers['access-control-request-headers'];
        if (asked === 'content-type') response.setHeader('Access-Control-Allow-Headers', asked);
        response.writeHead(204).end();
        return;
      }
      void bodyOf(request).then((body) => {
        this.#keep(body);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(body: string): void {
    this.bodies.push(body);
    const { resourceSpans = [], resourceLogs = [] } = JSON.parse(body) as {
      resourceSpans?: { scopeSpans: { spans: SentSpan[] }[] }[];
      resourceLogs?: { scopeLogs: { logRecords: SentLog[] }[] }[];
    };
    this.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
    this.logs.push(...resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The text or number of an attribute. */
export function attributeOf({ attributes }: Pick<SentSpan, 'attributes'>, key: string): string | number | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return (
    value?.stringValue ?? value?.doubleValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue))
  );
}
