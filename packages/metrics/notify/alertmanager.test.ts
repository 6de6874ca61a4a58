import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import type { FetchRequest } from '../scrape/fetch.ts';
import { createAlert, type NotifyAlert } from './alert.ts';
import { Alertmanager } from './alertmanager.ts';
import { parseAlertmanagerConfig } from './config/alertmanager-config.ts';
import { createMatcher } from './matcher.ts';

const CONFIG = `
route:
  receiver: shop
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 1h
  routes:
    - matchers: [severity=critical]
      receiver: night
      mute_time_intervals: [weekend]
    - matchers: [team=~"a|b"]
      receiver: team
      group_by: [team]
receivers:
  - name: shop
    webhook_configs: [{url: "http://hook/shop"}]
  - name: night
    webhook_configs: [{url: "http://hook/night"}]
  - name: team
    webhook_configs: [{url: "http://hook/team", send_resolved: false, max_alerts: 1}]
inhibit_rules:
  - source_matchers: [alertname=Down]
    target_matchers: [alertname=Slow]
    equal: [app]
time_intervals:
  - name: weekend
    time_intervals: [{weekdays: [saturday, sunday]}]
`;

/** A Thursday. */
const START = Date.UTC(2026, 0, 1);

interface Sent {
  readonly path: string;
  readonly atS: number;
  readonly body: {
    status: string;
    receiver: string;
    groupKey: string;
    truncatedAlerts: number;
    alerts: { status: string; labels: Record<string, string>; endsAt: string }[];
  };
}

interface Bench {
  readonly clock: FakeClock;
  readonly sent: Sent[];
  readonly counts: Record<string, number>;
  answer: (path: string) => number | Error;
  manager: Alertmanager;
  readonly fire: (labels: Record<string, string>, forMs?: number) => void;
  readonly resolve: (labels: Record<string, string>) => void;
  restart(): Promise<void>;
}

async function withBench(
  run: (bench: Bench) => Promise<void>,
  yaml = CONFIG,
  directory: StorageDirectory = openMemoryDirectory(),
): Promise<void> {
  const clock = new FakeClock(START);
  const { config, issues } = parseAlertmanagerConfig(yaml, 'alertmanager.yml');
  issues.throwIfErrors();
  const sent: Sent[] = [];
  const counts: Record<string, number> = {};
  const count = (name: string, by = 1) => void (counts[name] = (counts[name] ?? 0) + by);
  const open = () =>
    Alertmanager.open(
      {
        directory,
        clock,
        log: silentLog,
        random: () => 0.5,
        externalUrl: () => 'http://am',
        fetch: async ({ url, body }: FetchRequest) => {
          const { pathname } = new URL(url);
          const answer = bench.answer(pathname);
          if (answer instanceof Error) throw answer;
          if (answer < 300) {
            const text = Buffer.from(body!).toString();
            sent.push({ path: pathname, atS: (clock.nowMs() - START) / 1000, body: JSON.parse(text) });
          }
          return { status: answer, contentType: '', body: new Uint8Array() };
        },
        counts: {
          attempted: () => count('attempted'),
          sent: () => count('sent'),
          failed: () => count('failed'),
          suppressed: (reason, by) => count(reason, by),
        },
      },
      config!,
    );
  const alert = (labels: Record<string, string>, endsAtMs: number): NotifyAlert =>
    createAlert({
      labels: Labels.from(labels),
      annotations: {},
      startsAtMs: started.get(JSON.stringify(labels)) ?? clock.nowMs(),
      endsAtMs,
      generatorURL: '',
      updatedAtMs: clock.nowMs(),
      timesOut: false,
    });
  const started = new Map<string, number>();
  const bench: Bench = {
    clock,
    sent,
    counts,
    answer: () => 200,
    manager: undefined as unknown as Alertmanager,
    fire(labels, forMs = 3_600_000) {
      const key = JSON.stringify(labels);
      if (!started.has(key)) started.set(key, clock.nowMs());
      bench.manager.receive([alert(labels, clock.nowMs() + forMs)]);
    },
    resolve: (labels) => void bench.manager.receive([alert(labels, clock.nowMs())]),
    async restart() {
      await bench.manager.close();
      bench.manager = await open();
    },
  };
  bench.manager = await open();
  try {
    await run(bench);
  } finally {
    await bench.manager.close();
  }
}

const shapes = (sent: readonly Sent[]) =>
  sent.map(
    ({ atS, path, body }) => `${atS} ${path} ${body.status} ${body.alerts.map(({ status }) => status[0]).join('')}`,
  );

test('a group waits, collects, tells changes at its interval, repeats, and tells the end once', async () => {
  await withBench(async ({ clock, sent, fire, resolve }) => {
    fire({ alertname: 'A', app: 'x' }, 10 * 3_600_000);
    await clock.advance(20_000);
    fire({ alertname: 'A', app: 'y' }, 10 * 3_600_000);
    await clock.advance(60_000);
    assert.deepEqual(shapes(sent), ['30 /shop firing ff']);
    await clock.advance(3_600_000);
    // Nothing changed: repeated with the first interval that ends after an hour.
    assert.equal(sent.length, 1);
    await clock.advance(300_000);
    assert.deepEqual(shapes(sent).slice(1), ['3930 /shop firing ff']);
    resolve({ alertname: 'A', app: 'x' });
    await clock.advance(600_000);
    assert.deepEqual(shapes(sent).slice(2), ['4230 /shop firing rf']);
    resolve({ alertname: 'A', app: 'y' });
    await clock.advance(3 * 3_600_000);
    assert.deepEqual(shapes(sent).slice(3), ['4830 /shop resolved r']);
  });
});

test('routes choose receivers, groups and limits; resolved messages only where they are wanted', async () => {
  await withBench(async ({ clock, sent, fire, resolve }) => {
    fire({ alertname: 'A', team: 'a', n: '1' });
    fire({ alertname: 'B', team: 'a', n: '2' });
    fire({ alertname: 'C', severity: 'critical' });
    await clock.advance(31_000);
    assert.deepEqual(shapes(sent).toSorted(), ['30 /night firing f', '30 /team firing f']);
    const team = sent.find(({ path }) => path === '/team')!;
    assert.deepEqual([team.body.groupKey, team.body.truncatedAlerts], ['{}/{team=~"a|b"}:{team="a"}', 1]);
    resolve({ alertname: 'A', team: 'a', n: '1' });
    resolve({ alertname: 'B', team: 'a', n: '2' });
    await clock.advance(1_000_000);
    assert.equal(sent.filter(({ path }) => path === '/team').length, 1);
  });
});

test('inhibited, silenced and muted alerts are not told, and are when nothing holds them back', async () => {
  await withBench(async (bench) => {
    const { clock, sent, fire, resolve, counts } = bench;
    fire({ alertname: 'Down', app: 'x' });
    fire({ alertname: 'Slow', app: 'x' });
    fire({ alertname: 'Slow', app: 'y' });
    const id = await bench.manager.setSilence({
      id: '',
      matchers: [createMatcher('app', '=', 'y')],
      startsAtMs: START,
      endsAtMs: START + 600_000,
      updatedAtMs: 0,
      createdBy: 'me',
      comment: 'known',
    });
    await clock.advance(31_000);
    assert.deepEqual(shapes(sent), ['30 /shop firing f']);
    assert.deepEqual([counts.inhibition, counts.silence], [1, 1]);
    await bench.manager.expireSilence(id);
    resolve({ alertname: 'Down', app: 'x' });
    await clock.advance(300_000);
    assert.deepEqual(shapes(sent).slice(1).toSorted(), ['330 /shop firing ff', '330 /shop resolved r']);
    // From Saturday on the critical ones wait for Monday.
    clock.jump(Date.UTC(2026, 0, 3, 12));
    fire({ alertname: 'C', severity: 'critical' }, 7 * 86_400_000);
    await clock.advance(31_000);
    assert.equal(sent.filter(({ path }) => path === '/night').length, 0);
    clock.jump(Date.UTC(2026, 0, 5, 0, 1));
    await clock.advance(300_000);
    assert.equal(sent.filter(({ path }) => path === '/night').length, 1);
  });
});

test('a receiver that fails is tried again with growing waits, a refusal is not, and both are counted', async () => {
  await withBench(async (bench) => {
    const { clock, sent, fire, counts } = bench;
    let failures = 3;
    bench.answer = () => (failures-- > 0 ? 503 : 200);
    fire({ alertname: 'A' });
    await clock.advance(30_000);
    await clock.advance(10_000);
    assert.deepEqual(shapes(sent), ['32.375 /shop firing f']);
    assert.deepEqual([counts.attempted, counts.sent, counts.failed], [4, 1, undefined]);
    bench.answer = () => 400;
    fire({ alertname: 'B' });
    await clock.advance(40_000);
    assert.deepEqual([counts.attempted, counts.failed], [5, 1]);
    assert.deepEqual(bench.manager.state.history.at(-1)?.error, 'unexpected status code 400');
    // It is told with the group's next interval.
    bench.answer = () => 200;
    await clock.advance(300_000);
    assert.equal(sent.length, 2);
  });
});

test('silences and what was told survive a restart: nothing is doubled, nothing is forgotten', async () => {
  await withBench(async (bench) => {
    const { clock, sent, fire, resolve } = bench;
    fire({ alertname: 'A' });
    await bench.manager.setSilence({
      id: '',
      matchers: [createMatcher('alertname', '=~', 'B.*')],
      startsAtMs: START,
      endsAtMs: START + 86_400_000,
      updatedAtMs: 0,
      createdBy: 'me',
      comment: '',
    });
    await clock.advance(40_000);
    assert.equal(sent.length, 1);
    await bench.restart();
    fire({ alertname: 'A' });
    fire({ alertname: 'B1' });
    await clock.advance(1_000_000);
    assert.equal(sent.length, 1);
    assert.equal(bench.manager.state.history.length, 1);
    resolve({ alertname: 'A' });
    await bench.restart();
    resolve({ alertname: 'A' });
    await clock.advance(400_000);
    assert.deepEqual(
      shapes(sent)
        .slice(1)
        .map((shape) => shape.replace(/^\S+ /, '')),
      ['/shop resolved r'],
    );
  });
});

test('a receiver without a webhook tells nobody, and the history says so', async () => {
  await withBench(async ({ clock, fire, manager, sent }) => {
    fire({ alertname: 'A' });
    await clock.advance(60_000);
    assert.equal(sent.length, 0);
    assert.deepEqual(
      manager.state.history.map(({ outcome, alertNames }) => [outcome, ...alertNames]),
      [['nobody', 'A']],
    );
  }, 'route: {receiver: n}\nreceivers: [{name: n}]\n');
});

test('an alert that nobody repeats ends by itself; another configuration groups all anew without telling twice', async () => {
  await withBench(async (bench) => {
    const { clock, sent, fire } = bench;
    fire({ alertname: 'A' }, 240_000);
    await clock.advance(31_000);
    const { config } = parseAlertmanagerConfig(CONFIG.replace('group_interval: 5m', 'group_interval: 2m'), 'a');
    await bench.manager.apply(config!);
    await clock.advance(120_000);
    assert.deepEqual(shapes(sent), ['30 /shop firing f']);
    await clock.advance(240_000);
    assert.deepEqual(
      shapes(sent)
        .slice(1)
        .map((shape) => shape.replace(/^\S+ /, '')),
      ['/shop resolved r'],
    );
  });
});
