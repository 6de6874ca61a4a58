import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrace } from './trace-model.ts';

const span = (id: string, parent: string, startNs: number, endNs: number, extra: object = {}) => ({
  traceId: 'AAAAAAAAAAAAAAAAAAAAAQ==',
  spanId: id.padStart(16, '0'),
  parentSpanId: parent === '' ? '' : parent.padStart(16, '0'),
  name: id,
  startTimeUnixNano: String(1_000_000_000_000_000_000n + BigInt(startNs)),
  endTimeUnixNano: String(1_000_000_000_000_000_000n + BigInt(endNs)),
  ...extra,
});

const answer = (spans: readonly object[]) => ({
  batches: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'pizzeria' } }] },
      scopeSpans: [{ scope: { name: 'http', version: '1' }, spans }],
    },
  ],
});

test('spans come in the order of their tree with offsets from the start of the trace', () => {
  const trace = readTrace(
    answer([
      span('c2', 'a1', 300, 400),
      span('a1', '', 0, 1000, { kind: 'SPAN_KIND_SERVER', status: { code: 2, message: 'no oven' } }),
      span('b1', 'a1', 100, 200),
      span('d1', 'b1', 120, 130, { attributes: [{ key: 'n', value: { intValue: '9007199254740993' } }] }),
    ]),
  )!;
  assert.deepEqual(
    trace.spans.map((s) => [s.name, s.depth, s.descendants, s.offsetNs, s.durationNs]),
    [
      ['a1', 0, 3, 0, 1000],
      ['b1', 1, 1, 100, 100],
      ['d1', 2, 0, 120, 10],
      ['c2', 1, 0, 300, 100],
    ],
  );
  assert.equal(trace.traceId, `${'0'.repeat(31)}1`);
  assert.equal(trace.durationNs, 1000);
  assert.equal(trace.errors, 1);
  assert.deepEqual(trace.services, ['pizzeria']);
  assert.equal(trace.spans[0]!.kind, 'server');
  assert.deepEqual(trace.spans[2]!.attributes, [{ key: 'n', value: '9007199254740993' }]);
});

test('orphans are roots, cycles end, doubles are dropped, the second API version is read', () => {
  const spans = [span('a1', 'ff', 5, 6), span('b1', 'c1', 0, 1), span('c1', 'b1', 0, 1), span('a1', 'ff', 5, 6)];
  const trace = readTrace({ trace: { resourceSpans: answer(spans).batches } })!;
  assert.deepEqual(
    trace.spans.map((s) => [s.name, s.depth]),
    [
      ['a1', 0],
      ['b1', 0],
      ['c1', 1],
    ],
  );
});

test('an answer without spans is no trace', () => {
  assert.equal(readTrace({ batches: [] }), undefined);
  assert.equal(readTrace(null), undefined);
});
