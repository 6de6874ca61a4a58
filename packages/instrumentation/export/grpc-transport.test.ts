import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readEnvironment } from '../environment.ts';
import { FakeGrpcCollector } from '../testing/fake-grpc-collector.ts';
import { createGrpcTransport } from './grpc-transport.ts';
import type { Transport } from './transport.ts';

const collector = new FakeGrpcCollector();
let transport: Transport;

function connect(variables: Record<string, string> = {}): Transport {
  const environment = readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...variables });
  return createGrpcTransport(environment.signals.traces.target, 'traces', (body) => ({
    rejected: body.length,
    message: Buffer.from(body).toString(),
  }));
}

beforeEach(async () => {
  collector.calls.length = 0;
  collector.answers = [{ status: 0 }];
  await collector.start();
  transport = connect({ OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=mario%20s' });
});

afterEach(async () => {
  transport.close();
  await collector.stop();
});

test('calls the trace service with one framed message and the configured headers', async () => {
  const result = await transport.send(Buffer.from('spans'), false);
  assert.deepEqual(result, { status: 'success', rejected: 0, message: '' });
  const [call] = collector.calls;
  assert.equal(call?.path, '/opentelemetry.proto.collector.trace.v1.TraceService/Export');
  assert.equal(call?.message.toString(), 'spans');
  assert.equal(call?.headers['content-type'], 'application/grpc');
  assert.equal(call?.headers.te, 'trailers');
  assert.equal(call?.headers['x-tenant'], 'mario s');
  assert.equal(call?.headers['grpc-timeout'], '10000m');
});

test('sends compressed messages as such', async () => {
  await transport.send(gzipSync('spans'), true);
  assert.equal(collector.calls[0]?.headers['grpc-encoding'], 'gzip');
  assert.equal(collector.calls[0]?.message.toString(), 'spans');
});

test('reads the partial success out of the response', async () => {
  collector.answers = [{ status: 0, body: Buffer.from('3 of them') }];
  assert.deepEqual(await transport.send(Buffer.from('x'), false), {
    status: 'success',
    rejected: 9,
    message: '3 of them',
  });
});

test('retries UNAVAILABLE and never INVALID_ARGUMENT', async () => {
  collector.answers = [
    { status: 14, message: 'soon' },
    { status: 3, message: 'never' },
  ];
  assert.deepEqual(await transport.send(Buffer.from('x'), false), {
    status: 'retry',
    afterMs: undefined,
    message: 'gRPC status 14: soon',
  });
  assert.deepEqual(await transport.send(Buffer.from('x'), false), {
    status: 'failure',
    errorType: '3',
    message: 'gRPC status 3: never',
  });
});

test('retries RESOURCE_EXHAUSTED only when the server names a delay', async () => {
  // google.rpc.Status { code: 8, details: [Any { type_url: ".../google.rpc.RetryInfo", value: { retry_delay: 1.5 s } }] }
  const duration = Buffer.from([0x08, 1, 0x10, ...varint(500_000_000)]);
  const retryInfo = lengthDelimited(1, duration);
  const url = lengthDelimited(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo'));
  const any = Buffer.concat([url, lengthDelimited(2, retryInfo)]);
  const status = Buffer.concat([Buffer.from([0x08, 8]), lengthDelimited(3, any)]);
  collector.answers = [{ status: 8, details: status.toString('base64') }, { status: 8 }];
  const asked = await transport.send(Buffer.from('x'), false);
  assert.equal(asked.status, 'retry');
  assert.equal(asked.status === 'retry' && asked.afterMs, 1500);
  assert.equal((await transport.send(Buffer.from('x'), false)).status, 'failure');
});

test('retries when nobody listens, and connects anew when somebody does', async () => {
  await transport.send(Buffer.from('1'), false);
  await collector.stop();
  assert.equal((await transport.send(Buffer.from('2'), false)).status, 'retry');
  await collector.start();
  assert.equal((await transport.send(Buffer.from('3'), false)).status, 'success');
  assert.deepEqual(
    collector.calls.map((call) => call.message.toString()),
    ['1', '3'],
  );
});

test('gives up on a collector that does not answer in time', async () => {
  transport.close();
  transport = connect({ OTEL_EXPORTER_OTLP_TIMEOUT: '40' });
  collector.answers = ['silence'];
  const result = await transport.send(Buffer.from('x'), false);
  assert.deepEqual(result, { status: 'retry', afterMs: undefined, message: 'no answer within 40 ms' });
});

function lengthDelimited(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
