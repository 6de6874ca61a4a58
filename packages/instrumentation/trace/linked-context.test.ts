import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Context, createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing, unsuppressTracing } from '@opentelemetry/core';
import { isSuppressed, LinkedContext, spanOf, withSpan } from './linked-context.ts';

const span = (spanId: string) => trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId, traceFlags: 1 });

test('what the API reads from a context is there, whichever way it was set', () => {
  const baggage = propagation.createBaggage({ tenant: { value: 'north' } });
  const outer = propagation.setBaggage(withSpan(ROOT_CONTEXT, span('a'.repeat(16))), baggage);
  const inner = withSpan(outer, span('b'.repeat(16)));
  assert.equal(trace.getSpanContext(inner)?.spanId, 'b'.repeat(16));
  assert.equal(trace.getSpanContext(outer)?.spanId, 'a'.repeat(16), 'contexts do not change');
  assert.equal(propagation.getBaggage(inner)?.getEntry('tenant')?.value, 'north');
  assert.equal(isTracingSuppressed(suppressTracing(inner)), true);
  assert.equal(isTracingSuppressed(inner), false);
  assert.equal(trace.getSpan(trace.deleteSpan(inner)), undefined);
});

test('span and suppression are what the API says of the same context, whatever was set in whatever order', () => {
  const other = createContextKey('other');
  const [a, b] = [span('a'.repeat(16)), span('b'.repeat(16))];
  const steps: readonly ((context: Context) => Context)[] = [
    (context) => withSpan(context, a),
    (context) => trace.setSpan(context, b),
    (context) => trace.deleteSpan(context),
    (context) => suppressTracing(context),
    (context) => unsuppressTracing(context),
    (context) => context.setValue(other, 1),
  ];
  let contexts: Context[] = [ROOT_CONTEXT, trace.setSpan(ROOT_CONTEXT, b), suppressTracing(ROOT_CONTEXT)];
  for (let depth = 0; depth < 4; depth += 1) {
    contexts = contexts.flatMap((context) => steps.map((step) => step(context)));
    for (const context of contexts) {
      assert.equal(spanOf(context), trace.getSpan(context));
      assert.equal(isSuppressed(context), isTracingSuppressed(context));
    }
  }
});

test('a value deleted above hides the one below', () => {
  const key = createContextKey('test');
  const context = new LinkedContext(ROOT_CONTEXT.setValue(key, 1), createContextKey('other'), 2);
  assert.equal(context.getValue(key), 1);
  assert.equal(context.deleteValue(key).getValue(key), undefined);
  assert.equal(context.setValue(key, 3).setValue(key, 4).getValue(key), 4);
});
