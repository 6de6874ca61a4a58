import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniqueInfos } from './merge-results.ts';

test('infos of the parts of a query are told once, over all that the parts saw', () => {
  const text = 'PromQL info: input to histogram_quantile needed to be fixed for monotonicity';
  assert.deepEqual(
    uniqueInfos([
      'PromQL info: ignored histogram in max aggregation (1:5)',
      `${text}, from buckets 1 to 10, with a max diff of 0.5, over 3 samples from 1970-01-01T00:05:00Z to 1970-01-01T00:06:00Z (1:20)`,
      'PromQL info: ignored histogram in max aggregation (1:5)',
      `${text}, from buckets 0.1 to +Inf, with a max diff of 2, over 2 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z (1:20)`,
    ]),
    [
      'PromQL info: ignored histogram in max aggregation (1:5)',
      `${text}, from buckets 0.1 to +Inf, with a max diff of 2, over 5 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:06:00Z (1:20)`,
    ],
  );
});
