/** An order becomes a trace, a log line, and a count on both paths. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eventually, json, promql } from '@mario/testkit';
import { fastConfiguration, freePortOffset, startMario, temporaryFolder } from './mario-process.ts';
import { placeOrder } from './order.ts';

interface OtlpSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

interface TempoTrace {
  readonly batches: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

interface LokiAnswer {
  readonly data: { readonly result: readonly { readonly stream: Readonly<Record<string, string>> }[] };
}

test('an order is one trace with HTTP, command and database spans, a log line, and a count on both paths', async (t) => {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const common = ['--port-offset', String(offset), '--data', `${folder}/data`, '--config', fastConfiguration(folder)];
  const stack = await startMario('stack', common);
  t.after(() => stack.stop());
  const pizzeria = await startMario('pizzeria', common, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${4318 + offset}`,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BLRP_SCHEDULE_DELAY: '200',
  });
  t.after(() => pizzeria.stop());
  const { metrics, traces, logs } = stack.addresses;

  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const order = await placeOrder(pizzeria.addresses.pizzeria!, { traceparent });
  assert.equal(order.status, 'confirmed');

  await t.test('the trace', async () => {
    const spans = await eventually('the trace with its database spans', async () => {
      const trace = await json<TempoTrace>(`${traces}/api/traces/${traceId}`);
      const found = trace.batches.flatMap((batch) => batch.scopeSpans.flatMap((scope) => scope.spans));
      return found.some((span) => span.kind === 'SPAN_KIND_SERVER') ? found : undefined;
    });
    const has = (key: string) => spans.filter((span) => span.attributes?.some((attribute) => attribute.key === key));
    assert.equal(spans.filter((span) => span.name === 'POST /api/orders/').length, 1);
    assert.equal(spans.filter((span) => span.name === 'PlaceOrderCommand').length, 1);
    assert.ok(has('db.query.text').length >= 2, 'at least two SQL statements');
  });

  await t.test('the log line', async () => {
    const query = `{service_name="mario-pizzeria"} | trace_id="${traceId}"`;
    const params = new URLSearchParams({ query, since: '1h' });
    const streams = await eventually('a log line with the trace id', async () => {
      const { data } = await json<LokiAnswer>(`${logs}/loki/api/v1/query_range?${params}`);
      return data.result.length > 0 ? data.result : undefined;
    });
    assert.equal(streams[0]!.stream.trace_id, traceId);
    assert.match(streams[0]!.stream.span_id!, /^[0-9a-f]{16}$/);
  });

  await t.test('the count on both paths', async () => {
    const labels = 'endpoint="/api/orders/",method="POST",http_status_code="201"';
    for (const job of ['mario-pizzeria-app', 'mario-pizzeria-metrics']) {
      const query = `http_server_duration_milliseconds_count{${labels},job="${job}"}`;
      const vector = await eventually(query, async () => {
        const found = await promql(metrics!, query);
        return found.length > 0 ? found : undefined;
      });
      assert.deepEqual(
        vector.map(({ metric, value }) => [metric.app, value[1]]),
        [['api-app', '1']],
      );
    }
  });

  await t.test('both stop cleanly', async () => {
    assert.equal(await pizzeria.stop(), 0);
    assert.equal(await stack.stop(), 0);
  });
});
