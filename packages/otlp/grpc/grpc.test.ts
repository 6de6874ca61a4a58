// Client and server against each other, and the server against what clients get wrong.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { after, before, test } from 'node:test';
import { GrpcClient } from './client.ts';
import { createGrpcServer } from './server.ts';
import { GrpcCode, GrpcError, parseTimeout, percentDecode, percentEncode } from './status.ts';

const messageBytesMax = 10_000;
const methods = new Map<string, (message: Buffer) => Promise<Buffer>>([
  ['/test.Echo/Echo', async (message) => Buffer.concat([Buffer.from('echo '), message])],
  [
    '/test.Echo/Full',
    async () => {
      throw new GrpcError(GrpcCode.resourceExhausted, 'voll: 100 % größer', { retryAfterMs: 1500 });
    },
  ],
  ['/test.Echo/Slow', () => new Promise(() => {})],
]);
const server = createGrpcServer({ methods, messageBytesMax });
let port = 0;
let client: GrpcClient;

before(async () => {
  port = await server.listen('127.0.0.1', 0);
  client = new GrpcClient({ url: `http://127.0.0.1:${port}` });
});

after(async () => {
  await client.close();
  await server.close(50);
});

function failsWith(code: number, pattern: RegExp) {
  return (error: unknown) => error instanceof GrpcError && error.code === code && pattern.test(error.message);
}

test('a call and its answer, in every compression', async () => {
  for (const compression of ['identity', 'gzip', 'deflate', 'zstd'] as const) {
    const message = Buffer.from('pizza '.repeat(500));
    const answer = await client.call('/test.Echo/Echo', message, { timeoutMs: 5000, compression });
    assert.equal(answer.toString(), `echo ${message.toString()}`);
  }
});

test('many calls at once', async () => {
  const calls = Array.from({ length: 100 }, (_, i) =>
    client.call('/test.Echo/Echo', Buffer.from(String(i)), { timeoutMs: 5000 }),
  );
  assert.deepEqual(
    (await Promise.all(calls)).map(String),
    calls.map((_, i) => `echo ${i}`),
  );
});

test('a status comes back with its message and delay', async () => {
  await assert.rejects(client.call('/test.Echo/Full', Buffer.alloc(0), { timeoutMs: 5000 }), (error: GrpcError) => {
    assert.equal(error.code, GrpcCode.resourceExhausted);
    assert.equal(error.message, 'voll: 100 % größer');
    assert.equal(error.retryAfterMs, 1500);
    return true;
  });
});

test('unknown methods and services are UNIMPLEMENTED', async () => {
  const options = { timeoutMs: 5000 };
  await assert.rejects(
    client.call('/test.Echo/Nothing', Buffer.alloc(0), options),
    failsWith(GrpcCode.unimplemented, /^unknown method Nothing for service test\.Echo$/),
  );
  await assert.rejects(
    client.call('/other.Service/Call', Buffer.alloc(0), options),
    failsWith(GrpcCode.unimplemented, /^unknown service other\.Service$/),
  );
});

test('too large a message is RESOURCE_EXHAUSTED, compressed or not', async () => {
  const large = Buffer.alloc(messageBytesMax + 1);
  const plain = client.call('/test.Echo/Echo', large, { timeoutMs: 5000 });
  await assert.rejects(plain, failsWith(GrpcCode.resourceExhausted, /larger than max \(10001 vs\. 10000\)/));
  const zipped = client.call('/test.Echo/Echo', large, { timeoutMs: 5000, compression: 'gzip' });
  await assert.rejects(zipped, failsWith(GrpcCode.resourceExhausted, /after decompression larger than max 10000/));
  const answer = await client.call('/test.Echo/Echo', Buffer.from('still here'), { timeoutMs: 5000 });
  assert.equal(String(answer), 'echo still here');
});

test('a deadline ends the call on both sides', async () => {
  const call = client.call('/test.Echo/Slow', Buffer.alloc(0), { timeoutMs: 30 });
  await assert.rejects(call, failsWith(GrpcCode.deadlineExceeded, /deadline/));
});

test('an unknown encoding, a cut message and a wrong content type are told', async () => {
  const status = await raw({ 'grpc-encoding': 'brotli' }, Buffer.alloc(5));
  assert.equal(status['grpc-status'], String(GrpcCode.unimplemented));
  const cut = await raw({}, Buffer.from([0, 0, 0, 0, 9, 1]));
  assert.equal(cut['grpc-status'], String(GrpcCode.internal));
  const corrupt = await raw({ 'grpc-encoding': 'gzip' }, Buffer.from([1, 0, 0, 0, 1, 7]));
  assert.equal(corrupt['grpc-status'], String(GrpcCode.internal));
  const json = await raw({ 'content-type': 'application/json' }, Buffer.alloc(0));
  assert.equal(json[':status'], 415);
});

test('a server that is away is UNAVAILABLE, and the client recovers when it is back', async () => {
  const first = createGrpcServer({ methods });
  const firstPort = await first.listen('127.0.0.1', 0);
  const patient = new GrpcClient({ url: `http://127.0.0.1:${firstPort}` });
  const options = { timeoutMs: 5000 };
  await patient.call('/test.Echo/Echo', Buffer.from('1'), options);
  await first.close(10);
  await assert.rejects(
    patient.call('/test.Echo/Echo', Buffer.from('2'), options),
    failsWith(GrpcCode.unavailable, /./),
  );
  const second = createGrpcServer({ methods });
  await second.listen('127.0.0.1', firstPort);
  assert.equal(String(await patient.call('/test.Echo/Echo', Buffer.from('3'), options)), 'echo 3');
  await patient.close();
  await second.close(10);
});

test('closing lets running calls finish', async () => {
  let release: () => void = () => {};
  const slow = createGrpcServer({
    methods: new Map([
      ['/s.S/M', () => new Promise<Buffer>((resolve) => (release = () => resolve(Buffer.from('done'))))],
    ]),
  });
  const slowClient = new GrpcClient({ url: `http://127.0.0.1:${await slow.listen('127.0.0.1', 0)}` });
  const call = slowClient.call('/s.S/M', Buffer.alloc(0), { timeoutMs: 5000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closing = slow.close(5000);
  release();
  assert.equal(String(await call), 'done');
  await slowClient.close();
  await closing;
});

test('header forms', () => {
  assert.equal(parseTimeout('100m'), 100);
  assert.equal(parseTimeout('2S'), 2000);
  assert.equal(parseTimeout(undefined), undefined);
  assert.throws(() => parseTimeout('1x'), GrpcError);
  assert.equal(percentEncode('größe 100%'), 'gr%C3%B6%C3%9Fe 100%25');
  assert.equal(percentDecode('gr%C3%B6%C3%9Fe 100%25 %zz'), 'größe 100% %zz');
});

/** Sends bytes as they are; gives headers and trailers of the answer. */
function raw(headers: http2.OutgoingHttpHeaders, body: Buffer): Promise<http2.IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    session.once('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/test.Echo/Echo',
      te: 'trailers',
      'content-type': 'application/grpc',
      ...headers,
    });
    let received: http2.IncomingHttpHeaders = {};
    stream.on('response', (answer) => (received = { ...received, ...answer }));
    stream.on('trailers', (answer) => (received = { ...received, ...answer }));
    stream.on('error', reject);
    stream.on('close', () => session.close(() => resolve(received)));
    stream.resume();
    stream.end(body);
  });
}
