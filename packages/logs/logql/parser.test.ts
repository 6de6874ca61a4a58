import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '@mario/storage/testing';
import { randomQuery } from '../testing/random-query.ts';
import { parseLogql } from './parser.ts';
import { printLogql } from './print.ts';

test('what is printed parses back to the same tree', () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  for (let i = 0; i < 500; i++) {
    const query = randomQuery(random);
    const tree = parseLogql(query);
    const printed = printLogql(tree);
    assert.deepEqual(parseLogql(printed), tree, `seed ${seed}: ${query} printed as ${printed}`);
    assert.equal(printLogql(parseLogql(printed)), printed);
  }
});

test('operators bind as in Loki', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1 + 2 * 3', '7'],
    ['2 ^ 3 ^ 2', '512'],
    ['-2 ^ 2', '4'],
    ['vector(1) + vector(2) * vector(3)', '(vector(1) + (vector(2) * vector(3)))'],
    ['vector(1) or vector(2) and vector(3)', '(vector(1) or (vector(2) and vector(3)))'],
    ['vector(1) > bool on (a) group_left (b) vector(2)', '(vector(1) > bool on (a) group_left (b) vector(2))'],
    ['{a="b"} | c="1" or d="2" and e="3"', '{a="b"} | ( c="1" or ( d="2" , e="3" ) )'],
    ['{a="b"} | c="1", d="2" or e="3"', '{a="b"} | ( c="1" , ( d="2" or e="3" ) )'],
    ['SUM BY (a) (RATE({a="b"}[1m]))', 'sum by (a) (rate({a="b"} [1m]))'],
    ['sum(rate({a="b"}[1m])) without (c)', 'sum without (c) (rate({a="b"} [1m]))'],
    ['rate(({a="b"} |= "x")[5m] offset -1h)', 'rate({a="b"} |= "x" [5m] offset -1h0m0s)'],
    ['{a="b"} # a comment\n  |= `x\\y`', '{a="b"} |= "x\\\\y"'],
    ['{rate="x", ip="y"} | duration > 1s', '{rate="x", ip="y"} | duration>1s'],
  ];
  for (const [query, printed] of cases) assert.equal(printLogql(parseLogql(query)), printed);
});

test('errors name the place and use the texts that users know', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'parse error at line 1, col 1: syntax error: unexpected $end'],
    ['{a="b"', 'parse error at line 1, col 7: syntax error: unexpected $end, expecting , or }'],
    ['{a="b"}\n  | json |', 'parse error at line 2, col 11: syntax error: unexpected $end'],
    ['{a="b"} |= "x', 'parse error at line 1, col 12: literal not terminated'],
    ['rate({a="b"})', 'parse error at line 1, col 13: syntax error: unexpected ), expecting RANGE'],
    ['rate({a="b"}[5x])', 'parse error at line 1, col 13: not a valid duration string: "5x"'],
    ['sum({a="b"})', 'parse error at line 1, col 5: syntax error: a log query stands where a metric query must'],
    ['{a=~"("}', 'parse error : error parsing regexp: missing closing ): `(`'],
    ['{a="b"} | xml', 'parse error : the xml parser is not supported'],
    ['{a=""}', 'parse error : queries require at least one regexp or equality matcher'],
    ['first_over_time({a="b"}[1m])', 'parse error : invalid aggregation first_over_time without unwrap'],
    [
      '{a="b"} | label_format x="{{"',
      "parse error : invalid template for label 'x': template: label:1: unclosed action",
    ],
  ];
  for (const [query, message] of cases) {
    assert.throws(
      () => parseLogql(query),
      (error: Error) => error.message.startsWith(message),
      `${query}: ${message}`,
    );
  }
});

test('nesting and length are limited', () => {
  assert.throws(() => parseLogql(`${'('.repeat(5000)}1${')'.repeat(5000)}`), /nested too deeply/);
  const rate = 'rate({a="b"}[1m])';
  assert.throws(() => parseLogql(`${rate}${` + ${rate}`.repeat(3000)}`), /more than 1500 binary operators/);
  assert.throws(() => parseLogql(`{a="b"} | ${'('.repeat(5000)}c="d"`), /nested too deeply/);
  assert.throws(() => parseLogql(`{a="${'x'.repeat(200_000)}"}`), /longer than/);
});
