import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogAttributes } from '@opentelemetry/api-logs';
import { flattenInto, redactFields } from './attributes.ts';

function flat(fields: Record<string, unknown>): LogAttributes {
  const attributes: LogAttributes = {};
  flattenInto(attributes, fields);
  return attributes;
}

test('nested fields are joined by dots, dates and lists stay readable', () => {
  assert.deepEqual(
    flat({ order: { id: 7, at: new Date(0), tags: ['a', 1, null] }, paid: true, none: undefined, nil: null }),
    {
      'order.id': 7,
      'order.at': '1970-01-01T00:00:00.000Z',
      'order.tags': ['a', 1],
      paid: true,
    },
  );
});

test('an error becomes exception attributes with its class', () => {
  const attributes = flat({ err: new TypeError('cold oven') });
  assert.equal(attributes['exception.type'], 'TypeError');
  assert.equal(attributes['exception.message'], 'cold oven');
  assert.match(String(attributes['exception.stacktrace']), /cold oven/);
});

test('who a customer is leaves neither way, at any depth', () => {
  const fields = { customer: { phone: '555', Email: 'a@b', id: 1 }, address: 'Via Roma', authorization: 'Bearer x' };
  const text = JSON.stringify([flat(fields), redactFields(fields)]);
  for (const secret of ['555', 'a@b', 'Via Roma', 'Bearer']) assert.ok(!text.includes(secret), secret);
  assert.equal(fields.customer.phone, '555', 'the caller’s object is not changed');
});

test('lines without anything to hide are not copied', () => {
  const fields = { order: { id: 1 } };
  assert.equal(redactFields(fields), fields);
});

test('instances are named, cycles and floods end', () => {
  const cycle: Record<string, unknown> = { buffer: Buffer.from('x') };
  cycle.self = cycle;
  assert.equal(flat(cycle).buffer, '[Buffer]');
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i]));
  assert.equal(Object.keys(flat(many)).length, 64);
});
