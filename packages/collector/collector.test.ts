// The collector from outside: real clients over real sockets on one side, stores in the process on the other.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  encodeLogs,
  encodeLogsJson,
  encodeMetrics,
  encodeSpans,
  encodeSpansJson,
  exportPath,
  GrpcClient,
  GrpcCode,
  type GrpcError,
  type LogBatch,
  LogBatchBuilder,
  MetricBatchBuilder,
  PermanentError,
  RetryableError,
  type SpanBatch,
  SpanBatchBuilder,
} from '@mario/otlp';
import { NetworkMap, type Service, silentLog, systemClock } from '@mario/service';
import { openCollector } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'mario-collector-'));
after(() => rmSync(folder, { recursive: true }));
const shipped = fileURLToPath(new URL('../../deploy/otel-collector/config.yaml', import.meta.url));
const traceId = '0af7651916cd43dd8448eb211c80319c';

/** The shipped configuration on free ports. */
const freePorts = `
receivers:
  otlp: {protocols: {grpc: {endpoint: "0.0.0.0:0"}, http: {endpoint: "0.0.0.0:0"}}}
exporters: {prometheus: {endpoint: "0.0.0.0:0"}}
extensions: {health_check: {endpoint: "0.0.0.0:0"}}
service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 0, without_type_suffix: false, without_units: false}}}}]}}}
`;

interface Running {
  readonly collector: Service;
  readonly grpc: GrpcClient;
  readonly http: string;
  readonly prometheus: string;
  readonly health: string;
  readonly ownMetrics: string;
  readonly traces: SpanBatch[];
  readonly logs: LogBatch[];
}

/** What the stores do with what they get. */
interface Stores {
  consumeTraces?: (batch: SpanBatch) => Promise<void>;
  consumeLogs?: (batch: LogBatch) => Promise<void>;
}

async function run(stores: Stores, use: (running: Running) => Promise<void>, more = ''): Promise<void> {
  const overlay = join(folder, 'free-ports.yaml');
  writeFileSync(overlay, freePorts);
  const last = join(folder, 'more.yaml');
  writeFileSync(last, more);
  const network = new NetworkMap();
  const traces: SpanBatch[] = [];
  const logs: LogBatch[] = [];
  const consumeTraces = stores.consumeTraces ?? (async (batch) => void traces.push(batch));
  const consumeLogs = stores.consumeLogs ?? (async (batch) => void logs.push(batch));
  network.register('tempo:4317', { host: '127.0.0.1', port: 1, consumers: { traces: { consumeTraces } } });
  network.register('loki:3100', { host: '127.0.0.1', port: 1, consumers: { logs: { consumeLogs } } });
  const collector = await openCollector({
    configPaths: [shipped, overlay, last],
    clock: systemClock,
    log: silentLog,
    network,
    host: '127.0.0.1',
    portOffset: 0,
    env: {},
  });
  const [grpcUrl, httpUrl, prometheus, health, ownMetrics] = collector.addresses;
  const grpc = new GrpcClient({ url: grpcUrl!.replace('grpc:', 'http:') });
  try {
    await use({
      collector,
      grpc,
      http: httpUrl!,
      prometheus: prometheus!,
      health: health!,
      ownMetrics: ownMetrics!,
      traces,
      logs,
    });
  } finally {
    await grpc.close();
    await collector.close();
  }
}

function spans(count: number, name = 'GET /api/menu/'): SpanBatch {
  const builder = new SpanBatchBuilder().resource({ 'service.name': 'mario-pizzeria' }).scope('test');
  for (let i = 0; i < count; i++) {
    builder.span({
      traceId,
      spanId: String(i + 1).padStart(16, '0'),
      name,
      startNs: 1n,
      endNs: 2n,
      attributes: { 'http.request.header.authorization': 'Bearer secret', n: i },
    });
  }
  return builder.build();
}

const logs = new LogBatchBuilder()
  .resource({ 'service.name': 'mario-pizzeria' })
  .log({ timeNs: 5n, body: 'hot' })
  .build();

function post(url: string, body: Buffer | string, headers: Record<string, string>) {
  return fetch(url, { method: 'POST', headers, body: body as string });
}

test('spans over gRPC and HTTP, in every encoding, arrive at the store with the actions applied', async () => {
  await run({}, async ({ grpc, http, traces }) => {
    const url = `${http}/v1/traces`;
    const proto = encodeSpans(spans(2));
    const protobuf = { 'content-type': 'application/x-protobuf' };
    const answers = await Promise.all([
      post(url, proto, protobuf),
      post(url, gzipSync(proto), { ...protobuf, 'content-encoding': 'gzip' }),
      post(url, zstdCompressSync(proto), { ...protobuf, 'content-encoding': 'zstd' }),
      post(url, encodeSpansJson(spans(2)), { 'content-type': 'application/json' }),
    ]);
    const [first, , , json] = answers;
    for (const answer of answers) assert.equal(answer.status, 200);
    assert.equal(first!.headers.get('content-type'), 'application/x-protobuf');
    assert.equal((await first!.arrayBuffer()).byteLength, 0);
    assert.equal(json!.headers.get('content-type'), 'application/json');
    assert.deepEqual(await json!.json(), {});
    await grpc.call(exportPath.traces, proto, { timeoutMs: 5000, compression: 'gzip' });
    assert.equal(
      traces.reduce((sum, batch) => sum + batch.count, 0),
      10,
    );
    for (const batch of traces) {
      assert.ok(!batch.attributes.keys.some((key) => batch.strings[key]?.includes('authorization')));
      assert.ok(batch.strings.includes('deployment.environment.name'));
    }
  });
});

test('an export is answered after the store has it, not before', async () => {
  let release: () => void = () => {};
  let arrived: () => void = () => {};
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const consumeTraces = () => {
    arrived();
    return new Promise<void>((resolve) => (release = resolve));
  };
  await run({ consumeTraces }, async ({ grpc }) => {
    let answered = false;
    const call = grpc.call(exportPath.traces, encodeSpans(spans(1)), { timeoutMs: 5000 }).then(() => (answered = true));
    await arrival;
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(answered, false);
    release();
    await call;
  });
});

test('what a store cannot take now is retryable, what it will never take is not, and part of it is told', async () => {
  const errors = [
    new RetryableError('disk is full', { retryAfterMs: 3000 }),
    new RetryableError('too much', { exhausted: true }),
    new PermanentError('bad'),
    new PermanentError('one was bad', { rejected: 1 }),
  ];
  let next = 0;
  await run({ consumeTraces: () => Promise.reject(errors[next]) }, async ({ grpc, http }) => {
    const body = encodeSpansJson(spans(2));
    const send = () => post(`${http}/v1/traces`, body, { 'content-type': 'application/json' });
    const away = await send();
    assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '3']);
    assert.deepEqual(await away.json(), { code: GrpcCode.unavailable, message: 'disk is full' });
    next = 1;
    assert.equal((await send()).status, 429);
    const call = () => grpc.call(exportPath.traces, encodeSpans(spans(2)), { timeoutMs: 5000 });
    await assert.rejects(
      call(),
      (error: GrpcError) => error.code === GrpcCode.resourceExhausted && error.retryAfterMs! > 0,
    );
    next = 2;
    assert.equal((await send()).status, 400);
    await assert.rejects(call(), (error: GrpcError) => error.code === GrpcCode.invalidArgument);
    next = 3;
    const partial = await send();
    assert.equal(partial.status, 200);
    assert.deepEqual(await partial.json(), { partialSuccess: { rejectedSpans: '1', errorMessage: 'one was bad' } });
  });
});

test('bad requests get the status and the words of the real receiver', async () => {
  await run({}, async ({ http, grpc, traces }) => {
    const url = `${http}/v1/traces`;
    const text = await post(url, 'x', { 'content-type': 'text/plain' });
    assert.equal(text.status, 415);
    assert.equal(
      await text.text(),
      '415 unsupported media type, supported: [application/json, application/x-protobuf]',
    );
    const get = await fetch(url);
    assert.deepEqual([get.status, await get.text()], [405, '405 method not allowed, supported: [POST]']);
    assert.equal((await fetch(`${http}/v1/other`, { method: 'POST' })).status, 404);
    const json = await post(url, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}', {
      'content-type': 'application/json',
    });
    assert.equal(json.status, 400);
    const { message } = (await json.json()) as { message: string };
    assert.match(message, /\$\.resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.traceId is not 32 hexadecimal digits/);
    assert.equal((await post(url, Buffer.from([10, 200]), { 'content-type': 'application/x-protobuf' })).status, 400);
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    const inflated = await post(url, bomb, { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
    assert.equal(inflated.status, 413);
    const encoding = await post(url, 'x', { 'content-type': 'application/json', 'content-encoding': 'br' });
    assert.equal(encoding.status, 400);
    await assert.rejects(
      grpc.call(exportPath.traces, Buffer.from([10, 200]), { timeoutMs: 5000 }),
      (error: GrpcError) => error.code === GrpcCode.internal,
    );
    assert.equal(traces.length, 0);
  });
});

test('browsers of allowed origins may send, others may not', async () => {
  await run({}, async ({ http }) => {
    const preflight = (origin: string, headers: string) =>
      fetchRaw(`${http}/v1/traces`, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      });
    const allowed = await preflight('http://localhost:8080', 'content-type');
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers['access-control-allow-origin'], 'http://localhost:8080');
    assert.equal(allowed.headers['access-control-allow-headers'], 'content-type');
    const foreign = await preflight('http://evil.example', 'content-type');
    assert.equal(foreign.headers['access-control-allow-origin'], undefined);
    const header = await preflight('http://localhost:8080', 'x-other');
    assert.equal(header.headers['access-control-allow-headers'], undefined);
  });
});

test('metrics become an exposition with the names that Prometheus knows', async () => {
  const nowNs = systemClock.nowNs();
  const metrics = new MetricBatchBuilder()
    .resource({ 'service.name': 'mario-pizzeria', 'service.instance.id': 'i1', 'host.name': 'oven' })
    .scope('pizzeria', '1')
    .sum({ name: 'mario.orders.created.orders', unit: '{order}', description: 'Orders' }, [
      { timeNs: nowNs, value: 3n },
    ])
    .gauge({ name: 'cpu.utilization', unit: '1' }, [{ timeNs: nowNs, value: 0.5 }])
    .histogram({ name: 'http.server.duration', unit: 'ms' }, [
      {
        timeNs: nowNs,
        count: 4,
        sum: 30,
        bounds: [5, 10],
        buckets: [1, 2, 1],
        attributes: { endpoint: '/api/menu/', 'http.status_code': 200 },
        exemplars: [{ timeNs: nowNs, value: 7, traceId, spanId: '0000000000000001' }],
      },
    ])
    .build();
  await run({}, async ({ grpc, ownMetrics, prometheus }) => {
    await grpc.call(exportPath.metrics, encodeMetrics(metrics), { timeoutMs: 5000 });
    const text = await (await fetch(`${prometheus}/metrics`)).text();
    const common = 'instance="i1",job="mario-pizzeria",otel_scope_name="pizzeria",otel_scope_version="1"';
    for (const line of [
      '# HELP mario_orders_created_orders_total Orders',
      '# TYPE mario_orders_created_orders_total counter',
      `mario_orders_created_orders_total{${common}} 3`,
      `cpu_utilization_ratio{${common}} 0.5`,
      `http_server_duration_milliseconds_bucket{endpoint="/api/menu/",http_status_code="200",${common},le="10"} 3`,
      `http_server_duration_milliseconds_bucket{endpoint="/api/menu/",http_status_code="200",${common},le="+Inf"} 4`,
      `http_server_duration_milliseconds_sum{endpoint="/api/menu/",http_status_code="200",${common}} 30`,
      'target_info{host_name="oven",instance="i1",job="mario-pizzeria"} 1',
    ]) {
      // The resource processor has added an attribute to the resource, which target_info shows too.
      const shown = text.replace('deployment_environment_name="development",', '');
      assert.ok(shown.includes(`${line}\n`), `${line}\nis missing in\n${shown}`);
    }
    const open = await fetch(`${prometheus}/metrics`, {
      headers: { accept: 'application/openmetrics-text' },
    });
    const openText = await open.text();
    assert.match(openText, /# TYPE mario_orders_created_orders counter\n/);
    assert.match(
      openText,
      /le="10.0"} 3 # {span_id="0000000000000001",trace_id="0af7651916cd43dd8448eb211c80319c"} 7 /,
    );
    assert.ok(openText.endsWith('# EOF\n'));
    const own = await (await fetch(`${ownMetrics}/metrics`)).text();
    assert.match(own, /otelcol_receiver_accepted_metric_points_total{receiver="otlp",transport="grpc"} 3\n/);
    assert.match(own, /otelcol_exporter_sent_metric_points_total{exporter="prometheus"} 3\n/);
    assert.match(own, /otelcol_processor_batch_timeout_trigger_send_total{processor="batch"} 1\n/);
    assert.match(own, /otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_grpc"} 1000\n/);
    assert.match(own, /otelcol_process_uptime_seconds_total /);
  });
});

test('own metrics have neither type suffixes nor units unless the reader asks for them, as in the real one', async () => {
  const reader = (names: string) =>
    `service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 0${names}}}}}]}}}`;
  const ask = (ownMetrics: string) =>
    fetch(`${ownMetrics}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  const check =
    (contentType: RegExp, lines: readonly RegExp[]) =>
    async ({ ownMetrics }: Running) => {
      const answer = await ask(ownMetrics);
      assert.match(answer.headers.get('content-type')!, contentType);
      const text = await answer.text();
      for (const line of lines) assert.match(text, line);
    };
  const plain = [
    /^otelcol_process_uptime \d/m,
    /^otelcol_process_cpu_seconds \d/m,
    /^otelcol_process_memory_rss \d/m,
    /^otelcol_process_runtime_heap_alloc_bytes \d/m,
    /^# TYPE otelcol_receiver_accepted_spans counter\notelcol_receiver_accepted_spans\{receiver="otlp",transport="grpc"\} 0$/m,
  ];
  await run({}, check(/^text\/plain/, plain), reader(''));
  const typed = [/^otelcol_process_uptime_total \d/m, /^otelcol_process_memory_rss \d/m];
  await run({}, check(/^application\/openmetrics-text/, typed), reader(', without_type_suffix: false'));
  const withUnits = [/^otelcol_process_uptime_seconds \d/m, /^otelcol_process_memory_rss_bytes \d/m];
  await run({}, check(/^text\/plain/, withUnits), reader(', without_units: false'));
});

test('logs reach the log store; health is told; closing drains what was taken', async () => {
  await run({}, async ({ collector, grpc, http, health, logs: stored }) => {
    const status = (await (await fetch(health)).json()) as { status: string };
    assert.equal(status.status, 'Server available');
    const sent = await post(`${http}/v1/logs`, encodeLogsJson(logs), { 'content-type': 'application/json' });
    assert.equal(sent.status, 200);
    const pending = grpc.call(exportPath.logs, encodeLogs(logs), { timeoutMs: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await collector.close();
    await pending;
    assert.equal(
      stored.reduce((sum, batch) => sum + batch.count, 0),
      2,
    );
    await assert.rejects(fetch(health));
  });
});

test('a memory limiter refuses while too much is under way, and takes again afterwards', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const more = 'processors: {memory_limiter: {limit_mib: 2, spike_limit_mib: 1}, batch: {timeout: 1ms}}';
  await run(
    { consumeTraces: () => held },
    async ({ grpc, ownMetrics }) => {
      const large = encodeSpans(spans(3000, 'x'));
      const first = grpc.call(exportPath.traces, large, { timeoutMs: 5000 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await assert.rejects(
        grpc.call(exportPath.traces, large, { timeoutMs: 5000 }),
        (error: GrpcError) => error.code === GrpcCode.unavailable && /high memory usage/.test(error.message),
      );
      release();
      await first;
      await grpc.call(exportPath.traces, large, { timeoutMs: 5000 });
      const own = await (await fetch(`${ownMetrics}/metrics`)).text();
      assert.match(own, /otelcol_processor_memory_limiter_refused_spans_total{processor="memory_limiter"} 3000\n/);
      assert.match(own, /otelcol_receiver_refused_spans_total{receiver="otlp",transport="grpc"} 3000\n/);
    },
    more,
  );
});

test('a wrong configuration and a taken port are told in one line', async () => {
  await run({}, async ({ collector }) => {
    const port = new URL(collector.addresses[1]!).port;
    const more = `receivers: {otlp: {protocols: {http: {endpoint: "0.0.0.0:${port}"}}}}`;
    await assert.rejects(
      run({}, async () => {}, more),
      new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken by`),
    );
  });
  await assert.rejects(
    run({}, async () => {}, 'exporters: {otlp_grpc: {endpoit: x}}'),
    /more\.yaml:1: exporters\.otlp_grpc\.endpoit: unknown key/,
  );
  const unsupported = 'receivers: {kafka: }\nservice: {pipelines: {traces: {receivers: [kafka]}}}';
  await assert.rejects(
    run({}, async () => {}, unsupported),
    /needs receiver kafka/,
  );
});

/** `fetch` does not let a program send what browsers send in a preflight. */
function fetchRaw(
  url: string,
  headers: http.OutgoingHttpHeaders,
): Promise<{ status: number; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'OPTIONS', headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode!, headers: response.headers });
    });
    request.once('error', reject);
    request.end();
  });
}
