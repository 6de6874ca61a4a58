/** Queries in threads while what they read is deleted, dropped by retention, or written by rules. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { Labels } from '../model/labels.ts';
import type { Queryable } from '../queryable.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { RuleManager } from '../rules/rule-manager.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { Queries } from './queries.ts';
import type { SnapshotStore } from './query-thread.ts';

const START_MS = 1_800_000_000_000;
const STEP_MS = 15_000;
const ROWS = 40;
const RETENTION_MS = 24 * 3_600_000;
const METRIC = [[{ name: '__name__', op: '=', value: 'm_total' }]] as const;
/** One selector: what a thread selects after the change, it does not see. */
const EXPRESSION = 'sum by (job) (rate(m_total[1m]))';

/** Counters in a block, and more of them in the head. */
async function open(t: TestContext) {
  const clock = new FakeClock(START_MS + ROWS * STEP_MS);
  const store = await MetricsStore.open({
    directory: openMemoryDirectory(),
    clock,
    log: silentLog,
    retentionMs: RETENTION_MS,
  });
  t.after(() => store.close());
  const fill = async (fromRow: number, toRow: number) => {
    const rows = new RowCollector();
    for (let s = 0; s < 50; s++) {
      const ref = store.ref(Labels.from({ __name__: 'm_total', job: `j${s % 3}`, instance: String(s) }));
      for (let r = fromRow; r < toRow; r++) rows.add('g', START_MS + r * STEP_MS, ref, r * (s + 1.5));
    }
    await store.append({ rows: rows.rows() });
  };
  await fill(0, ROWS / 2);
  await store.flush();
  await fill(ROWS / 2, ROWS);
  return { clock, store };
}

type Opened = Awaited<ReturnType<typeof open>>;

function queriesOver(t: TestContext, store: SnapshotStore & Queryable): Queries {
  const queries = new Queries(store, { threadsMax: 2, localWeightMax: -1, splitWeightMin: Infinity });
  t.after(() => queries.close());
  return queries;
}

/** The store, in which `change` happens after a thread was given what it reads and before it reads. */
function changedBelow({ store }: Opened, change: () => Promise<void>): SnapshotStore & Queryable {
  return {
    async selectSnapshot(...of) {
      const found = await store.selectSnapshot(...of);
      await change();
      return found;
    },
    select: (...of) => store.select(...of),
    labelNames: (of) => store.labelNames(of),
    labelValues: (...of) => store.labelValues(...of),
    exemplars: (of) => store.exemplars(of),
    metadata: (of) => store.metadata(of),
  };
}

async function ask(queries: Queries, store: Queryable) {
  const endMs = START_MS + (ROWS - 1) * STEP_MS;
  const { data } = await queries.engine.range(store, EXPRESSION, START_MS + 60_000, endMs, STEP_MS);
  if (data.type !== 'matrix') throw new Error('a range query gives a matrix');
  return data.series.map(({ labels, values, timestamps }) => [String(labels), [...timestamps], [...values]]);
}

async function turns(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !holds(); i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds());
}

const CHANGES: readonly (readonly [what: string, change: (opened: Opened) => Promise<void>])[] = [
  ['deleted', ({ store }) => store.deleteSeries(METRIC, -Infinity, Infinity)],
  [
    'deleted and cleaned away',
    async ({ store }) => {
      await store.deleteSeries(METRIC, -Infinity, Infinity);
      await store.flush();
      await store.cleanTombstones();
      assert.equal(store.stats.blockCount, 0);
    },
  ],
  [
    'dropped by retention',
    async ({ store, clock }) => {
      await store.flush();
      assert.equal(store.stats.blockCount, 2);
      for (let minutes = 0; store.stats.blockCount > 0; minutes++) {
        assert.ok(minutes < 100, 'retention drops nothing');
        await clock.advance(minutes === 0 ? 2 * RETENTION_MS : 60_000);
        for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      }
      // Long enough for the files of dropped blocks to be closed.
      for (let i = 0; i < 5; i++) await clock.advance(60_000);
    },
  ],
];

for (const [what, change] of CHANGES) {
  test(`what is ${what} while a thread reads it is in the answer of that thread, and in no later one`, async (t) => {
    const opened = await open(t);
    const expected = await ask(queriesOver(t, opened.store), opened.store);
    assert.equal(expected.length, 3);
    const below = changedBelow(opened, () => change(opened));
    const threaded = queriesOver(t, below);
    assert.deepEqual(await ask(threaded, below), expected);
    assert.equal(threaded.threadCount, 1);
    assert.deepEqual(await ask(queriesOver(t, opened.store), opened.store), []);
  });
}

test('a heavy recording rule is evaluated in a thread, and intake goes on beside it', async (t) => {
  const { store, clock } = await open(t);
  const queries = queriesOver(t, store);
  const folder = await mkdtemp(join(tmpdir(), 'mario-rules-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'r.yml');
  await writeFile(file, 'groups: [{name: g, rules: [{record: "m:sum", expr: "sum(rate(m_total[5m]))"}]}]');
  const { engine } = queries;
  let instants = 0;
  const counted = {
    ...engine,
    instant: (...of: Parameters<typeof engine.instant>) => {
      instants++;
      return engine.instant(...of);
    },
  };
  const manager = new RuleManager({
    engine: counted,
    queryable: store,
    store,
    clock,
    externalUrl: 'http://p',
    observer: { evaluated() {}, iterated() {} },
    send() {},
  });
  t.after(() => manager.close());
  const { config } = parsePrometheusConfig(`{rule_files: ["${file}"]}`, join(folder, 'p.yml'));
  await manager.apply(manager.read(config!), config!);
  assert.equal(queries.threadCount, 0);
  void clock.advance(60_000);
  await turns(() => instants > 0);
  assert.ok(queries.running > 0);
  const ref = store.ref(Labels.from({ __name__: 'beside' }));
  const rows = new RowCollector();
  rows.add('h', clock.nowMs(), ref, 1);
  assert.equal((await store.append({ rows: rows.rows() })).appended, 1);
  for (let i = 0; i < 400 && manager.states[0]?.rules[0]?.health === 'unknown'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(manager.states[0]?.rules[0]?.health, 'ok');
  assert.ok(queries.threadCount > 0, 'it ran in a thread');
  const recorded = await store.select([{ name: '__name__', op: '=', value: 'm:sum' }], { startMs: 0, endMs: Infinity });
  assert.equal(recorded.labels.length, 1);
});
