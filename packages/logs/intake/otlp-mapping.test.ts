import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLogsJson } from '@mario/otlp';
import { labelsObject } from '../logql/labels.ts';
import { otlpToStreams } from './otlp-mapping.ts';
import { defaultOtlpRules, type OtlpRules } from './otlp-rules.ts';

const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });

const request = {
  resourceLogs: [
    {
      resource: {
        attributes: [
          text('service.name', 'mario-pizzeria'),
          text('host.name', 'h'),
          { key: 'nested', value: { kvlistValue: { values: [text('a.b', 'c')] } } },
        ],
      },
      scopeLogs: [
        {
          scope: { name: 'pino', version: '1', attributes: [text('scope.key', 'v')] },
          logRecords: [
            {
              timeUnixNano: '1700000000000000001',
              observedTimeUnixNano: '1700000000000000002',
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'oven is cold' },
              attributes: [text('order.id', '42'), { key: 'n', value: { intValue: '7' } }],
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              flags: 1,
            },
            { observedTimeUnixNano: '5', body: { kvlistValue: { values: [text('k', 'v')] } } },
            { body: { stringValue: 'no time' } },
          ],
        },
      ],
    },
  ],
};

test('the resource becomes the stream, everything else metadata', () => {
  const [stream, ...others] = otlpToStreams(decodeLogsJson(JSON.stringify(request)), {
    rules: defaultOtlpRules,
    nowNs: 9n,
  });
  assert.deepEqual(others, []);
  assert.deepEqual(stream!.labels, [['service_name', 'mario-pizzeria']]);
  const [first, second, third] = stream!.entries;
  assert.equal(first!.timeNs, 1_700_000_000_000_000_001n);
  assert.equal(first!.line, 'oven is cold');
  assert.deepEqual(labelsObject(first!.metadata), {
    flags: '1',
    host_name: 'h',
    n: '7',
    nested_a_b: 'c',
    observed_timestamp: '1700000000000000002',
    order_id: '42',
    scope_key: 'v',
    scope_name: 'pino',
    scope_version: '1',
    severity_number: '17',
    severity_text: 'ERROR',
    span_id: 'eee19b7ec3c1b174',
    trace_id: '5b8efff798038103d269b633813fc60c',
  });
  assert.deepEqual([second!.timeNs, second!.line], [5n, '{"k":"v"}']);
  assert.deepEqual([third!.timeNs, third!.line], [9n, 'no time']);
});

test('rules move attributes to labels, or drop them', () => {
  const rules: OtlpRules = {
    resource: [
      { action: 'drop', matches: (name) => name === 'host.name' },
      { action: 'index_label', matches: () => true },
    ],
    scope: [{ action: 'drop', matches: () => true }],
    log: [{ action: 'index_label', matches: (name) => name === 'order.id' }],
  };
  const streams = otlpToStreams(decodeLogsJson(JSON.stringify(request)), { rules, nowNs: 9n });
  assert.deepEqual(
    streams.map(({ labels }) => labelsObject(labels)),
    [
      { nested_a_b: 'c', order_id: '42', service_name: 'mario-pizzeria' },
      { nested_a_b: 'c', service_name: 'mario-pizzeria' },
    ],
  );
  const metadata = labelsObject(streams[0]!.entries[0]!.metadata);
  assert.equal(metadata.host_name, undefined);
  assert.equal(metadata.scope_key, undefined);
});

test('a resource without a name is an unknown service', () => {
  const nameless = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] };
  const [stream] = otlpToStreams(decodeLogsJson(JSON.stringify(nameless)), { rules: defaultOtlpRules, nowNs: 9n });
  assert.deepEqual(stream!.labels, [['service_name', 'unknown_service']]);
});
