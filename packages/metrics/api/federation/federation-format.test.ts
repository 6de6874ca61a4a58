import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiateFederation } from './federation-format.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=';

test('what a client accepts decides', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, `${TEXT}underscores`],
    ['*/*', `${TEXT}underscores`],
    ['text/html,application/xml;q=0.9', `${TEXT}underscores`],
    ['text/plain; version=0.0.4; escaping=allow-utf-8', `${TEXT}allow-utf-8`],
    // A scheme counts, though its type is not offered.
    ['application/openmetrics-text;version=1.0.0;escaping=values;q=0.5,text/plain;q=0.4', `${TEXT}values`],
    ['text/plain;escaping=nonsense', `${TEXT}underscores`],
    [
      `text/plain;q=0.3,${PROTOBUF};escaping=allow-utf-8;q=0.6`,
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8',
    ],
    [`text/plain;version=0.0.4,${PROTOBUF}`, `${TEXT}underscores`],
    [
      `text/plain;version=1.0.0;escaping=dots,${PROTOBUF}`,
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=dots',
    ],
  ];
  for (const [accept, contentType] of cases) assert.equal(negotiateFederation(accept).contentType, contentType);
});
