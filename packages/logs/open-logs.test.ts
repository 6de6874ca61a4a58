import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LogBatchBuilder } from '@mario/otlp';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { WebSocket } from 'ws';
import { defaultLokiConfig } from './config/loki-config.ts';
import { type LogsService, openLogs } from './open-logs.ts';

async function withLogs(use: (base: string, logs: LogsService) => Promise<void>): Promise<void> {
  const logs = await openLogs({
    context: { clock: systemClock, log: silentLog, network: new NetworkMap(), host: '127.0.0.1', portOffset: 0 },
    config: defaultLokiConfig(),
    directory: openMemoryDirectory(),
    port: 0,
  });
  try {
    await use(logs.addresses[0]!, logs);
  } finally {
    await logs.close();
  }
}

const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

function push(base: string, values: readonly unknown[], stream: object = { app: 'foo' }): Promise<Response> {
  return fetch(`${base}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream, values }] }),
  });
}

/** The parts of answers that tests look at. */
interface Answer {
  readonly status: string;
  readonly data: {
    readonly resultType: string;
    readonly encodingFlags?: string[];
    readonly result: { stream: object; metric: object; values: unknown[][]; value: unknown[] }[];
    readonly stats: object;
  };
}

async function ask(
  base: string,
  path: string,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${base}${path}?${new URLSearchParams(parameters).toString()}`, { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as Answer;
}

test('what is pushed is found by every kind of query', async () => {
  await withLogs(async (base) => {
    const time = nowNs();
    const pushed = await push(base, [
      [String(time), 'level=info n=1'],
      [String(time + 1n), 'level=error n=2', { trace_id: 'abc' }],
    ]);
    assert.equal(pushed.status, 204);
    const logs = await ask(base, '/loki/api/v1/query_range', { query: '{app="foo"}', end: String(time + 2n) });
    assert.equal(logs.data.resultType, 'streams');
    assert.deepEqual(logs.data.result, [
      {
        stream: { app: 'foo', detected_level: 'error', service_name: 'foo', trace_id: 'abc' },
        values: [[String(time + 1n), 'level=error n=2']],
      },
      {
        stream: { app: 'foo', detected_level: 'info', service_name: 'foo' },
        values: [[String(time), 'level=info n=1']],
      },
    ]);
    const categorized = await ask(
      base,
      '/loki/api/v1/query_range',
      { query: '{app="foo"} |= "error" | logfmt', end: String(time + 2n) },
      { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' },
    );
    assert.deepEqual(categorized.data.encodingFlags, ['categorize-labels']);
    assert.deepEqual(categorized.data.result, [
      {
        stream: { app: 'foo', service_name: 'foo' },
        values: [
          [
            String(time + 1n),
            'level=error n=2',
            { structuredMetadata: { detected_level: 'error', trace_id: 'abc' }, parsed: { level: 'error', n: '2' } },
          ],
        ],
      },
    ]);
    const vector = await ask(base, '/loki/api/v1/query', {
      query: 'sum by (level) (sum_over_time({app="foo"} | logfmt | unwrap n [5m]))',
      time: String(time + 1_000_000_000n),
    });
    assert.equal(vector.data.resultType, 'vector');
    assert.deepEqual(
      vector.data.result.map(({ metric, value }) => [metric, value[1]]),
      [
        [{ level: 'error' }, '2'],
        [{ level: 'info' }, '1'],
      ],
    );
    const form = await fetch(`${base}/loki/api/v1/query_range`, {
      method: 'POST',
      body: new URLSearchParams({ query: 'rate({app="foo"}[1m])', step: '30s' }),
    });
    assert.equal(((await form.json()) as Answer).data.resultType, 'matrix');
  });
});

test('the end of a log query is open, its limit and direction hold', async () => {
  await withLogs(async (base) => {
    const time = nowNs() - 1_000_000_000n;
    await push(
      base,
      Array.from({ length: 10 }, (_, i) => [String(time + BigInt(i)), `line ${i}`, {}]),
    );
    const lines = async (parameters: Record<string, string>): Promise<unknown[]> => {
      const { data } = await ask(base, '/loki/api/v1/query_range', {
        query: '{app="foo"}',
        start: String(time),
        end: String(time + 9n),
        ...parameters,
      });
      return data.result.flatMap(({ values }) => values.map(([, line]) => line));
    };
    assert.deepEqual(await lines({ limit: '2' }), ['line 8', 'line 7']);
    assert.deepEqual(await lines({ limit: '2', direction: 'forward' }), ['line 0', 'line 1']);
    assert.equal((await lines({})).length, 9);
    assert.deepEqual(await lines({ interval: '1s', direction: 'forward' }), ['line 0']);
  });
});

test('labels, series, statistics, volumes, fields and patterns', async () => {
  await withLogs(async (base) => {
    const time = nowNs();
    await push(base, [[String(time), 'took=12ms user=1']], { app: 'foo', env: 'prod' });
    await push(base, [[String(time), 'took=9ms user=2']], { app: 'bar' });
    const get = async (path: string, parameters: Record<string, string> = {}): Promise<unknown> =>
      ask(base, path, parameters);
    assert.deepEqual(await get('/loki/api/v1/labels'), { status: 'success', data: ['app', 'env', 'service_name'] });
    assert.deepEqual(await get('/loki/api/v1/label/app/values', { query: '{env="prod"}' }), {
      status: 'success',
      data: ['foo'],
    });
    assert.deepEqual(await get('/loki/api/v1/series', { 'match[]': '{env="prod"}' }), {
      status: 'success',
      data: [{ app: 'foo', env: 'prod', service_name: 'foo' }],
    });
    assert.deepEqual(await get('/loki/api/v1/index/stats', { query: '{app=~".+"}' }), {
      streams: 2,
      chunks: 2,
      bytes: 31,
      entries: 2,
    });
    const volume = await ask(base, '/loki/api/v1/index/volume', { query: '{app=~".+"}' });
    assert.deepEqual(
      volume.data.result.map(({ metric, value }) => [metric, value[1]]),
      [
        [{ app: 'foo' }, '16'],
        [{ app: 'bar' }, '15'],
      ],
    );
    const { fields } = (await get('/loki/api/v1/detected_fields', { query: '{app=~".+"}' })) as {
      fields: { label: string; type: string }[];
    };
    assert.deepEqual(
      fields.filter(({ label }) => label !== 'detected_level'),
      [
        { label: 'took', type: 'duration', cardinality: 2, parsers: ['logfmt'] },
        { label: 'user', type: 'int', cardinality: 2, parsers: ['logfmt'] },
      ],
    );
    const { data } = (await get('/loki/api/v1/patterns', { query: '{app=~".+"}' })) as unknown as {
      data: { pattern: string }[];
    };
    assert.deepEqual(
      data.map(({ pattern }) => pattern),
      ['took=<_> user=<_>'],
    );
    assert.deepEqual(await get('/loki/api/v1/format_query', { query: '{a="b"}|="c"' }), {
      status: 'success',
      data: '{a="b"} |= "c"',
    });
  });
});

test('OTLP in protobuf arrives by HTTP and by the consumer', async () => {
  await withLogs(async (base, logs) => {
    const builder = new LogBatchBuilder();
    assert.equal(builder.build().count, 0);
    const time = String(nowNs());
    const body = {
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'svc' } }] },
          scopeLogs: [{ logRecords: [{ timeUnixNano: time, body: { stringValue: 'hi' } }] }],
        },
      ],
    };
    const response = await fetch(`${base}/otlp/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(body)),
    });
    assert.equal(response.status, 200, await response.text());
    await logs.consumer.consumeLogs(builder.build());
    const { data } = await ask(base, '/loki/api/v1/query_range', { query: '{service_name="svc"}' });
    assert.deepEqual(data.result[0]!.values, [[time, 'hi']]);
  });
});

test('what is wrong is answered with status and text, and the server lives', async () => {
  await withLogs(async (base) => {
    const get = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(base + path);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await get(`/loki/api/v1/query?query=${encodeURIComponent('{app="foo"}')}`), [
      400,
      'log queries are not supported as an instant query type, please change your query to a range query type\n',
    ]);
    assert.deepEqual(await get('/loki/api/v1/query_range?query={'), [
      400,
      'parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }\n',
    ]);
    assert.deepEqual(
      JSON.parse((await get('/loki/api/v1/query_range?query=vector(1)&start=1700000007&end=1700000025&step=10'))[1])
        .data.result,
      [{ metric: {}, values: [1700000000, 1700000010, 1700000020, 1700000030].map((time) => [time, '1']) }],
    );
    const side = (value: number) => `label_replace(vector(1), "a", "${value}", "", "")`;
    const ambiguous = `vector(1) * on () (${side(1)} or ${side(2)})`;
    assert.deepEqual(await get(`/loki/api/v1/query?query=${encodeURIComponent(ambiguous)}`), [
      500,
      'found duplicate series on the right hand-side;many-to-many matching not allowed: matching labels must be unique on one side\n',
    ]);
    assert.equal((await get('/loki/api/v1/query_range?query=vector(1)&start=x'))[0], 400);
    assert.equal((await get('/loki/api/v1/query_range?query=vector(1)&start=0&end=1700000000&step=1'))[0], 400);
    assert.equal((await get('/loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&limit=999999'))[0], 400);
    assert.equal((await get('/nowhere'))[0], 404);
    const bad = await push(base, [['1', 'x']], {});
    assert.deepEqual([bad.status, await bad.text()], [400, 'error at least one label pair is required per stream\n']);
    const broken = await fetch(`${base}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: 'not snappy',
    });
    assert.equal(broken.status, 400);
    assert.deepEqual(await get('/ready'), [200, 'ready\n']);
    assert.match((await get('/metrics'))[1], /loki_discarded_samples_total\{reason="missing_labels",tenant="fake"\} 1/);
  });
});

test('a client that offers HTTP/2 is answered as if it had not', async () => {
  await withLogs(async (base) => {
    const request = httpRequest(`${base}/ready`, {
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAEAAEAA' },
    }).end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    assert.equal(answer.statusCode, 200);
  });
});

test('a tail shows what is there and what comes', async () => {
  await withLogs(async (base) => {
    await push(base, [[String(nowNs()), 'before x']]);
    const socket = new WebSocket(
      `${base.replace('http', 'ws')}/loki/api/v1/tail?query=${encodeURIComponent('{app="foo"} |= "x"')}`,
    );
    const lines: string[] = [];
    const arrived = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        const message = JSON.parse((data as Buffer).toString()) as {
          streams: { values: string[][] }[];
          dropped_entries: null;
        };
        for (const { values } of message.streams) for (const [, line] of values) lines.push(line!);
        if (lines.length === 1)
          void push(base, [
            [String(nowNs()), 'no'],
            [String(nowNs()), 'after x'],
          ]);
        if (lines.length === 2) resolve();
      });
    });
    await arrived;
    socket.close();
    assert.deepEqual(lines, ['before x', 'after x']);
    const refused = new WebSocket(`${base.replace('http', 'ws')}/loki/api/v1/tail?query=x`);
    await new Promise((resolve) => refused.on('error', resolve));
  });
});
