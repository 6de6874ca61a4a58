import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrace } from './trace-model.ts';
import { traceToLogs } from './trace-to-logs.ts';

const trace = readTrace({
  batches: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'mario-pizzeria' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: 'b7ad6b7169203331',
              name: 'GET /',
              startTimeUnixNano: '1000000000000',
              endTimeUnixNano: '1000500000000',
            },
          ],
        },
      ],
    },
  ],
})!;
const span = trace.spans[0]!;

test('a custom query is filled in, the range is shifted', () => {
  const state = traceToLogs(
    {
      datasourceUid: 'loki',
      spanStartTimeShift: '-5m',
      spanEndTimeShift: '1m',
      customQuery: true,
      query:
        '{service_name="${__span.tags["service.name"]}"} | trace_id="${__span.traceId}" | span_id="${__span.spanId}" ${__tags} ${x}',
    },
    trace,
    span,
  )!;
  assert.equal(
    state.query,
    '{service_name="mario-pizzeria"} | trace_id="0af7651916cd43dd8448eb211c80319c" | span_id="b7ad6b7169203331" service_name="mario-pizzeria" ${x}',
  );
  assert.deepEqual(state.range, { from: String(1_000_000 - 300_000), to: String(1_000_500 + 60_000 + 1) });
});

test('without one, tags and ids are what is asked for', () => {
  const settings = { datasourceUid: 'loki', filterByTraceID: true, tags: [{ key: 'service.name' }, { key: 'absent' }] };
  assert.equal(
    traceToLogs(settings, trace, span)!.query,
    '{service_name="mario-pizzeria"} |= "0af7651916cd43dd8448eb211c80319c"',
  );
  assert.equal(traceToLogs({}, trace, span), undefined);
});
