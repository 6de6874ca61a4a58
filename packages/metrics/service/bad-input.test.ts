import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Clock, NetworkMap, silentLog, systemClock } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { compress } from 'snappyjs';
import { openMetricsService } from './open-metrics-service.ts';

async function open(t: TestContext, yaml = 'global: {}', clock: Clock = systemClock) {
  const service = await openMetricsService({
    config: { yaml },
    directory: openMemoryDirectory(),
    clock,
    log: silentLog,
    network: new NetworkMap(),
    host: '127.0.0.1',
    port: 0,
    portOffset: 0,
    queryThreadsMax: 0,
  });
  t.after(() => service.close());
  const url = service.addresses[0]!;
  const post = async (path: string, headers: Record<string, string>, body: Uint8Array<ArrayBuffer>) => {
    const response = await fetch(url + path, { method: 'POST', headers, body });
    return [response.status, await response.text()] as const;
  };
  return { service, url, post };
}

const PROTOBUF = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
const bytes = (...values: number[]) => Uint8Array.from(values);

test('remote write: what cannot be read gets the real status and words, and the service goes on', async (t) => {
  const { post, url } = await open(t);
  const write = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = PROTOBUF) =>
    post('/api/v1/write', headers, body);
  assert.deepEqual(await write(bytes(1), { 'content-type': 'text/plain' }), [
    415,
    'expected application/x-protobuf as the first (media) part, got text/plain content-type\n',
  ]);
  assert.deepEqual(await write(bytes(1), { 'content-type': 'application/x-protobuf;proto=x' }), [
    415,
    'got application/x-protobuf;proto=x content type; unknown remote write protobuf message x, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request\n',
  ]);
  assert.match(
    (await write(bytes(1), { 'content-type': 'application/x-protobuf;proto' }))[1],
    /expected parameters to be key-values/,
  );
  assert.deepEqual(await write(bytes(1), { ...PROTOBUF, 'content-encoding': 'gzip' }), [
    415,
    'gzip encoding (compression) is not accepted by this server; only snappy is acceptable\n',
  ]);
  assert.equal((await write(bytes(255, 255, 255, 255, 15, 0)))[0], 413, 'a bomb: four gigabytes are announced');
  assert.equal((await write(bytes(20, 1, 2)))[0], 400);
  assert.equal((await write(Uint8Array.from(compress(Buffer.from([10, 200, 1])))))[0], 400);
  assert.deepEqual(await write(new Uint8Array(33 * 1024 * 1024)), [413, 'http: request body too large\n']);
  assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
  const counted = await (await fetch(`${url}/metrics`)).text();
  assert.match(counted, /prometheus_http_requests_total\{code="415",handler="\/api\/v1\/write"\} 4/);
});

test('remote read: what cannot be read gets the real status and words, and the service goes on', async (t) => {
  const { post, url } = await open(t);
  const read = (body: Uint8Array<ArrayBuffer>) => post('/api/v1/read', PROTOBUF, body);
  assert.equal((await read(bytes(255, 255, 255, 255, 15, 0)))[0], 400, 'a bomb: four gigabytes are announced');
  assert.equal((await read(bytes()))[0], 400);
  assert.equal((await read(Uint8Array.from(compress(Buffer.from([10, 200, 1])))))[0], 400);
  assert.deepEqual(await read(new Uint8Array(2 * 1024 * 1024)), [413, 'http: request body too large\n']);
  assert.equal((await fetch(`${url}/api/v1/read`)).status, 405);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /prometheus_remote_read_handler_queries 0/);
});

test('OTLP: wrong types, garbage, bombs and large bodies', async (t) => {
  const { post } = await open(t);
  const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    post('/api/v1/otlp/v1/metrics', headers, body);
  const type = { 'content-type': 'application/x-protobuf' };
  assert.equal((await send(bytes(1), { 'content-type': 'text/html' }))[0], 415);
  assert.equal((await send(bytes(10, 200), type))[0], 400);
  assert.equal((await send(Buffer.from('{"resourceMetrics": [{]}'), { 'content-type': 'application/json' }))[0], 400);
  assert.equal((await send(bytes(1, 2, 3), { ...type, 'content-encoding': 'gzip' }))[0], 400);
  const bomb = Uint8Array.from(gzipSync(Buffer.alloc(40_000_000)));
  assert.ok([400, 413].includes((await send(bomb, { ...type, 'content-encoding': 'gzip' }))[0]));
  assert.deepEqual(await send(new Uint8Array(33 * 1024 * 1024), type), [413, 'http: request body too large\n']);
});

test('a sender that goes away in the middle of its body leaves nothing behind', async (t) => {
  const { service, url } = await open(t);
  for (let i = 0; i < 5; i++) {
    const socket = net.connect(service.port, '127.0.0.1');
    socket.write(
      'POST /api/v1/write HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 1000\r\n\r\nabc',
    );
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.destroy();
  }
  assert.equal((await fetch(`${url}/api/v1/query?query=1`)).status, 200);
  assert.equal(service.store.stats.seriesCount, 0);
});

type Targets = { scrapeUrl: string; health: string; lastError: string }[];

test('targets that answer nonsense are down, each with its reason, and memory stays bounded', async (t) => {
  const answers: Record<string, RequestListener> = {
    '/garbage': (_, response) => response.setHeader('content-type', 'text/plain').end(Buffer.from([7, 255, 0, 10])),
    '/html': (_, response) => response.setHeader('content-type', 'text/html').end('<html>'),
    '/gzip': (_, response) => response.setHeader('content-encoding', 'gzip').end('no gzip'),
    '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
    '/away': (_, response) => response.writeHead(503).end(),
    '/endless': (_, response) => {
      response.setHeader('content-type', 'text/plain');
      const line = `${'# '.repeat(32_000)}\n`;
      const write = () => {
        while (response.write(line));
      };
      response.on('drain', write);
      write();
    },
    '/drip': (_, response) => {
      response.setHeader('content-type', 'text/plain').write('a 1\n');
    },
    '/half': (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100 }).write('a 1\n');
      response.socket!.end();
    },
  };
  const server = createServer((request, response) => answers[request.url!]!(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jobs = Object.keys(answers).map(
    (path) =>
      `{job_name: "${path}", metrics_path: "${path}", body_size_limit: 1MB, static_configs: [{targets: ["${target}"]}]}`,
  );
  const { url, service } = await open(t, `global: {scrape_interval: 200ms}\nscrape_configs: [${jobs.join(', ')}]`);
  const before = process.memoryUsage().rss;
  const targets = async () =>
    ((await (await fetch(`${url}/api/v1/targets`)).json()) as { data: { activeTargets: Targets } }).data.activeTargets;
  while ((await targets()).some(({ health }) => health === 'unknown'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const errors = Object.fromEntries(
    (await targets()).map(({ scrapeUrl, health, lastError }) => {
      assert.equal(health, 'down', scrapeUrl);
      return [new URL(scrapeUrl).pathname, lastError.replaceAll(target, 'T')];
    }),
  );
  assert.match(errors['/garbage']!, /line 1: expected/);
  assert.equal(
    errors['/html'],
    'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
  );
  assert.match(errors['/gzip']!, /gzip: invalid body/);
  assert.equal(errors['/loop'], 'Get "http://T/loop": stopped after 10 redirects');
  assert.equal(errors['/away'], 'server returned HTTP status 503 Service Unavailable');
  assert.equal(errors['/endless'], 'body size limit exceeded');
  assert.equal(errors['/drip'], 'Get "http://T/drip": context deadline exceeded');
  assert.equal(errors['/half'], 'Get "http://T/half": unexpected EOF');
  const up = await (await fetch(`${url}/api/v1/query?query=sum(up)`)).json();
  assert.equal((up as { data: { result: [{ value: [number, string] }] } }).data.result[0].value[1], '0');
  assert.match(
    await (await fetch(`${url}/metrics`)).text(),
    /prometheus_target_scrapes_exceeded_body_size_limit_total [1-9]/,
  );
  assert.ok(process.memoryUsage().rss - before < 200e6, 'an endless body is not kept');
  assert.ok(service.store.stats.seriesCount < 100);
});

test('a clock that jumps hours ahead and back does not stop scraping', async (t) => {
  let scrapes = 0;
  const server = createServer((_, response) => {
    scrapes++;
    response.setHeader('content-type', 'text/plain').end(`a ${scrapes}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const yaml = `scrape_configs: [{job_name: j, scrape_interval: 10s, static_configs: [{targets: ["127.0.0.1:${(server.address() as AddressInfo).port}"]}]}]`;
  const { service } = await open(t, yaml, clock);
  const until = async (wanted: () => boolean) => {
    for (let turns = 0; !wanted(); turns++) {
      assert.ok(turns < 2_000, 'scraping stopped');
      await clock.advance(turns % 20 === 0 ? 5_000 : 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await until(() => scrapes >= 3);
  clock.jump(clock.nowMs() + 5 * 3_600_000);
  const ahead = scrapes;
  await until(() => scrapes >= ahead + 3);
  clock.jump(clock.nowMs() - 5 * 3_600_000);
  const back = scrapes;
  await until(() => scrapes >= back + 3);
  assert.ok(service.store.stats.appendedCount > 0);
});
