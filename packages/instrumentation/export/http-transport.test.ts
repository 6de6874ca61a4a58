import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readEnvironment } from '../environment.ts';
import { createHttpTransport, retryAfterMs } from './http-transport.ts';
import type { Transport } from './transport.ts';

interface Answer {
  readonly status: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
}

let server: http.Server;
let transport: Transport;
let hasty: Transport;
let answer: Answer | 'silence' | 'hang up';
let received: { readonly url: string; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer }[];

before(async () => {
  server = http.createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ url: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      if (answer === 'hang up') response.destroy();
      else if (answer !== 'silence') response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const variables = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc',
  };
  const open = (environment: Readonly<Record<string, string>>) =>
    createHttpTransport(readEnvironment(environment).signals.logs.target, (body) => ({
      rejected: body.length,
      message: body.toString(),
    }));
  transport = open(variables);
  hasty = open({ ...variables, OTEL_EXPORTER_OTLP_TIMEOUT: '60' });
});

after(() => {
  transport.close();
  hasty.close();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  received = [];
  answer = { status: 200 };
});

test('posts to the signal’s path with type, headers and length', async () => {
  assert.equal((await transport.send(Buffer.from('logs'), false)).status, 'success');
  const [request] = received;
  assert.equal(request?.url, '/base/v1/logs');
  assert.equal(request?.headers['content-type'], 'application/x-protobuf');
  assert.equal(request?.headers.authorization, 'Basic abc');
  assert.equal(request?.headers['content-encoding'], undefined);
  assert.equal(request?.body.toString(), 'logs');
});

test('says when the body is compressed', async () => {
  await transport.send(gzipSync('logs'), true);
  assert.equal(received[0]?.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(received[0]!.body).toString(), 'logs');
});

for (const status of [429, 502, 503, 504]) {
  test(`${status} is tried again, after the time that the server asks for`, async () => {
    answer = { status, headers: { 'retry-after': '7' } };
    const result = await transport.send(Buffer.from('x'), false);
    assert.deepEqual(result, { status: 'retry', afterMs: 7_000, message: `HTTP status ${status}` });
  });
}

for (const status of [400, 401, 404, 413, 500]) {
  test(`${status} is final`, async () => {
    answer = { status };
    const result = await transport.send(Buffer.from('x'), false);
    assert.deepEqual(result, { status: 'failure', errorType: String(status), message: `HTTP status ${status}` });
  });
}

test('a partial success is read from the response', async () => {
  answer = { status: 200, body: 'abc' };
  assert.deepEqual(await transport.send(Buffer.from('x'), false), { status: 'success', rejected: 3, message: 'abc' });
});

test('silence and a lost connection are tried again', async () => {
  answer = 'silence';
  const silent = await hasty.send(Buffer.from('x'), false);
  assert.deepEqual(silent, { status: 'retry', afterMs: undefined, message: 'no answer within 60 ms' });
  answer = 'hang up';
  assert.equal((await transport.send(Buffer.from('x'), false)).status, 'retry');
});

test('Retry-After as seconds, as a date, as nonsense', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterMs('120', nowMs), 120_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', nowMs), 30_000);
  assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', nowMs), 0);
  assert.equal(retryAfterMs('soon', nowMs), undefined);
  assert.equal(retryAfterMs(undefined, nowMs), undefined);
});
