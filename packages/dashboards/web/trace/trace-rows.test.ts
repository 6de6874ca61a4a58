import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDurationNs, timeMarks } from './trace-duration.ts';
import { readTrace } from './trace-model.ts';
import { matchingSpans, visibleSpans } from './visible-spans.ts';

const id = (n: number) => String(n).padStart(16, '0');
const span = (n: number, parent: number, extra: object = {}) => ({
  spanId: id(n),
  parentSpanId: parent === 0 ? '' : id(parent),
  name: `span-${n}`,
  startTimeUnixNano: String(n),
  endTimeUnixNano: '100',
  ...extra,
});
const trace = readTrace({
  batches: [
    {
      scopeSpans: [
        {
          spans: [
            span(1, 0),
            span(2, 1),
            span(3, 2, { status: { code: 'STATUS_CODE_ERROR', message: 'Boom' } }),
            span(4, 1, { attributes: [{ key: 'db.query.text', value: { stringValue: 'SELECT 1' } }] }),
          ],
        },
      ],
    },
  ],
})!;

test('a collapsed span hides its descendants alone', () => {
  assert.deepEqual(visibleSpans(trace, new Set()), [0, 1, 2, 3]);
  assert.deepEqual(visibleSpans(trace, new Set([id(2)])), [0, 1, 3]);
  assert.deepEqual(visibleSpans(trace, new Set([id(1)])), [0]);
});

test('a search looks at names, attributes and messages', () => {
  assert.equal(matchingSpans(trace, { text: ' ', errorsOnly: false }), undefined);
  assert.deepEqual([...matchingSpans(trace, { text: 'select', errorsOnly: false })!], [id(4)]);
  assert.deepEqual([...matchingSpans(trace, { text: 'boom', errorsOnly: true })!], [id(3)]);
  assert.equal(matchingSpans(trace, { text: 'select', errorsOnly: true })!.size, 0);
});

test('durations have the unit that fits, marks are round', () => {
  assert.deepEqual([900, 1_500, 12_345, 2_345_678, 987_654_321, 61e9, 3_700e9].map(formatDurationNs), [
    '900 ns',
    '1.50 µs',
    '12.3 µs',
    '2.35 ms',
    '988 ms',
    '1 min 1 s',
    '1 h 1 min',
  ]);
  assert.deepEqual(timeMarks(9_000_000), [0, 2e6, 4e6, 6e6, 8e6]);
  assert.deepEqual(timeMarks(0), [0]);
});
