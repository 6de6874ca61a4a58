import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { SeriesIndex } from './series-index.ts';
import { testsOf } from './sliced-matching.ts';

function indexOf(count: number): SeriesIndex {
  const index = new SeriesIndex();
  for (let i = 0; i < count; i++) index.add(Labels.from({ __name__: 'm', path: `/shop/${i}/${i * 7919}` }));
  return index;
}

/** Not among the expressions that a plain string comparison or V8 answers. */
const PATTERN = '/shop/((1|2)+(3|4)*)+/.*5';

test('an expression over very many values lets others have their turn, and gives the same', async () => {
  const index = indexOf(20_000);
  let turns = 0;
  let over = false;
  const turn = () => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  for (const op of ['=~', '!~'] as const) {
    const matchers: LabelMatcher[] = [
      { name: '__name__', op: '=', value: 'm' },
      { name: 'path', op, value: PATTERN },
    ];
    const tests = await testsOf(index, matchers, undefined);
    assert.notEqual(tests, undefined);
    assert.deepEqual(index.match(matchers, tests), index.match(matchers));
  }
  over = true;
  assert.ok(turns > 1, `${turns} turns`);
});

test('a value that comes meanwhile is judged, and a query that is given up ends', async () => {
  const index = indexOf(20_000);
  const matchers: LabelMatcher[] = [{ name: 'path', op: '=~', value: PATTERN }];
  const tests = await testsOf(index, matchers, undefined);
  const late = index.add(Labels.from({ __name__: 'm', path: '/shop/13/late5' }));
  assert.ok(index.match(matchers, tests).includes(late));
  await assert.rejects(testsOf(index, matchers, AbortSignal.abort(new Error('gone'))), /gone/);
});

test('few values, and plain alternatives, are matched at once', async () => {
  assert.equal(await testsOf(indexOf(10), [{ name: 'path', op: '=~', value: PATTERN }], undefined), undefined);
  assert.equal(await testsOf(indexOf(1_000), [{ name: 'path', op: '=~', value: '/a|/b' }], undefined), undefined);
});
