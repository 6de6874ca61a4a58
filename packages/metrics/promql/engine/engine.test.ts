// The engine from outside: shapes of results, limits, cancellation, names with and without delayed removal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { ParseError } from '../parse/parse-error.ts';
import { ALL_FEATURES } from '../parse/parser.ts';
import { prettyExpr, printExpr } from '../print.ts';
import { MemoryStore } from '../script/memory-store.ts';
import { newSharedHoldings } from './context.ts';
import { createEngine, type QueryOptions } from './engine.ts';
import { QueryError } from './query-error.ts';

function storeOf(series: Record<string, readonly number[]>, stepMs = 60_000): MemoryStore {
  const store = new MemoryStore();
  for (const [text, values] of Object.entries(series)) {
    const [name, job] = text.split('/') as [string, string | undefined];
    const labels = Labels.from({ __name__: name, job: job ?? '' });
    store.add(
      labels,
      values.map((value, i) => ({ timestampMs: i * stepMs, value, startMs: 0 })),
    );
  }
  return store;
}

async function failure(run: Promise<unknown>): Promise<QueryError> {
  const error = await run.then(
    () => assert.fail('no error'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof QueryError, String(error));
  return error;
}

test('an instant query gives a vector, scalar, string or raw matrix', async () => {
  const engine = createEngine();
  const store = storeOf({ 'up/a': [1, 0], 'up/b': [1, 1] });
  const vector = await engine.instant(store, 'up', 60_000);
  assert.deepEqual(
    vector.data.type === 'vector' && vector.data.samples.map(({ labels, value }) => [labels.toObject().job, value]),
    [
      ['a', 0],
      ['b', 1],
    ],
  );
  assert.deepEqual((await engine.instant(store, '1 + 1', 5)).data, { type: 'scalar', timestampMs: 5, value: 2 });
  assert.deepEqual((await engine.instant(store, '"x"', 5)).data, { type: 'string', timestampMs: 5, value: 'x' });
  const { data } = await engine.instant(store, 'up{job="a"}[5m]', 60_000);
  assert.ok(data.type === 'matrix');
  assert.deepEqual([...data.series[0]!.timestamps], [0, 60_000]);
  assert.deepEqual([...data.series[0]!.values], [1, 0]);
});

test('a range query gives series sorted by labels, without steps that have no sample', async () => {
  const engine = createEngine();
  const store = storeOf({ 'm/b': [1, 2], 'm/a': [5] });
  const { data } = await engine.range(store, 'm', 0, 600_000, 60_000, { lookbackMs: 60_000 });
  assert.ok(data.type === 'matrix');
  assert.deepEqual(
    data.series.map(({ labels, timestamps }) => [labels.get('job'), timestamps.length]),
    [
      ['a', 1],
      ['b', 2],
    ],
  );
  const scalar = await engine.range(store, 'time()', 0, 120_000, 60_000);
  assert.deepEqual(scalar.data.type === 'matrix' && [...scalar.data.series[0]!.values], [0, 60, 120]);
});

test('range queries refuse ranges, strings and a step of zero', async () => {
  const engine = createEngine();
  const store = new MemoryStore();
  const matrix = await failure(engine.range(store, 'up[5m]', 0, 1000, 1000));
  assert.equal(matrix.code, 'bad_data');
  assert.equal(
    matrix.message,
    'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
  );
  assert.equal((await failure(engine.range(store, 'up', 0, 1000, 0))).code, 'bad_data');
  await assert.rejects(engine.instant(store, 'up{', 0), ParseError);
});

test('names leave at once, or at the end when that is asked for', async () => {
  const store = storeOf({ 'foo_total/a': [0, 60], 'bar_total/a': [0, 120] });
  const query = 'rate({__name__=~"foo_total|bar_total"}[5m])';
  const atOnce = await failure(createEngine().instant(store, query, 60_000));
  assert.equal(atOnce.message, 'vector cannot contain metrics with the same labelset');
  const delayed = createEngine({ delayedNameRemoval: true, features: ALL_FEATURES });
  const { data } = await delayed.instant(
    store,
    `label_replace(${query}, "__name__", "rate_$1", "__name__", "(.*)")`,
    60_000,
  );
  assert.deepEqual(data.type === 'vector' && data.samples.map(({ labels }) => labels.metricName).sort(), [
    'rate_bar_total',
    'rate_foo_total',
  ]);
});

test('too many samples, too much time and a client that left end a query with the real texts', async () => {
  const store = storeOf({ 'm/a': [1, 2, 3, 4, 5], 'm/b': [1, 2, 3, 4, 5] });
  const tooMany = await failure(createEngine({ samplesMax: 5 }).range(store, 'm', 0, 240_000, 60_000));
  assert.equal(tooMany.message, 'query processing would load too many samples into memory in query execution');
  assert.equal(tooMany.code, 'too_many_samples');

  let clock = 0;
  const slow = createEngine({ timeoutMs: 100, now: () => (clock += 60) });
  const timeout = await failure(slow.range(store, 'sum(m) + sum(m) + sum(m)', 0, 240_000, 60_000));
  assert.equal(timeout.message, 'query timed out in expression evaluation');
  assert.equal(timeout.code, 'timeout');

  const left = await failure(createEngine().instant(store, 'm', 0, { signal: AbortSignal.abort() }));
  assert.equal(left.message, 'query was canceled in expression evaluation');
  assert.equal(left.code, 'canceled');
});

test('parts of a query share the limit of samples, and give back what they no longer hold', async () => {
  const stepMs = 15_000;
  const steps = 100_000;
  const store = storeOf({ m: [1] });
  const engine = createEngine({ samplesMax: 380_000, lookbackMs: steps * stepMs });
  const ask = async (expression: string, query: QueryOptions) =>
    (await engine.range(store, expression, 0, (steps - 1) * stepMs, stepMs, query)).samplesPeak;
  const holdings = newSharedHoldings();
  // Holds two columns for a while and keeps one.
  assert.equal(await ask('m + m', { holdings }), 2 * steps);
  for (let i = 0; i < 3; i++) assert.equal(await ask('m', { holdings }), steps);
  assert.equal((await failure(ask('m + m', { holdings }))).code, 'too_many_samples');
  assert.equal(await ask('m + m', {}), 2 * steps);
});

test('samples are released: a long chain of operations stays within the limit of one', async () => {
  const store = storeOf({ 'm/a': [1, 2, 3, 4, 5] });
  const chain = Array.from({ length: 50 }, () => 'm').join(' + ');
  const { samplesPeak } = await createEngine({ samplesMax: 20 }).range(store, chain, 0, 240_000, 60_000);
  assert.ok(samplesPeak <= 20, String(samplesPeak));
});

test('annotations carry their position', async () => {
  const store = storeOf({ 'temperature/a': [1, 2, 3] });
  const { infos, warnings } = await createEngine().instant(
    store,
    'sum(\n  rate(temperature[5m])) + quantile(2, temperature)',
    120_000,
  );
  assert.deepEqual(infos, [
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "temperature" (2:8)',
  ]);
  assert.deepEqual(warnings, ['PromQL warning: quantile value should be between 0 and 1, got 2 (2:37)']);
});

test('many-to-many matches name both series', async () => {
  const store = storeOf({ 'l/a': [1], 'r/a': [1], 'r/b': [1] });
  const error = await failure(createEngine().instant(store, 'l * on () r', 0));
  assert.equal(
    error.message,
    'found duplicate series for the match group {} on the right hand-side of the operation: ' +
      '[{__name__="r", job="b"}, {__name__="r", job="a"}];' +
      'many-to-many matching not allowed: matching labels must be unique on one side',
  );
});

test('a subquery over more steps than samples may be held is refused before anything is allocated', async () => {
  const store = storeOf({ 'm/a': [1] });
  const error = await failure(createEngine().instant(store, 'max_over_time(m[200y:1s])', 0));
  assert.equal(error.code, 'too_many_samples');
});

test('the deepest expressions that the parser lets pass are evaluated and printed', async () => {
  const store = new MemoryStore();
  store.add(Labels.from({ __name__: 'up' }), [{ timestampMs: 0, value: 1, startMs: 0 }]);
  const engine = createEngine();
  const deepest = [
    `up${' + up'.repeat(1_499)}`,
    `${'abs('.repeat(480)}up${' + up'.repeat(600)}${')'.repeat(480)}`,
    `${'sum_over_time('.repeat(390)}up${'[1m:1m])'.repeat(390)}`,
    `${'('.repeat(480)}1${' + 1'.repeat(600)}${')'.repeat(480)}`,
    `${'sum(-'.repeat(240)}up${' * up'.repeat(600)}${')'.repeat(240)}`,
  ];
  for (const expression of deepest) {
    await engine.instant(store, expression, 0);
    await engine.range(store, expression, 0, 60_000, 60_000);
    const expr = engine.parse(expression);
    assert.deepEqual(printExpr(engine.parse(printExpr(expr))), printExpr(expr));
    prettyExpr(expr);
  }
});

test('samples are counted as they are looked at: once for each step, and for each window', async () => {
  const store = storeOf({ 'up/a': [1, 2, 3, 4, 5, 6], 'up/b': [1, 2, 3] });
  const engine = createEngine();
  const total = async (expression: string) => (await engine.range(store, expression, 0, 300_000, 60_000)).samplesTotal;
  // up/b is carried on by the look-back.
  assert.equal(await total('up{job="a"}'), 6);
  assert.equal(await total('sum(up)'), 12);
  // Windows of two minutes are open on the left: 1, then 2 samples each.
  assert.equal(await total('sum_over_time(up{job="a"}[2m])'), 11);
  assert.equal(await total('quantile_over_time(0.5, up{job="a"}[2m])'), 11);
  assert.equal(await total('sum_over_time(up{job="b"}[2m])'), 6);
  assert.equal((await engine.instant(store, 'up{job="a"}[3m]', 300_000)).samplesTotal, 3);
});
