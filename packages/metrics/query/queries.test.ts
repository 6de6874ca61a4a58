import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createListener, listen, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { addQueryRoutes } from '../api/query-routes.ts';
import type { ApiSources } from '../api/sources.ts';
import { Labels } from '../model/labels.ts';
import type { QueryResult } from '../promql/index.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { StoreSeriesSet } from '../store/series-set.ts';
import { Queries, type QueriesOptions } from './queries.ts';

const START_MS = 1_800_000_000_000;
const STEP_MS = 15_000;
const MISBEHAVING = new URL('misbehaving-worker.ts', import.meta.url);

/** A store with counters of two jobs: row r of series s is s + r * (s + 1). */
async function filledStore(t: TestContext, seriesCount: number, rowCount: number): Promise<MetricsStore> {
  const clock = new FakeClock(START_MS + 100 * STEP_MS);
  const store = await MetricsStore.open({ directory: openMemoryDirectory(), clock, log: silentLog });
  t.after(() => store.close());
  await fill(store, seriesCount, 0, rowCount);
  return store;
}

async function fill(store: MetricsStore, seriesCount: number, fromRow: number, toRow: number): Promise<void> {
  const rows = new RowCollector();
  for (let s = 0; s < seriesCount; s++) {
    const labels = Labels.from({ __name__: 'm_total', job: `j${s % 2}`, instance: String(s).padStart(5, '0') });
    const ref = store.ref(labels);
    for (let r = fromRow; r < toRow; r++) rows.add('g', START_MS + r * STEP_MS, ref, s + r * (s + 1));
  }
  await store.append({ rows: rows.rows() });
}

function queriesOver(t: TestContext, store: MetricsStore, options: Partial<QueriesOptions> = {}): Queries {
  const queries = new Queries(store, { threadsMax: 2, localWeightMax: -1, splitWeightMin: 0, ...options });
  t.after(() => queries.close());
  return queries;
}

function ask(queries: Queries, store: MetricsStore, expression: string, signal?: AbortSignal): Promise<QueryResult> {
  const endMs = START_MS + 40 * STEP_MS;
  return queries.engine.range(store, expression, START_MS, endMs, STEP_MS, signal === undefined ? {} : { signal });
}

async function startApi(t: TestContext, store: MetricsStore, queries: Queries): Promise<string> {
  const app = await createListener({ compressBytesMin: 2048 });
  t.after(() => app.close());
  const sources = { queryable: store, engine: queries.engine, queries, nowMs: () => START_MS } as Partial<ApiSources>;
  addQueryRoutes(app, sources as ApiSources);
  return listen(app, 'test', '127.0.0.1', 0);
}

/** Turns of the event loop until something holds; threads need real ones. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail('did not come about');
}

test('threads give what the thread of the store gives, whole or in parts, large or small', async (t) => {
  const store = await filledStore(t, 300, 60);
  const [here, there] = [queriesOver(t, store, { threadsMax: 0 }), queriesOver(t, store)];
  const bases = [await startApi(t, store, here), await startApi(t, store, there)];
  const range = `start=${START_MS / 1000 + 300}&end=${START_MS / 1000 + 900}&step=15`;
  for (const path of [
    `query_range?query=rate(m_total[2m])&${range}`,
    `query_range?query=sum by (job) (rate(m_total[2m]))&${range}`,
    `query_range?query=m_total*on(instance)group_left()m_total&${range}`,
    `query_range?query=topk(2,m_total)&${range}&limit=1`,
    `query_range?query=quantile(time(),m_total)&${range}`,
    `query_range?query=topk(time()-${START_MS / 1000 + 600},m_total)&${range}`,
    `query_range?query=topk((time()<bool+${START_MS / 1000 + 600})*2-1/(time()<bool+${START_MS / 1000 + 600}),m_total)&${range}`,
    `query_range?query=quantile(1.5,m_total)&${range}`,
    `query_range?query=1&${range}`,
    `query_range?query=rate(m_total[2m] @ start())&${range}`,
    `query_range?query=round(m_total offset 1m/7)>100&${range}&limit=30`,
    `query_range?query=m_total{job="j1"}/3&${range}&limit=2`,
    `query_range?query=m_total/rate(m_total[1m])&${range}`,
    `query?query=m_total&time=${START_MS / 1000 + 600}`,
    `query?query=m_total[1m]&time=${START_MS / 1000 + 600}`,
    `query?query=-m_total&limit=3&time=${START_MS / 1000 + 600}`,
    'query?query="text"',
    'query?query=m_total+on',
    'query?query=m_total*on(job)m_total',
    `query_range?query=m_total{instance=~"0000."}&${range}`,
  ]) {
    const url = (base: string) => `${base}/api/v1/${path.replaceAll('+', '%2B')}`;
    const [local, threaded] = await Promise.all(
      bases.map(async (base) => {
        const response = await fetch(url(base));
        return { status: response.status, body: (await response.json()) as { status: string } };
      }),
    );
    assert.deepEqual(threaded, local, path);
  }
});

test('limit cuts series off and says so; stats tell times', async (t) => {
  const store = await filledStore(t, 20, 4);
  const base = await startApi(t, store, queriesOver(t, store));
  const time = START_MS / 1000 + 45;
  const answer = (await (await fetch(`${base}/api/v1/query?query=m_total&time=${time}&limit=3&stats=all`)).json()) as {
    data: { result: unknown[]; stats: { timings: Record<string, number>; samples: Record<string, number> } };
    warnings: string[];
  };
  assert.equal(answer.data.result.length, 3);
  assert.deepEqual(answer.warnings, ['results truncated due to limit']);
  assert.ok(answer.data.stats.timings.execTotalTime! > 0);
  assert.deepEqual(answer.data.stats.samples, { totalQueryableSamples: 20, peakSamples: 20 });
});

test('the limit of samples is for the whole of a split query', async (t) => {
  const store = await filledStore(t, 20, 60);
  // Eighteen series fit, of twenty in two halves each half would.
  const [here, there] = [{ threadsMax: 0 }, {}].map((options) =>
    queriesOver(t, store, { engine: { samplesMax: 18 * 41 }, ...options }),
  );
  const tooMany = { message: 'query processing would load too many samples into memory in query execution' };
  for (const expression of ['m_total', 'count by (instance) (m_total)']) {
    await assert.rejects(ask(here!, store, expression), tooMany);
    await assert.rejects(ask(there!, store, expression), tooMany);
  }
  const fitting = await Promise.all(
    [here!, there!].map((each) => ask(each, store, 'm_total{instance=~"000(0.|1[0-7])"}')),
  );
  assert.deepEqual(
    fitting.map(({ samplesPeak }) => samplesPeak),
    [18 * 41, 18 * 41],
  );
});

test('intake goes on beside a query that never ends; cancelled, it leaves its thread', async (t) => {
  const store = await filledStore(t, 10, 50);
  const queries = queriesOver(t, store, { entry: MISBEHAVING, reactionMsMax: 50, splitWeightMin: Infinity });
  const abort = new AbortController();
  let ended = false;
  const query = ask(queries, store, 'm_total + spin', abort.signal).finally(() => (ended = true));
  query.catch(() => {});
  for (let row = 50; row < 100; row++) await fill(store, 10, row, row + 1);
  assert.equal(ended, false);
  assert.equal(queries.running, 1);
  // Another query is not held up: it gets the other thread.
  assert.equal((await ask(queries, store, 'count(m_total)')).data.type, 'matrix');
  abort.abort(new Error('enough'));
  await assert.rejects(query, /enough/);
  assert.equal(queries.running, 0);
  await until(() => queries.threadCount === 1);
});

test('a client that goes away frees the thread', async (t) => {
  const store = await filledStore(t, 10, 50);
  const queries = queriesOver(t, store, { entry: MISBEHAVING, reactionMsMax: 50 });
  const base = await startApi(t, store, queries);
  const abort = new AbortController();
  const request = fetch(`${base}/api/v1/query?query=spin`, { signal: abort.signal });
  request.catch(() => {});
  await until(() => queries.running === 1);
  abort.abort();
  await until(() => queries.running === 0 && queries.threadCount === 0);
});

test('a query that ruins its thread fails alone', async (t) => {
  const store = await filledStore(t, 10, 50);
  const queries = queriesOver(t, store, { entry: MISBEHAVING, threadsMax: 1, heapMbMax: 32 });
  await assert.rejects(ask(queries, store, 'exhaust'), /query was given up: it needed more memory than one query may/);
  const results = await Promise.allSettled(
    ['count(m_total)', 'crash', 'sum(m_total)', 'max(m_total)'].map((each) => ask(queries, store, each)),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.match(String((results[1] as PromiseRejectedResult).reason), /query was given up: the thread/);
});

test('two hundred queries at once', async (t) => {
  const store = await filledStore(t, 50, 50);
  const queries = queriesOver(t, store);
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      ask(queries, store, `sum(m_total{instance="${String(i % 50).padStart(5, '0')}"})`),
    ),
  );
  results.forEach(({ data }, i) => {
    assert.equal(data.type === 'matrix' ? data.series[0]?.values[3] : undefined, (i % 50) + 3 * ((i % 50) + 1));
  });
  assert.ok(queries.threadCount <= 2);
});

test('closing ends what runs', async (t) => {
  const store = await filledStore(t, 10, 50);
  const queries = queriesOver(t, store, { entry: MISBEHAVING });
  const query = ask(queries, store, 'spin');
  query.catch(() => {});
  await until(() => queries.threadCount > 0);
  await queries.close();
  await assert.rejects(query, /the server is shutting down/);
});

test('a snapshot keeps what it found, whatever becomes of the store', async (t) => {
  const store = await filledStore(t, 10, 50);
  const matchers = [{ name: '__name__', op: '=', value: 'm_total' }] as const;
  const hints = { startMs: START_MS, endMs: START_MS + 100 * STEP_MS };
  const read = (set: StoreSeriesSet) =>
    set.labels.map((_, i) => {
      const { timestamps, values, from, to } = set.read(i);
      return [...timestamps.subarray(from, to)].map((at, p) => [at, values[from + p]]);
    });
  const expected = read(await store.select(matchers, hints));
  const { labels, snapshot } = await store.selectSnapshot(matchers, hints);
  await fill(store, 20, 50, 60);
  await store.flush();
  await fill(store, 30, 60, 70);
  await store.close();
  assert.deepEqual(read(new StoreSeriesSet(labels, snapshot, [])), expected);
});
