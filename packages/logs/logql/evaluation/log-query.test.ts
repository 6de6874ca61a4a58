import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../../testing/open-store.ts';
import { labelsOf } from '../labels.ts';
import { parseLogSelector } from '../parser.ts';
import { needlesOf } from '../pipeline/pipeline.ts';
import { evaluateLogs, type LogStream } from './log-query.ts';
import { QueryContext } from './query-context.ts';

test('only what must have been stored is a needle', () => {
  const needles = (query: string): object => needlesOf(parseLogSelector(query));
  assert.deepEqual(needles('{a="b"} |= "x" |= "y" or "z" != "n" | trace_id="t", k!="v" | json | late="no"'), {
    line: ['x'],
    labels: [['trace_id', 't']],
  });
  assert.deepEqual(needles('{a="b"} | line_format "{{.a}}" |= "x" | k="v" or l="w"'), { line: [], labels: [] });
  assert.deepEqual(needles('{a="b"} | unpack |= "x" | k="v" | __error__="e"'), { line: [], labels: [] });
});

test('memory and segments answer alike, whatever the filters skip', async () => {
  const store = await openTestStore();
  const entries = Array.from({ length: 3000 }, (_, i) => ({
    timeNs: BigInt(i),
    line: `n=${i} text ${'.'.repeat(200)}`,
    metadata: labelsOf({ trace_id: `trace-${i}-${i * 7919}` }),
  }));
  await store.push([{ labels: labelsOf({ app: 'a', env: 'x' }), entries }]);
  const queries = [
    '{app="a"} |= "n=2500 "',
    '{app="a"} | trace_id="trace-77-609763"',
    '{app="a"} | env="x" | logfmt | n="5"',
    '{app="a"} |= "nowhere"',
    '{app="a"} | trace_id="n"',
  ];
  const run = async (): Promise<unknown[]> => {
    const results: (readonly LogStream[])[] = [];
    for (const query of queries) {
      const request = {
        selector: parseLogSelector(query),
        startNs: 0n,
        endNs: 10_000n,
        direction: 'backward',
        limit: 10,
        intervalNs: 0n,
      } as const;
      results.push(await evaluateLogs(new QueryContext(store), request));
    }
    return results.map((streams) => streams.flatMap((stream) => stream.entries.map(({ timeNs }) => timeNs)));
  };
  const inMemory = await run();
  await store.flush();
  assert.deepEqual(await run(), inMemory);
  assert.deepEqual(inMemory, [[2500n], [77n], [5n], [], []]);
  await store.close();
});
