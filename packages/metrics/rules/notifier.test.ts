import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkMap, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { Labels } from '../model/labels.ts';
import type { Fetch } from '../scrape/fetch.ts';
import type { Alert } from './alert-lifecycle.ts';
import { Notifier } from './notifier.ts';

const T0 = Date.UTC(2026, 0, 1);
const ALERT: Alert = {
  phase: 'firing',
  labels: Labels.from({ alertname: 'A', host: 'h', secret: 's' }),
  annotations: Labels.from({ summary: 'hot' }),
  value: 1,
  activeAtMs: T0 - 60_000,
  firedAtMs: T0,
  resolvedAtMs: 0,
  lastSentMs: T0,
  keepFiringSinceMs: 0,
};

const CONFIG = `
global: {external_labels: {cluster: c}}
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: secret}]
  alertmanagers: [{path_prefix: /am, static_configs: [{targets: ["one:9093", "two:9093"]}]}]
`;

async function notifier(status: (url: string) => number) {
  const clock = new FakeClock(T0);
  const posts: { url: string; body: unknown }[] = [];
  const fetch: Fetch = async ({ url, body }) => {
    posts.push({ url, body: JSON.parse(Buffer.from(body!).toString()) });
    return { status: status(url), contentType: '', body: new Uint8Array() };
  };
  const dns = {
    resolve4: async () => [],
    resolve6: async () => [],
    resolveSrv: async () => [],
    resolveMx: async () => [],
    resolveNs: async () => [],
  };
  const sent = new Map<string, number>();
  const counts = {
    sent: (url: string, count: number) => void sent.set(url, (sent.get(url) ?? 0) + count),
    failed() {},
    dropped() {},
  };
  const made = new Notifier({
    clock,
    log: silentLog,
    network: new NetworkMap(),
    fetch,
    dns,
    externalUrl: () => 'http://p',
    counts,
  });
  const { config } = parsePrometheusConfig(CONFIG, 'p.yml');
  made.apply(config!.alerting, Labels.from(config!.global.externalLabels));
  return { clock, posts, sent, notifier: made };
}

test('every Alertmanager gets the alert with external labels, relabelled, with its times and a link', async () => {
  const n = await notifier(() => 200);
  n.notifier.send([{ alert: ALERT, expr: 'up == 0', validUntilMs: T0 + 240_000 }]);
  await n.clock.advance(0);
  assert.deepEqual(
    n.posts.map(({ url }) => url),
    ['http://one:9093/am/api/v2/alerts', 'http://two:9093/am/api/v2/alerts'],
  );
  assert.deepEqual(n.posts[0]!.body, [
    {
      labels: { alertname: 'A', cluster: 'c', host: 'h' },
      annotations: { summary: 'hot' },
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2026-01-01T00:04:00.000Z',
      generatorURL: 'http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    },
  ]);
  assert.equal(n.notifier.queueLength, 0);
  await n.notifier.close();
});

test('while none takes it the alert waits; one that takes it is enough', async () => {
  let up = false;
  const n = await notifier((url) => (up && url.includes('two') ? 200 : 503));
  n.notifier.send([{ alert: { ...ALERT, phase: 'inactive', resolvedAtMs: T0 + 1000 }, expr: 'x', validUntilMs: 0 }]);
  await n.clock.advance(1_000);
  assert.equal(n.notifier.queueLength, 1);
  up = true;
  await n.clock.advance(5_000);
  assert.equal(n.notifier.queueLength, 0);
  assert.equal(n.sent.get('http://two:9093/am/api/v2/alerts'), 1);
  assert.equal((n.posts.at(-1)!.body as { endsAt: string }[])[0]!.endsAt, '2026-01-01T00:00:01.000Z');
  await n.notifier.close();
});
