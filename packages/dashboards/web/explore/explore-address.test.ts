import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXPLORE_DEFAULT, formatExploreAddress, readExploreAddress } from './explore-address.ts';

const searchOf = (address: string) => address.slice(address.indexOf('?'));

test('what is written is read back', () => {
  const state = { datasource: 'loki', query: '{a="b"} |= `x & "y"`', range: { from: 'now-6h', to: 'now' } };
  assert.deepEqual(readExploreAddress(searchOf(formatExploreAddress(state))), state);
});

test("links of Grafana's three forms open", () => {
  const expected = { datasource: 'tempo', query: '{ status = error }', range: { from: '1000000', to: 'now' } };
  const query = { refId: 'A', query: '{ status = error }', datasource: { type: 'tempo', uid: 'tempo' } };
  const panes = { x1y: { queries: [query], range: { from: 1000000, to: 'now' } } };
  const left = { datasource: 'tempo', queries: [query], range: { from: '1000000', to: 'now' } };
  const oldest = ['1000000', 'now', 'tempo', { expr: '{ status = error }' }, { mode: 'Metrics' }];
  assert.deepEqual(readExploreAddress(`?panes=${encodeURIComponent(JSON.stringify(panes))}`), expected);
  assert.deepEqual(readExploreAddress(`?left=${encodeURIComponent(JSON.stringify(left))}`), expected);
  assert.deepEqual(readExploreAddress(`?left=${encodeURIComponent(JSON.stringify(oldest))}`), expected);
});

test('nothing and nonsense are the default', () => {
  for (const search of ['', '?panes=%7B', '?left=null', '?panes=7']) {
    assert.deepEqual(readExploreAddress(search), EXPLORE_DEFAULT);
  }
});
