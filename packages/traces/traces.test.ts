import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeSpans } from '@mario/otlp';
import { type Log, NetworkMap, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { sampleTrace, sampleTraceId } from './testing/sample.ts';
import { openTraces, type TracesOptions, type TracesService } from './traces.ts';

const DEPLOYED = fileURLToPath(new URL('../../deploy/tempo/tempo.yaml', import.meta.url));
const START_S = Date.UTC(2026, 0, 1) / 1000;

function open(options: Partial<TracesOptions> = {}): Promise<TracesService> {
  return openTraces({
    clock: new FakeClock(Date.UTC(2026, 0, 1) + 3_600_000),
    log: silentLog,
    network: new NetworkMap(),
    host: '127.0.0.1',
    portOffset: 0,
    port: 0,
    directory: openMemoryDirectory(),
    ...options,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals, whatever their shape.
type Answer = any;

describe('traces API', () => {
  let service: TracesService;
  const get = async (path: string, headers: Record<string, string> = {}) =>
    fetch(`${service.addresses[0]}${path}`, { headers });
  const json = async (path: string): Promise<Answer> => {
    const response = await get(path);
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  };
  const search = (q: string, rest = '') => json(`/api/search?q=${encodeURIComponent(q)}${rest}`);

  before(async () => {
    service = await open();
    for (let number = 0; number < 30; number++) await service.consumer.consumeTraces(sampleTrace(number));
  });
  after(() => service.close());

  test('gives a trace by id in JSON as Tempo does', async () => {
    const v1 = await json(`/api/traces/${sampleTraceId(10)}`);
    assert.equal(v1.batches.length, 2);
    const [first] = v1.batches[0].scopeSpans;
    assert.deepEqual(first.scope, { name: 'http', version: '1.2.3' });
    assert.deepEqual(first.spans[0].status, { code: 'STATUS_CODE_ERROR', message: 'database is locked' });
    assert.equal(first.spans[0].kind, 'SPAN_KIND_SERVER');
    assert.equal(Buffer.from(first.spans[0].traceId, 'base64').toString('hex'), sampleTraceId(10));
    assert.equal(first.spans[0].parentSpanId, undefined);
    assert.deepEqual(first.spans[0].attributes[1], { key: 'http.response.status_code', value: { intValue: '500' } });
    assert.equal(first.spans[3].events[0].name, 'exception');
    const v2 = await json(`/api/v2/traces/${sampleTraceId(10)}`);
    assert.deepEqual(v2.trace.resourceSpans, v1.batches);
  });

  test('gives a trace by id in protobuf', async () => {
    const accept = { accept: 'application/protobuf' };
    const v1 = await get(`/api/traces/${sampleTraceId(3)}`, accept);
    assert.equal(v1.headers.get('content-type'), 'application/protobuf');
    const bytes = new Uint8Array(await v1.arrayBuffer());
    assert.equal(decodeSpans(bytes).count, 5);
    const v2 = new Uint8Array(await (await get(`/api/v2/traces/${sampleTraceId(3)}`, accept)).arrayBuffer());
    assert.equal(v2[0], 0x0a);
    assert.deepEqual(v2.subarray(v2.length - bytes.length), bytes);
  });

  test('says what is wrong with an id', async () => {
    const text = async (path: string) => {
      const response = await get(path);
      return `${response.status} ${(await response.text()).trim()}`;
    };
    assert.equal(await text('/api/traces/1234'), '404 trace not found');
    assert.equal(
      await text('/api/traces/12x4'),
      "400 trace IDs can only contain hex characters: invalid character 'x' at position 3",
    );
    assert.equal(await text(`/api/traces/${'1'.repeat(33)}`), "400 trace IDs can't be larger than 128 bits");
    assert.equal(await text('/nothing'), '404 404 page not found');
    assert.match(
      await text('/api/search?q=%7B%20.a%20%3D%20%7D'),
      /^400 invalid TraceQL query: parse error at line 1, col 8/,
    );
    assert.match(await text('/api/search?limit=x'), /^400 invalid limit: strconv.ParseInt: parsing "x"/);
    assert.match(await text('/api/search?start=10&end=5'), /^400 http parameter start must be before end/);
    assert.match(await text('/api/search?spss=1000&q={}'), /^400 spans per span set exceeds 100/);
  });

  test('searches the newest first, with what the query mentions', async () => {
    const { traces } = await search('{ resource.service.name = "mario-pizzeria" && kind = server }', '&limit=3');
    assert.deepEqual(
      traces.map(({ traceID }: Answer) => traceID),
      [29, 28, 27].map(sampleTraceId),
    );
    const [newest] = traces;
    assert.equal(newest.rootServiceName, 'mario-pizzeria');
    assert.equal(newest.rootTraceName, 'POST /api/orders/');
    assert.equal(newest.startTimeUnixNano, `${START_S + 29}000000000`);
    assert.equal(newest.durationMs, 129);
    assert.deepEqual(newest.serviceStats, { 'mario-pizzeria': { spanCount: 4 }, payment: { spanCount: 1 } });
    assert.deepEqual(newest.spanSets, [newest.spanSet]);
    assert.equal(newest.spanSet.matched, 1);
    assert.deepEqual(newest.spanSet.spans[0].attributes, [
      { key: 'service.name', value: { stringValue: 'mario-pizzeria' } },
      { key: 'kind', value: { stringValue: 'server' } },
    ]);
    assert.equal(newest.spanSet.spans[0].durationNanos, '129000000');
  });

  test('searches by errors, structure, aggregates, select, time and the old tags', async () => {
    const ids = async (q: string, rest = '&limit=100') =>
      (await search(q, rest)).traces.map(({ traceID }: Answer) => Number.parseInt(traceID.slice(-8), 16));
    assert.deepEqual(await ids('{ status = error }'), [20, 10, 0]);
    assert.deepEqual(await ids('{ kind = server } >> { status = error && kind = client }'), [20, 10, 0]);
    assert.deepEqual(await ids('{ } | max(duration) >= 128ms'), [29, 28]);
    assert.deepEqual(await ids('{ }', `&start=${START_S + 5}&end=${START_S + 7}`), [7, 6, 5]);
    const { traces } = await search('{ name = "charge" } | select(resource.service.name, .nothing)', '&limit=1');
    assert.equal(traces[0].spanSet.spans[0].name, 'charge');
    assert.deepEqual(traces[0].spanSet.spans[0].attributes, [
      { key: 'service.name', value: { stringValue: 'payment' } },
    ]);
    const counted = await search('{ } | count() > 4', '&limit=1&spss=2');
    assert.equal(counted.traces[0].spanSet.matched, 5);
    assert.equal(counted.traces[0].spanSet.spans.length, 2);
    assert.deepEqual(counted.traces[0].spanSet.attributes, [{ key: 'count()', value: { intValue: '5' } }]);
    const old = await json('/api/search?tags=service.name%3Dpayment%20&minDuration=128ms&limit=5');
    assert.equal(old.traces.length, 2, 'minDuration is about the trace');
    const tagged = await json(
      '/api/search?tags=http.response.status_code%3D500%20name%3D%22POST%20%2Fapi%2Forders%2F%22',
    );
    assert.equal(tagged.traces.length, 3);
  });

  test('lists tags and their values', async () => {
    const v1 = await json('/api/search/tags');
    assert.ok(v1.tagNames.includes('service.name') && v1.tagNames.includes('exception.message'));
    const v2 = await json('/api/v2/search/tags');
    const scopes = Object.fromEntries(v2.scopes.map(({ name, tags }: Answer) => [name, tags]));
    assert.deepEqual(scopes.resource, ['service.name', 'service.version']);
    assert.ok(scopes.intrinsic.includes('rootServiceName'));
    assert.deepEqual((await json('/api/search/tag/service.name/values')).tagValues, ['mario-pizzeria', 'payment']);
    assert.deepEqual((await json('/api/v2/search/tag/resource.service.name/values')).tagValues, [
      { type: 'string', value: 'mario-pizzeria' },
      { type: 'string', value: 'payment' },
    ]);
    assert.deepEqual((await json('/api/v2/search/tag/.vip/values')).tagValues.length, 2);
    assert.deepEqual((await json('/api/v2/search/tag/status/values')).tagValues[0], {
      type: 'keyword',
      value: 'error',
    });
    const q = encodeURIComponent('{ resource.service.name = "payment" }');
    assert.deepEqual((await json(`/api/v2/search/tag/name/values?q=${q}`)).tagValues, [
      { type: 'string', value: 'charge' },
    ]);
    assert.equal((await get('/api/v2/search/tag/nonsense/values')).status, 400);
  });

  test('computes metrics from spans', async () => {
    const range = (q: string) =>
      json(`/api/metrics/query_range?q=${encodeURIComponent(q)}&start=${START_S}&end=${START_S + 30}&step=10`);
    const rate = await range('{ kind = server } | rate() by (resource.service.name)');
    assert.deepEqual(rate.series.map(({ promLabels }: Answer) => promLabels).sort(), [
      '{"resource.service.name"="mario-pizzeria"}',
      '{"resource.service.name"="payment"}',
    ]);
    const [first] = rate.series;
    assert.deepEqual(first.labels, [{ key: 'resource.service.name', value: { stringValue: 'mario-pizzeria' } }]);
    // Buckets are open on the left: trace 0, which starts with the range, belongs to the bucket before.
    assert.deepEqual(first.samples, [
      { timestampMs: `${START_S + 10}000`, value: 1 },
      { timestampMs: `${START_S + 20}000`, value: 1 },
      { timestampMs: `${START_S + 30}000`, value: 0.9 },
    ]);
    const errors = await range('{ status = error } | count_over_time()');
    assert.equal(errors.series[0].promLabels, '{__name__="count_over_time"}');
    assert.deepEqual(
      errors.series[0].samples.map(({ value }: Answer) => value),
      [2, 2, 1],
    );
    const max = await range('{ } | max_over_time(duration)');
    assert.equal(max.series[0].samples[2].value, 0.129);
    const quantiles = await range(
      '{ name = "SELECT menu" } | quantile_over_time(duration, .5, 0.99)'.replace('.5', '0.5'),
    );
    assert.deepEqual(
      quantiles.series.map(({ labels }: Answer) => labels[0]),
      [0.5, 0.99].map((doubleValue) => ({ key: 'p', value: { doubleValue } })),
    );
    const top = await range('{ } | count_over_time() by (name) | topk(2)');
    const points = top.series.flatMap(({ samples }: Answer) => samples);
    assert.equal(points.length, 6, 'two series at each of three times');
    const instant = await json(
      `/api/metrics/query?q=${encodeURIComponent('{ } | count_over_time()')}&start=${START_S}&end=${START_S + 30}`,
    );
    assert.equal(instant.series[0].value, 29 * 5 + 4 - 0);
    const compared = await range('{ kind = server && name != "charge" } | compare({ status = error }, 2)');
    const counts = Object.fromEntries(
      compared.series.map(({ promLabels, samples }: Answer) => [
        promLabels,
        samples.reduce((sum: number, { value = 0 }: Answer) => sum + value, 0),
      ]),
    );
    assert.equal(counts['{__meta_type="selection", "span.http.response.status_code"="500"}'], 2);
    assert.equal(counts['{__meta_type="baseline", "span.http.response.status_code"="201"}'], 27);
    assert.equal(counts['{__meta_type="baseline_total", name="<nil>"}'], 27);
  });

  test('answers the rest of the API', async () => {
    assert.equal(await (await get('/api/echo')).text(), 'echo');
    assert.equal(await (await get('/ready')).text(), 'ready\n');
    assert.equal((await json('/api/status/buildinfo')).version, '3.0.3');
    const metrics = await (await get('/metrics')).text();
    assert.match(metrics, /tempo_distributor_spans_received_total\{tenant="single-tenant"\} 150/);
    assert.match(metrics, /tempo_request_duration_seconds_bucket\{.*route="api_search"/);
    assert.equal((await get('/flush')).status, 204);
    assert.equal((await search('{ status = error }')).traces.length, 3);
  });
});

describe('tempo.yaml', () => {
  test('the deployed file is read without complaint, and its names are on the map', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message), child: () => log };
    const network = new NetworkMap();
    const service = await open({ configPath: DEPLOYED, network, log });
    assert.deepEqual(warnings, []);
    assert.equal(network.lookup('tempo:3200')?.port, service.port);
    assert.equal(network.lookup('tempo:4317')?.consumers?.traces, service.consumer);
    await service.close();
    assert.equal(network.lookup('tempo:4317'), undefined);
  });

  test('unknown and removed keys are refused with their place, unused ones are named', () =>
    withTemporaryFolder(async (folder) => {
      const configPath = join(folder, 'tempo.yaml');
      await writeFile(configPath, 'server:\n  http_listen_prot: 3200\ncompactor: {}\n');
      await assert.rejects(open({ configPath }), (error: Error) => {
        assert.match(error.message, /tempo.yaml:2: server.http_listen_prot: unknown key/);
        assert.match(error.message, /tempo.yaml:3: compactor: was removed in Tempo 3.0/);
        return true;
      });
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (message) => void warnings.push(message), child: () => log };
      await writeFile(configPath, 'metrics_generator: {}\n');
      await (await open({ configPath, log })).close();
      assert.match(warnings.join(), /tempo.yaml:1: metrics_generator: is not used by the embedded engine/);
    }));

  test('a taken port leaves nothing open', async () => {
    const directory = openMemoryDirectory();
    const first = await open();
    await assert.rejects(open({ directory, port: first.port }), { code: 'MARIO_SERVICE_PORT_TAKEN' });
    await (await open({ directory })).close();
    await first.close();
  });
});
