// Decoding throughput beside protobufjs, the same bytes by turns: `node packages/otlp/bench/decode.ts`.
import protobuf from 'protobufjs';
import {
  decodeLogs,
  decodeMetrics,
  decodeSpans,
  encodeLogs,
  encodeMetrics,
  encodeSpans,
  LogBatchBuilder,
  MetricBatchBuilder,
  SpanBatchBuilder,
} from '../index.ts';

const records = 1000;
/** Requests of each kind, so that ids and times differ from one to the next. */
const requests = 20;
const rounds = 9;

const routes = ['/api/menu/', '/api/orders/', '/api/orders/{id}', '/kitchen', '/'];

function hex(seed: number, digits: number): string {
  let text = '';
  for (
    let x = (seed * 2_654_435_761) >>> 0;
    text.length < digits;
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
  ) {
    text += x.toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}

const resource = {
  'service.name': 'mario-pizzeria',
  'service.version': '0.1.0',
  'service.instance.id': '627cc493-f310-47de-96bd-71410b7dec09',
  'host.name': 'oven',
  'process.pid': 4711,
  'telemetry.sdk.language': 'nodejs',
};

function spans(n: number): Buffer {
  const builder = new SpanBatchBuilder().resource(resource).scope('http', '1.0');
  for (let i = 0; i < records; i++) {
    const seed = n * records + i;
    const route = routes[seed % routes.length]!;
    const startNs = 1_700_000_000_000_000_000n + BigInt(seed) * 1_000_003n;
    builder.span({
      traceId: hex(seed, 32),
      spanId: hex(seed + 1, 16),
      parentSpanId: hex(seed + 2, 16),
      name: `GET ${route}`,
      kind: 'server',
      startNs,
      endNs: startNs + 5_000_000n,
      attributes: {
        'http.request.method': 'GET',
        'http.route': route,
        'http.response.status_code': seed % 50 === 0 ? 500 : 200,
        'server.address': 'localhost',
        'server.port': 8080,
        'url.path': route.replace('{id}', hex(seed, 8)),
        'network.protocol.version': '1.1',
        'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
      },
    });
  }
  return encodeSpans(builder.build());
}

function logs(n: number): Buffer {
  const builder = new LogBatchBuilder().resource(resource).scope('pino');
  for (let i = 0; i < records; i++) {
    const seed = n * records + i;
    builder.log({
      timeNs: 1_700_000_000_000_000_000n + BigInt(seed) * 1_000_003n,
      severityNumber: 9,
      severityText: 'info',
      body: `order ${hex(seed, 12)} is ${seed % 3 === 0 ? 'ready' : 'cooking'}`,
      attributes: { app: 'api-app', route: routes[seed % routes.length]!, duration_ms: seed % 97, pid: 4711 },
      traceId: hex(seed, 32),
      spanId: hex(seed + 1, 16),
    });
  }
  return encodeLogs(builder.build());
}

function metrics(n: number): Buffer {
  const builder = new MetricBatchBuilder().resource(resource).scope('runtime');
  const timeNs = 1_700_000_000_000_000_000n + BigInt(n) * 15_000_000_000n;
  for (let m = 0; m < records / 50; m++) {
    const points = Array.from({ length: 50 }, (_, i) => ({
      timeNs,
      startNs: 1_700_000_000_000_000_000n,
      value: n * 1000 + i + 0.5,
      attributes: {
        endpoint: routes[i % routes.length]!,
        method: 'GET',
        http_status_code: String(200 + i),
        app: 'api-app',
      },
    }));
    builder.sum({ name: `http.server.metric.${m}`, unit: 'ms', description: 'A metric' }, points);
  }
  return encodeMetrics(builder.build());
}

/** The messages with the fields that occur here, which is what a generated decoder has to look at. */
const schema = `
syntax = "proto3";
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start = 7; fixed64 end = 8; repeated KeyValue attributes = 9; }
message Log { fixed64 time = 1; int32 severity = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; fixed64 observed = 11; }
message Point { fixed64 start = 2; fixed64 time = 3; double as_double = 4; repeated KeyValue attributes = 7; }
message Sum { repeated Point points = 1; int32 temporality = 2; bool monotonic = 3; }
message Metric { string name = 1; string description = 2; string unit = 3; Sum sum = 7; }
message Scopespans { Scope scope = 1; repeated Span records = 2; }
message Scopelogs { Scope scope = 1; repeated Log records = 2; }
message Scopemetrics { Scope scope = 1; repeated Metric records = 2; }
message Resspans { Resource resource = 1; repeated Scopespans scopes = 2; }
message Reslogs { Resource resource = 1; repeated Scopelogs scopes = 2; }
message Resmetrics { Resource resource = 1; repeated Scopemetrics scopes = 2; }
message Spans { repeated Resspans resources = 1; }
message Logs { repeated Reslogs resources = 1; }
message Metrics { repeated Resmetrics resources = 1; }
`;

const { root } = protobuf.parse(schema);
const signals = [
  ['traces', spans, decodeSpans, 'Spans'],
  ['metrics', metrics, decodeMetrics, 'Metrics'],
  ['logs', logs, decodeLogs, 'Logs'],
] as const;

for (const [signal, make, decode, type] of signals) {
  const bodies = Array.from({ length: requests }, (_, n) => make(n));
  const message = root.lookupType(type);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(perCpuSecond(bodies, decode));
    theirs.push(perCpuSecond(bodies, (body) => message.decode(body)));
  }
  const bytes = Math.round(bodies[0]!.length / records);
  console.log(
    `${signal}: columns ${median(ours)}, protobufjs ${median(theirs)} thousand records per CPU second (${bytes} bytes a record)`,
  );
}

/** Thousand records. */
function perCpuSecond(bodies: readonly Buffer[], decode: (body: Buffer) => unknown): number {
  const start = process.cpuUsage();
  let decoded = 0;
  for (let turn = 0; turn < 5; turn++) {
    for (const body of bodies) {
      decode(body);
      decoded += records;
    }
  }
  const { user, system } = process.cpuUsage(start);
  return decoded / 1000 / ((user + system) / 1e6);
}

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[values.length >> 1]!);
}
