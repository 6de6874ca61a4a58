import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { Labels } from '../model/labels.ts';
import { createEngine } from '../promql/index.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import type { OutgoingAlert } from './rule-group.ts';
import { RuleManager } from './rule-manager.ts';

const T0 = Date.UTC(2026, 0, 1);

/** A rule manager over a store whose gauge `load` is set by the test. */
async function rules(text: string, directory = openMemoryDirectory(), clock = new FakeClock(T0)) {
  const folder = await mkdtemp(join(tmpdir(), 'mario-rules-'));
  const file = join(folder, 'r.yml');
  await writeFile(file, text);
  const store = await MetricsStore.open({ directory, clock, log: silentLog });
  const sent: OutgoingAlert[] = [];
  const manager = new RuleManager({
    engine: createEngine(),
    queryable: store,
    store,
    clock,
    externalUrl: 'http://p',
    observer: { evaluated() {}, iterated() {} },
    send: (alerts) => sent.push(...alerts),
  });
  const apply = async () => {
    const { config } = parsePrometheusConfig(
      `{global: {evaluation_interval: 1m}, rule_files: ["${file}"]}`,
      join(folder, 'p.yml'),
    );
    await manager.apply(manager.read(config!), config!);
  };
  await apply();
  const load = (values: Record<string, number>) => {
    const names = Object.keys(values);
    const refs = Int32Array.from(names, (host) => store.ref(Labels.from({ __name__: 'load', host })));
    const row = {
      group: 'test',
      timestampMs: clock.nowMs(),
      count: names.length,
      refs,
      values: Float64Array.from(Object.values(values)),
      stale: null,
      histograms: null,
    };
    return store.append({ rows: [row] });
  };
  const dump = async (name: string) => {
    const set = await store.select([{ name: '__name__', op: '=', value: name }], { startMs: 0, endMs: Infinity });
    return Object.fromEntries(
      set.labels.map((labels, i) => {
        const { from, to, values, stale } = set.read(i);
        return [
          String(labels),
          Array.from({ length: to - from }, (_, p) => (stale?.includes(from + p) ? 'stale' : values[from + p])),
        ];
      }),
    );
  };
  const close = async () => {
    await manager.close();
    await store.close();
    await rm(folder, { recursive: true });
  };
  return {
    clock,
    store,
    manager,
    load,
    dump,
    sent,
    apply,
    write: (next: string) => writeFile(file, next),
    close,
    directory,
  };
}

const RECORD = `
groups:
- name: g
  labels: {team: oven}
  rules:
  - {record: "load:sum", expr: "sum(load)", labels: {kind: total}}
  - {record: "load:double", expr: "load:sum * 2"}
  - {record: "load:each", expr: "load > 5"}
`;

test('recording rules store their results; later rules see earlier ones; what vanishes becomes stale', async () => {
  const r = await rules(RECORD);
  await r.load({ a: 4, b: 8 });
  await r.clock.advance(60_000);
  await r.load({ a: 4, b: 2 });
  await r.clock.advance(60_000);
  assert.deepEqual(await r.dump('load:sum'), { 'load:sum{kind="total", team="oven"}': [12, 6] });
  assert.deepEqual(await r.dump('load:double'), { 'load:double{kind="total", team="oven"}': [24, 12] });
  assert.deepEqual(await r.dump('load:each'), { 'load:each{host="b", team="oven"}': [8, 'stale'] });
  assert.deepEqual(
    r.manager.states[0]!.rules.map(({ health }) => health),
    ['ok', 'ok', 'ok'],
  );
  await r.close();
});

test('a rule waits for the writes of those it reads, and the others reach the disk together', {
  timeout: 20_000,
}, async () => {
  const r = await rules(RECORD);
  const log: string[] = [];
  const append = r.store.append.bind(r.store);
  const { promise: third, resolve: eachBegan } = Promise.withResolvers<void>();
  const nameOf = new Map<number, string>();
  const ref = r.store.ref.bind(r.store);
  r.store.ref = (labels) => {
    const at = ref(labels);
    nameOf.set(at, labels.metricName);
    return at;
  };
  r.store.append = async (request) => {
    const name = nameOf.get(request.rows[0]!.refs[0]!)!;
    log.push(`${name} begins`);
    const result = await append(request);
    if (name === 'load:each') eachBegan();
    // The disk is slow: were the third rule to wait for the second, this would never end.
    if (name === 'load:double') await third;
    log.push(`${name} ends`);
    return result;
  };
  await r.load({ a: 4, b: 8 });
  log.length = 0;
  await r.clock.advance(60_000);
  assert.deepEqual(log.slice(0, 4), ['load:sum begins', 'load:sum ends', 'load:double begins', 'load:each begins']);
  assert.deepEqual(log.slice(4).toSorted(), ['load:double ends', 'load:each ends']);
  await r.close();
});

const ALERT = `
groups:
- name: g
  rules:
  - alert: Hot
    expr: load > 5
    for: 2m
    labels: {severity: page, where: "{{ $labels.host }}"}
    annotations: {summary: "{{ $labels.host }} at {{ $value | printf \\"%.1f\\" }}", broken: "{{ query \\"none\\" | first }}"}
`;

test('an alert waits, fires, is sent, and is resolved; its state is in ALERTS', async () => {
  const r = await rules(ALERT);
  for (let minute = 0; minute < 5; minute++) {
    await r.load({ a: minute < 4 ? 9 : 1 });
    await r.clock.advance(60_000);
  }
  const [firing, resolved] = r.sent.filter((each, i, all) => i === 0 || each.alert.phase !== all[i - 1]!.alert.phase);
  assert.equal(firing!.alert.phase, 'firing');
  assert.equal(firing!.alert.annotations.get('summary'), 'a at 9.0');
  assert.match(
    firing!.alert.annotations.get('broken'),
    /<error expanding template: .*first\(\) called on vector with no elements/,
  );
  assert.deepEqual(firing!.alert.labels.toObject(), {
    ...Object.fromEntries([
      ['alertname', 'Hot'],
      ['host', 'a'],
      ['severity', 'page'],
      ['where', 'a'],
    ]),
    __proto__: null,
  });
  assert.equal(resolved!.alert.phase, 'inactive');
  const alerts = await r.dump('ALERTS');
  const names = 'alertname="Hot", alertstate';
  const rest = 'host="a", severity="page", where="a"';
  assert.deepEqual(alerts, {
    [`ALERTS{${names}="firing", ${rest}}`]: [1, 1, 'stale'],
    [`ALERTS{${names}="pending", ${rest}}`]: [1, 1, 'stale'],
  });
  await r.close();
});

test('a restart gives an alert back how long it had been waiting', async () => {
  const text = ALERT.replace('for: 2m', 'for: 30m');
  const directory = openMemoryDirectory();
  const clock = new FakeClock(T0);
  const first = await rules(text, directory, clock);
  for (let minute = 0; minute < 15; minute++) {
    await first.load({ a: 9 });
    await clock.advance(60_000);
  }
  const before = first.manager.states[0]!.rules[0]!;
  await first.close();
  await clock.advance(120_000);
  const second = await rules(text, directory, clock);
  for (let minute = 0; minute < 2; minute++) {
    await second.load({ a: 9 });
    await clock.advance(60_000);
  }
  const after = second.manager.states[0]!.rules[0]!;
  assert.ok(before.kind === 'alerting' && after.kind === 'alerting');
  const gapMs = after.alerts[0]!.activeAtMs - before.alerts[0]!.activeAtMs;
  assert.ok(gapMs > 0 && gapMs <= 300_000, `active since ${gapMs} ms later`);
  assert.equal(after.state, 'pending');
  await second.close();
});

test('a failing rule says why and the others go on; a reload keeps alerts and ends what was removed', async () => {
  const r = await rules(
    `${ALERT}  - {record: twice, expr: "label_replace(load, \\"host\\", \\"x\\", \\"\\", \\"\\")"}\n  - {record: gone, expr: "vector(1)"}\n`,
  );
  await r.load({ a: 9, b: 8 });
  await r.clock.advance(60_000);
  const [hot, twice] = r.manager.states[0]!.rules;
  assert.deepEqual([hot!.health, twice!.health], ['ok', 'err']);
  assert.match(twice!.lastError, /same labelset/);
  await r.write(ALERT);
  await r.apply();
  const kept = r.manager.states[0]!.rules[0]!;
  assert.ok(kept.kind === 'alerting' && kept.alerts.length === 2);
  assert.deepEqual((await r.dump('gone')).gone, [1, 'stale']);
  await r.write('groups: [{name: g, rules: [{alert: A, expr: "("}]}]');
  await assert.rejects(r.apply(), /r\.yml:1: .*could not parse expression/);
  await r.close();
});
