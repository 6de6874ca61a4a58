import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAnswer } from './format.ts';

test('a vector is a table with aligned values, warnings below', () => {
  const answer = {
    status: 'success',
    warnings: ['careful'],
    data: {
      resultType: 'vector',
      result: [
        { metric: { __name__: 'up', job: 'a' }, value: [1, '1'] },
        { metric: { job: 'longer' }, value: [1, '0.5'] },
      ],
    },
  };
  assert.equal(formatAnswer('promql', answer), 'up{job="a"}     1\n{job="longer"}  0.5\nwarning: careful\n');
});

test('log lines come in the order of time across streams', () => {
  const data = {
    resultType: 'streams',
    result: [
      { stream: { app: 'b' }, values: [['2000000000', 'second']] },
      { stream: { app: 'a' }, values: [['1000000000', 'first']] },
    ],
  };
  assert.equal(
    formatAnswer('logql', { data }),
    '1970-01-01T00:00:01.000Z  {app="a"}  first\n1970-01-01T00:00:02.000Z  {app="b"}  second\n',
  );
});

test('nothing found is said, scalars are bare', () => {
  assert.equal(formatAnswer('traceql', { traces: [] }), 'no results\n');
  assert.equal(formatAnswer('promql', { data: { resultType: 'scalar', result: [1, '42'] } }), '42\n');
});
