import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { openMetricsService } from '../service/open-metrics-service.ts';
import { AMTOOL, missing, startAlertmanager, until } from './testing/alertmanager-process.ts';

const config = (hook: string) => `
route:
  receiver: shop
  group_by: [alertname]
  group_wait: 200ms
  group_interval: 400ms
  repeat_interval: 1h
  routes:
    - matchers: [severity="critical", team=~"x|y"]
      receiver: night
      group_by: ['...']
    - match: {kind: old}
      receiver: quiet
      continue: true
    - match_re: {kind: o.*}
      receiver: shop
receivers:
  - name: shop
    webhook_configs: [{url: "${hook}/shop", max_alerts: 2}]
  - name: night
    webhook_configs: [{url: "${hook}/night", send_resolved: false}]
  - name: quiet
    webhook_configs: [{url: "${hook}/quiet"}]
inhibit_rules:
  - source_matchers: [alertname="Src"]
    target_matchers: [alertname="Tgt"]
    equal: [zone]
`;

const ALERTS = [
  { labels: { alertname: 'A<b>', job: 'j', e: '' }, annotations: { s: '<&>', t: 'x' }, generatorURL: 'http://p/graph' },
  { labels: { alertname: 'A<b>', job: 'i' }, annotations: { t: 'x' } },
  { labels: { alertname: 'A<b>', instance: 'q', zone: 'ü' } },
  { labels: { alertname: 'C', severity: 'critical', team: 'x' } },
  { labels: { alertname: 'Src', zone: '1' } },
  { labels: { alertname: 'Tgt', zone: '1' } },
  { labels: { alertname: 'Tgt', zone: '2' } },
  { labels: { alertname: 'Old', kind: 'old' } },
];

/** Requests whose answers must be the same, but for ids, times and what later versions added. */
const REQUESTS: readonly (readonly [method: string, path: string, body?: string, type?: string])[] = [
  ['GET', '/alerts'],
  ['GET', '/alerts?filter=alertname%3D%22C%22&active=true'],
  ['GET', '/alerts?filter=alert%5B'],
  ['GET', '/alerts?filter=alertname%3D~%22C%7CSrc%22&filter=zone!%3D%22%22'],
  ['GET', '/alerts?receiver=%5B'],
  ['GET', '/alerts?receiver=night'],
  ['GET', '/alerts?active=maybe'],
  ['GET', '/alerts?inhibited=false'],
  ['GET', '/alerts/groups'],
  ['GET', '/receivers'],
  ['GET', '/nothing'],
  ['GET', '/silence/nope'],
  ['GET', '/silence/00000000-0000-0000-0000-000000000000'],
  ['POST', '/alerts', '[{"labels":{}}]'],
  ['POST', '/alerts', '[{"annotations":{}}]'],
  ['POST', '/alerts', '[{"labels":{"a\\"b":"c"}}]'],
  ['POST', '/alerts', 'x=1', 'application/x-www-form-urlencoded'],
  ['POST', '/silences', '{"startsAt":"2016-11-22T10:00:00Z"}'],
  ['POST', '/silences', silence('[]')],
  ['POST', '/silences', silence('[{"name":"a","value":"","isRegex":false}]')],
  ['POST', '/silences', silence('[{"name":"a","value":"(","isRegex":true}]')],
  ['POST', '/silences', silence('[{"name":"a","value":"b","isRegex":false}]', '2016-11-22T10:00:00Z')],
  [
    'POST',
    '/silences',
    silence('[{"name":"a","value":"b","isRegex":false}]').replace('{', '{"id":"00000000-0000-0000-0000-000000000000",'),
  ],
];

function silence(matchers: string, endsAt = '2096-11-22T10:00:00Z'): string {
  return `{"matchers":${matchers},"startsAt":"2016-11-23T10:00:00Z","endsAt":"${endsAt}","createdBy":"me","comment":"c"}`;
}

test('the embedded Alertmanager sends and answers what the real one does', {
  skip: missing,
  timeout: 60_000,
}, async () => {
  await withTemporaryFolder(async (folder) => {
    const hooks = [await openHook(), await openHook()] as const;
    const ours = await openOurs(`${folder}/ours`, config(hooks[1].url));
    const real = await startAlertmanager(folder, config(hooks[0].url));
    assert.equal(
      (await fetch(`${ours.url}/alertmanager/`)).url,
      `${ours.url}/alerts`,
      'a page for whoever looks there',
    );
    const urls = [`${real.url}/api/v2`, `${ours.url}/alertmanager/api/v2`] as const;
    try {
      const posted = JSON.stringify(ALERTS.map((alert) => ({ ...alert, startsAt: new Date().toISOString() })));
      for (const url of urls) assert.equal((await ask(url, 'POST', '/alerts', posted)).status, 200);
      await until(() => hooks.every(({ bodies }) => bodies.length >= 6));
      assert.deepEqual(normalBodies(hooks[1].bodies), normalBodies(hooks[0].bodies));
      for (const [method, path, body, type] of REQUESTS) {
        const [expected, actual] = await Promise.all(urls.map((url) => ask(url, method, path, body, type)));
        assert.deepEqual(normal(actual), normal(expected), `${method} ${path} ${body ?? ''}`);
      }
      for (const { bodies } of hooks) bodies.length = 0;
      const ended = JSON.stringify(ALERTS.map((alert) => ({ ...alert, endsAt: new Date().toISOString() })));
      for (const url of urls) await ask(url, 'POST', '/alerts', ended);
      await until(() => hooks.every(({ bodies }) => bodies.length >= 5));
      assert.deepEqual(normalBodies(hooks[1].bodies), normalBodies(hooks[0].bodies));
      await amtoolWorks(`${ours.url}/alertmanager`);
    } finally {
      await real.stop();
      await ours.close();
      for (const hook of hooks) hook.close();
    }
  });
});

async function amtoolWorks(url: string): Promise<void> {
  const amtool = async (...args: string[]) =>
    (await promisify(execFile)(AMTOOL, [`--alertmanager.url=${url}`, ...args], { timeout: 20_000 })).stdout;
  const id = (await amtool('silence', 'add', 'alertname=Late', '--comment=c', '--author=me', '--duration=2h')).trim();
  assert.match(await amtool('silence', 'query', '--output=json'), new RegExp(id));
  await amtool('alert', 'add', 'Late', 'zone=3');
  assert.match(await amtool('alert', 'query', '--silenced', '--output=simple'), /Late/);
  await amtool('silence', 'expire', id);
  assert.match(await amtool('alert', 'query', '--output=simple'), /Late/);
  assert.match(await amtool('config', 'routes', 'test', 'severity=critical', 'team=x'), /night/);
}

/** Bodies in a fixed order, without times. */
function normalBodies(bodies: readonly string[]): readonly string[] {
  return bodies
    .map((body) =>
      body
        .replace(/"(startsAt|endsAt)":"2[^"]*"/g, '"$1":"*"')
        .replace(/"externalURL":"[^"]*"/, '"externalURL":"*"')
        .replace(/127\.0\.0\.1:\d+/g, '*'),
    )
    .toSorted();
}

function normal(answer: { status: number; type: string; body: string } | undefined) {
  assert.ok(answer);
  const body = answer.body
    .replace(/"(startsAt|endsAt|updatedAt)":"[^"]*"/g, '"$1":"*"')
    .replaceAll('"mutedBy":[],', '')
    // The real one escapes for HTML everywhere but in the labels of groups.
    .replaceAll('\\u003c', '<')
    .replaceAll('\\u003e', '>')
    .replace(/"path \/(?:alertmanager\/)?api/, '"path /api')
    .trim();
  return { status: answer.status, type: answer.type, body };
}

async function ask(url: string, method: string, path: string, body?: string, type = 'application/json') {
  const init = body === undefined ? { method } : { method, body, headers: { 'content-type': type } };
  const answer = await fetch(url + path, init);
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
}

async function openHook() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = request.url ?? '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  server.unref();
  return {
    bodies,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function openOurs(folder: string, yaml: string) {
  const service = await openMetricsService({
    config: { yaml: '' },
    alertmanagerConfig: { yaml },
    directory: openMemoryDirectory(folder),
    clock: systemClock,
    log: silentLog,
    network: new NetworkMap(),
    host: '127.0.0.1',
    port: 0,
    portOffset: 0,
  });
  return { url: service.addresses[0]!, close: () => service.close() };
}
