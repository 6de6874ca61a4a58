import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { Labels } from '../model/labels.ts';
import { MetricsStore } from './metrics-store.ts';

const T0 = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const ROUNDS = 40;
const SERIES = 30;

const nameOf = (round: number, i: number) => `s${(i * 7 + round) % 10}_${round}_${i}`;
const labelsOf = (name: string) => Labels.from({ __name__: name, job: 'churn', kind: name.slice(0, 2) });

/** All samples by the name of their series, as selected by the job that all have. */
async function dump(store: MetricsStore): Promise<[string, string][]> {
  const set = await store.select([{ name: 'job', op: '=', value: 'churn' }], { startMs: 0, endMs: Infinity });
  return set.labels.map((each, i) => {
    const { timestamps, values, from, to } = set.read(i);
    const samples = Array.from({ length: to - from }, (_, n) => `${timestamps[from + n]! - T0}:${values[from + n]}`);
    return [each.metricName, samples.join(' ')];
  });
}

async function putRound(store: MetricsStore, round: number, timestampMs: number): Promise<void> {
  const names = Array.from({ length: SERIES }, (_, i) => nameOf(round, i));
  const refs = Int32Array.from(names, (name) => store.ref(labelsOf(name)));
  const row = { group: 'g', refs, count: SERIES, stale: null, histograms: null };
  const trace = Labels.from({ trace_id: `t${round}` });
  await store.append({
    rows: [0, 1, 2].map((n) => ({
      ...row,
      timestampMs: timestampMs + n * 1_000,
      values: Float64Array.from(names, (_, i) => round * 1_000 + i + n),
    })),
    exemplars: [{ ref: refs[0]!, exemplar: { labels: trace, value: round, timestampMs } }],
  });
}

test('refs of series that have gone are given to new ones, which get nothing of theirs', async () => {
  const directory = openMemoryDirectory();
  const clock = new FakeClock(T0);
  const options = { directory, clock, log: silentLog, retentionMs: 3 * HOUR_MS };
  let store = await MetricsStore.open(options);
  let expected: [string, string][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const timestampMs = clock.nowMs();
    await putRound(store, round, timestampMs);
    if (round % 4 === 1)
      await store.deleteSeries([[{ name: '__name__', op: '=', value: nameOf(round, 3) }]], 0, Infinity);
    await clock.advance(HOUR_MS);
    await store.flush();
    if (round === 17) {
      await store.close();
      store = await MetricsStore.open(options);
    }
    const found = await dump(store);
    expected = [];
    for (let past = 0; past <= round; past++) {
      for (let i = 0; i < SERIES; i++) {
        if (past % 4 === 1 && i === 3) continue;
        const samples = [0, 1, 2].map((n) => `${past * HOUR_MS + n * 1_000}:${past * 1_000 + i + n}`);
        expected.push([nameOf(past, i), samples.join(' ')]);
      }
    }
    expected.sort(([a], [b]) => (a < b ? -1 : 1));
    const kept = new Set(found.map(([name]) => name));
    // What retention has dropped by now is its own matter; the newest rounds must be there, and nothing may be mixed up.
    assert.deepEqual(
      found,
      expected.filter(([name]) => kept.has(name)),
      `round ${round}`,
    );
    for (let past = Math.max(0, round - 1); past <= round; past++)
      for (let i = 4; i < SERIES; i++) assert.ok(kept.has(nameOf(past, i)), `${nameOf(past, i)} in round ${round}`);
    const all = await store.exemplars({ matcherSets: [], startMs: 0, endMs: Infinity });
    for (const { seriesLabels, exemplars } of all)
      assert.deepEqual(
        exemplars.map(({ value }) => nameOf(value, 0)),
        [seriesLabels.metricName],
      );
  }
  assert.ok(store.index.refCount < 10 * SERIES, `${store.index.refCount} refs for ${ROUNDS * SERIES} series`);
  await store.close();
});
