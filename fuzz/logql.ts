/**
 * Fuzz target: LogQL. Random sentences either parse, print, parse again to the same tree and run over odd lines, or are
 * refused as QueryError.
 */

import assert from 'node:assert/strict';
import { QueryEngine } from '../packages/logs/api/query-engine.ts';
import { defaultQueryLimits } from '../packages/logs/logql/evaluation/query-context.ts';
import { parseLogql } from '../packages/logs/logql/parser.ts';
import { printLogql } from '../packages/logs/logql/print.ts';
import { QueryError } from '../packages/logs/logql/query-error.ts';
import { openTestStore } from '../packages/logs/testing/open-store.ts';
import { randomQuery } from '../packages/logs/testing/random-query.ts';
import { pick, timeBox } from './time-box.ts';

const WORDS = [
  '{', '}', '{app="a"}', '(', ')', '|', '|=', '!=', '|~', '!~', '|>', '!>', '=', '==', '=~', '>', '<=', '+', '-', '*', '/',
  '%', '^', ',', 'and', 'or', 'unless', 'by', 'without', '(app)', 'bool', 'on', 'ignoring', 'group_left', 'offset', '5m',
  '[5m]', '[', ']', '1', '-1.5', '0x1p3', '20MB', '1h30m', '"x"', '`(`', '"{{.a}}"', "'q'", '"\\xff"', 'json', 'logfmt',
  'logfmt --strict', 'regexp', 'pattern', 'unpack', 'line_format', 'label_format', 'drop', 'keep', 'decolorize', 'unwrap',
  'duration(v)', 'rate(', 'count_over_time(', 'sum(', 'topk(2,', 'quantile_over_time(0.9,', 'label_replace(', 'vector(1)',
  'ip("10.0.0.1")', 'app', 'v', '# comment\n', '\u0000', '"', '€', 'variants', 'of',
]; // biome-ignore format: one table

const LINES = [
  '',
  'v=1 level=info',
  '{"a":{"b":[1,"x"]},"v":"2s"}',
  '{"a":',
  '"unterminated',
  'a=b=c "',
  '\u001b[31mred',
  '10.0.0.1 ::1 1.2.3',
  '🍕 ünï\nsecond',
  'x'.repeat(5000),
];

const store = await openTestStore();
await store.push([
  {
    labels: [
      ['app', 'a'],
      ['env', 'x'],
    ],
    entries: LINES.map((line, i) => ({
      timeNs: BigInt(i) * 1_000_000_000n,
      line,
      metadata: i % 2 === 0 ? [] : [['trace_id', `t${i}`]],
    })),
  },
]);
const engine = new QueryEngine(store, defaultQueryLimits);

function sentence(random: () => number): string {
  if (random() < 0.5) return Array.from({ length: 1 + Math.floor(random() * 14) }, () => pick(random, WORDS)).join(' ');
  const query = randomQuery(random).replace(/\{[^}]*\}/g, (selector) => (random() < 0.7 ? '{app="a"}' : selector));
  const at = Math.floor(random() * query.length);
  return random() < 0.5 ? query : query.slice(0, at) + pick(random, WORDS) + query.slice(at + Math.floor(random() * 4));
}

await timeBox('logql', async (random) => {
  const query = sentence(random);
  try {
    const tree = parseLogql(query);
    const printed = printLogql(tree);
    assert.deepEqual(parseLogql(printed), tree, `${query} printed as ${printed}`);
    const range = {
      startNs: 0n,
      endNs: 20_000_000_000n,
      stepNs: 5e9,
      direction: 'backward',
      limit: 10,
      intervalNs: 0n,
    } as const;
    await engine.range({ query, ...range });
  } catch (error) {
    if (!(error instanceof QueryError)) throw new Error(`on ${query}`, { cause: error });
  }
});
await store.close();
