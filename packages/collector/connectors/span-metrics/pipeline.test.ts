// The connector in a collector: spans in by OTLP, metrics out for Prometheus, nothing left behind at the end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeSpans, type MetricBatch, SpanBatchBuilder } from '@mario/otlp';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openCollector } from '../../index.ts';

const config = (flush: string) => `
receivers: {otlp: {protocols: {http: {endpoint: "0.0.0.0:0"}}}}
processors: {batch: {timeout: 60s}}
connectors: {spanmetrics: {metrics_flush_interval: ${flush}, exemplars: {enabled: true}}}
exporters:
  prometheus: {endpoint: "0.0.0.0:0", enable_open_metrics: true}
  otlp/store: {endpoint: "store:4317", tls: {insecure: true}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [spanmetrics]}
    metrics: {receivers: [spanmetrics], exporters: [prometheus]}
    metrics/batched: {receivers: [spanmetrics], processors: [batch], exporters: [otlp/store]}
`;

test('spans become series in Prometheus; what is counted at the end still passes the processors behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-span-metrics-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, config('0s').replace('timeout: 60s', 'timeout: 0s'));
  const network = new NetworkMap();
  const stored: MetricBatch[] = [];
  const consumeMetrics = async (batch: MetricBatch) => void stored.push(batch);
  network.register('store:4317', { host: '127.0.0.1', port: 1, consumers: { metrics: { consumeMetrics } } });
  const options = {
    configPaths: [file],
    clock: systemClock,
    log: silentLog,
    network,
    host: '127.0.0.1',
    portOffset: 0,
    env: {},
  };
  const send = async (url: string) => {
    const builder = new SpanBatchBuilder().resource({ 'service.name': 'shop' });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    builder.span({
      traceId,
      spanId: 'b7ad6b7169203331',
      name: 'GET /',
      kind: 'server',
      startNs: 0n,
      endNs: 3_000_000n,
    });
    const answer = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: encodeSpans(builder.build()) as Uint8Array<ArrayBuffer>,
    });
    assert.equal(answer.status, 200);
  };
  try {
    const scraped = await openCollector(options);
    const [otlp, prometheus] = scraped.addresses;
    await send(otlp!);
    const page = await fetch(`${prometheus}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    const text = await page.text();
    const labels = 'service_name="shop",span_kind="SPAN_KIND_SERVER",span_name="GET /",status_code="STATUS_CODE_UNSET"';
    const found = text.split('\n').filter((line) => line.includes(labels));
    assert.ok(
      found.some((line) => /^traces_span_metrics_calls_total\{.*\} 1 # \{.*trace_id="0af7651916/.test(line)),
      text,
    );
    const bucket = found.find((line) => line.includes('le="4.0"'));
    assert.match(
      bucket ?? text,
      /^traces_span_metrics_duration_milliseconds_bucket\{.*\} 1 # \{.*trace_id="0af7651916/,
    );
    await scraped.close();

    stored.length = 0;
    writeFileSync(file, config('1h'));
    const stopped = await openCollector(options);
    await send(stopped.addresses[0]!);
    assert.equal(stored.length, 0);
    await stopped.close();
    assert.equal(stored.length, 1);
    assert.equal(Number(stored[0]!.numbers.ints[0]), 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
