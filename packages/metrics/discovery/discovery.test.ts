import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NetworkMap, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { createFetch } from '../scrape/fetch.ts';
import type { DiscoveredTarget } from '../scrape/target.ts';
import { type Mechanism, startDiscovery } from './discovery.ts';

/** Discovery of one scrape config, and what it says. */
function discover(t: TestContext, section: string, dns = new Resolver()) {
  const { config, issues } = parsePrometheusConfig(`scrape_configs: [{job_name: j, ${section}}]`, 'p.yml');
  assert.deepEqual(issues.errors, []);
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const updates: (readonly DiscoveredTarget[])[] = [];
  const failures: Mechanism[] = [];
  const waiting: (() => void)[] = [];
  const told = () => {
    for (const wake of waiting.splice(0)) wake();
  };
  const network = new NetworkMap();
  network.register('mapped:80', { host: '127.0.0.1', port: 1 });
  const running = startDiscovery(
    config!.scrapeConfigs[0]!.discovery,
    {
      clock,
      log: silentLog,
      network,
      fetch: createFetch(new NetworkMap()),
      dns,
      onDiscoveryFailure(mechanism) {
        failures.push(mechanism);
        told();
      },
    },
    (targets) => {
      updates.push(targets);
      told();
    },
  );
  t.after(() => running.stop());
  /** Waits until so many updates or failures have come. */
  const until = async (count: { updates?: number; failures?: number }) => {
    while (updates.length < (count.updates ?? 0) || failures.length < (count.failures ?? 0))
      await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const labels = () => updates.at(-1)!.map((target) => target.labels);
  return { clock, updates, failures, until, labels, stop: () => running.stop() };
}

type Zone = Readonly<Record<string, readonly Buffer[] | 'servfail'>>;

/** A DNS server (RFC 1035) that answers questions of `TYPE name` with the data of its records. */
async function nameServer(t: TestContext, zone: { current: Zone }): Promise<Resolver> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const parts: string[] = [];
    let at = 12;
    for (; query[at] !== 0; at += query[at]! + 1) parts.push(query.subarray(at + 1, at + 1 + query[at]!).toString());
    const type = query.readUInt16BE(at + 1);
    const found = zone.current[`${type} ${parts.join('.')}`];
    const records = Array.isArray(found) ? (found as readonly Buffer[]) : [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (found === undefined ? 3 : found === 'servfail' ? 2 : 0), 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    const answers = records.map((data) => {
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc00c, 0);
      head.writeUInt16BE(type, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, at + 5), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  const resolver = new Resolver({ tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}

const rooted = (name: string) =>
  Buffer.concat([...name.split('.').map((part) => Buffer.from([part.length, ...Buffer.from(part)])), Buffer.from([0])]);
const numbers = (...values: readonly number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const A = 1;
const NS = 2;
const MX = 15;
const AAAA = 28;
const SRV = 33;

test('DNS: every type of record, from a real name server', async (t) => {
  const zone = {
    current: {
      [`${A} a.test`]: [Buffer.from([10, 0, 0, 2]), Buffer.from([10, 0, 0, 1])],
      [`${AAAA} a.test`]: [Buffer.from([...Array(15).fill(0), 1])],
      [`${SRV} _x._tcp.test`]: [Buffer.concat([numbers(0, 0, 9100), rooted('h1.test')])],
      [`${MX} a.test`]: [Buffer.concat([numbers(10), rooted('mail.test')])],
      [`${NS} a.test`]: [rooted('ns.test')],
    } as Zone,
  };
  const dns = await nameServer(t, zone);
  const look = async (section: string) => {
    const found = discover(t, `dns_sd_configs: [{${section}}]`, dns);
    await found.until({ updates: 2 });
    found.stop();
    return found.labels();
  };
  const a = { __meta_dns_name: 'a.test' };
  assert.deepEqual(await look('names: [a.test], type: A, port: 80'), [
    { __address__: '10.0.0.1:80', ...a },
    { __address__: '10.0.0.2:80', ...a },
  ]);
  assert.deepEqual(await look('names: [a.test], type: aaaa, port: 80'), [{ __address__: '[::1]:80', ...a }]);
  assert.deepEqual(await look('names: [a.test], type: MX, port: 25'), [
    { __address__: 'mail.test:25', __meta_dns_mx_record_target: 'mail.test.', ...a },
  ]);
  assert.deepEqual(await look('names: [a.test], type: NS, port: 53'), [
    { __address__: 'ns.test:53', __meta_dns_ns_record_target: 'ns.test.', ...a },
  ]);
  assert.deepEqual(await look('names: [_x._tcp.test]'), [
    {
      __address__: 'h1.test:9100',
      __meta_dns_name: '_x._tcp.test',
      __meta_dns_srv_record_target: 'h1.test.',
      __meta_dns_srv_record_port: '9100',
    },
  ]);
  assert.deepEqual(await look('names: [mapped], type: A, port: 80'), [
    { __address__: 'mapped:80', __meta_dns_name: 'mapped' },
  ]);
});

test('DNS: a server that fails keeps the targets, one that knows of none takes them away', async (t) => {
  const one = [Buffer.from([10, 0, 0, 1])];
  const zone = { current: { [`${A} a.test`]: one, [`${A} b.test`]: one } as Zone };
  const dns = await nameServer(t, zone);
  const found = discover(
    t,
    'dns_sd_configs: [{names: [a.test, b.test], type: A, port: 80, refresh_interval: 10s}]',
    dns,
  );
  await found.until({ updates: 2 });
  assert.equal(found.labels().length, 2);
  zone.current = { [`${A} a.test`]: 'servfail' };
  await found.clock.advance(10_000);
  await found.until({ updates: 3, failures: 1 });
  assert.deepEqual(found.labels(), [{ __address__: '10.0.0.1:80', __meta_dns_name: 'a.test' }]);
  assert.deepEqual(found.failures, ['dns']);
});

test('HTTP: groups, and bad answers of every kind keep the last good ones', async (t) => {
  let answer: RequestListener = (request, response) => {
    assert.equal(request.headers['x-prometheus-refresh-interval-seconds'], '30');
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end('[{"targets": ["h:1", "h:2"], "labels": {"zone": "a"}}, {"targets": []}]');
  };
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sd`;
  const found = discover(t, `http_sd_configs: [{url: "${url}", refresh_interval: 30s}]`);
  await found.until({ updates: 2 });
  const good = ['h:1', 'h:2'].map((address) => ({ __address__: address, __meta_url: url, zone: 'a' }));
  assert.deepEqual(found.labels(), good);
  const bad: readonly (readonly [number, string, string])[] = [
    [500, 'application/json', '[]'],
    [200, 'text/html', '[]'],
    [200, 'application/json', '[{'],
    [200, 'application/json', '{}'],
    [200, 'application/json', '[{"targets": [1]}]'],
  ];
  for (const [i, [status, type, body]] of bad.entries()) {
    answer = (_, response) => response.writeHead(status, { 'content-type': type }).end(body);
    await found.clock.advance(30_000);
    await found.until({ failures: i + 1 });
    assert.deepEqual(found.labels(), good);
  }
  answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  await found.clock.advance(30_000);
  await found.until({ updates: 3 });
  assert.deepEqual(found.labels(), []);
});

test('files: patterns, changes, new and removed files; bad content keeps what that file had', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-discovery-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('a.json', '[{"targets": ["a:1"], "labels": {"x": "y"}}]');
  write('b.yml', '- targets: [b:1]\n');
  const found = discover(t, `file_sd_configs: [{files: ["${folder}/*.json", "${folder}/b.yml"]}]`);
  const seen = () => found.labels().map((labels) => labels.__address__);
  await found.until({ updates: 2 });
  assert.deepEqual(found.labels()[0], { __address__: 'a:1', __meta_filepath: join(folder, 'a.json'), x: 'y' });
  assert.deepEqual(seen(), ['a:1', 'b:1']);
  write('c.json', '[{"targets": ["c:1", "c:2"]}]');
  write('a.json', '[{"targets": ["a:1"}');
  await found.clock.advance(5_000);
  await found.until({ updates: 3, failures: 1 });
  assert.deepEqual(seen(), ['a:1', 'c:1', 'c:2', 'b:1']);
  write('a.json', '[{"targets": ["a:2"]}]');
  rmSync(join(folder, 'b.yml'));
  await found.clock.advance(5_000);
  await found.until({ updates: 4 });
  assert.deepEqual(seen(), ['a:2', 'c:1', 'c:2']);
  assert.deepEqual(found.failures, ['file']);
});
