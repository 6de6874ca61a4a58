import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, startTestStack } from './index.ts';

test('what is sent to a stack in a test can be asked for in three languages', async (t) => {
  const stack = await startTestStack();
  t.after(() => stack.close());
  const nowNs = String(BigInt(Date.now()) * 1_000_000n);
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'kit' } }] };
  const post = async (signal: string, body: object) => {
    const response = await fetch(`${stack.otlp.http}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, await response.text());
  };
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'work',
    startTimeUnixNano: nowNs,
    endTimeUnixNano: nowNs,
  };
  await post('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const logRecords = [{ timeUnixNano: nowNs, body: { stringValue: 'done' } }];
  await post('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });

  const traces = await eventually('the trace', async () => {
    const found = await stack.traceql('{ resource.service.name = "kit" }');
    return found.length > 0 ? found : undefined;
  });
  assert.equal(traces[0]!.rootTraceName, 'work');
  assert.deepEqual(
    (await stack.logql('{service_name="kit"}')).map(({ line }) => line),
    ['done'],
  );
  const [answer] = await stack.promql('vector(42)');
  assert.equal(answer!.value[1], '42');
});
