import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createListener, listen } from '@mario/service';
import { Labels } from '../model/labels.ts';
import { createEngine, DEFAULT_FEATURES } from '../promql/index.ts';
import { parseScript } from '../promql/script/commands.ts';
import { load } from '../promql/script/load.ts';
import { MemoryStore } from '../promql/script/memory-store.ts';
import { addApiRoutes } from './routes.ts';
import type { ApiSources } from './sources.ts';

const NOW_MS = 600_000;

async function startApi(t: TestContext, data: string, change: Partial<ApiSources> = {}) {
  const store = new MemoryStore();
  for (const command of parseScript(`load 15s\n${data}\n`)) if (command.type === 'load') load(store, command);
  const sources: ApiSources = {
    queryable: store,
    engine: createEngine(),
    features: DEFAULT_FEATURES,
    nowMs: () => NOW_MS,
    targets: () => ({ active: [], dropped: [] }),
    rules: () => [],
    alertmanagers: () => ({ active: [], dropped: [] }),
    status: {
      configYaml: () => 'global: {}\n',
      flags: () => ({ 'query.timeout': '2m' }),
      startedMs: 1_000,
      lastReload: () => ({ ok: true, atMs: 2_000 }),
      storageRetention: () => '7d',
      blocks: () => [
        {
          name: 'b-000000000007',
          minTimeMs: 1_000,
          maxTimeMs: 1_999,
          sampleCount: 5,
          seriesCount: 2,
          tombstoneCount: 0,
          compacted: false,
        },
      ],
      corruptionCount: () => 0,
      tsdb: () => ({
        head: { numSeries: 2, numLabelPairs: 3, chunkCount: 1, minTimeMs: 0, maxTimeMs: NOW_MS },
        seriesCountByMetricName: [{ name: 'up', value: 2 }],
        labelValueCountByLabelName: [],
        memoryInBytesByLabelName: [],
        seriesCountByLabelValuePair: [],
      }),
    },
    reload: async () => {},
    externalLabels: () => Labels.from({ region: 'eu' }),
    ...change,
  };
  const app = await createListener();
  t.after(() => app.close());
  addApiRoutes(app, sources);
  const address = await listen(app, 'test', '127.0.0.1', 0);
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(address + path, init);
    return { status: response.status, text: await response.text() };
  };
}

const DATA = '  up{job="a"} 1x40\n  up{job="b"} 0x40\n  requests_total{job="a"} 0+1.5x40';

test('instant queries of every type', async (t) => {
  const ask = await startApi(t, DATA);
  const cases: readonly (readonly [string, string])[] = [
    [
      'up',
      '{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[600,"1"]},{"metric":{"__name__":"up","job":"b"},"value":[600,"0"]}]}',
    ],
    ['1 / 3', '{"resultType":"scalar","result":[600,"0.3333333333333333"]}'],
    ['"x<y"', '{"resultType":"string","result":[600,"x\\u003cy"]}'],
    [
      'requests_total[30s]',
      '{"resultType":"matrix","result":[{"metric":{"__name__":"requests_total","job":"a"},"values":[[585,"58.5"],[600,"60"]]}]}',
    ],
    ['absent_metric', '{"resultType":"vector","result":[]}'],
  ];
  for (const [query, data] of cases) {
    const { status, text } = await ask(`/api/v1/query?query=${encodeURIComponent(query)}`);
    assert.equal(status, 200);
    assert.equal(text, `{"status":"success","data":${data}}`);
  }
});

test('a form body is as good as a query string, an info is told', async (t) => {
  const ask = await startApi(t, DATA);
  const body = new URLSearchParams({ query: 'rate(up{job="a"}[1m])', start: '590', end: '600', step: '10s' });
  const { text } = await ask('/api/v1/query_range', { method: 'POST', body });
  const answer = JSON.parse(text);
  assert.deepEqual(answer.data.result, [
    {
      metric: { job: 'a' },
      values: [
        [590, '0'],
        [600, '0'],
      ],
    },
  ]);
  assert.equal(answer.infos.length, 1);
  assert.match(answer.infos[0], /^PromQL info: metric might not be a counter.*\(1:6\)$/);
});

test('what is wrong is refused with the real status and text', async (t) => {
  const ask = await startApi(t, DATA);
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['query?query=up%7B', 400, /"errorType":"bad_data","error":"invalid parameter \\"query\\": 1:4: parse error: /],
    [
      'query?query=up&time=x',
      400,
      /invalid parameter \\"time\\": Invalid time value for 'time': cannot parse \\"x\\" to a valid timestamp/,
    ],
    [
      'query_range?query=up&start=0&end=1',
      400,
      /invalid parameter \\"step\\": cannot parse \\"\\" to a valid duration/,
    ],
    [
      'query_range?query=up&start=0&end=1&step=0',
      400,
      /zero or negative query resolution step widths are not accepted/,
    ],
    ['query_range?query=up&start=2&end=1&step=1', 400, /end timestamp must not be before start time/],
    [
      'query_range?query=up&start=0&end=11001&step=1',
      400,
      /exceeded maximum resolution of 11,000 points per timeseries/,
    ],
    ['query?query=up+%2B+on()+up', 422, /"errorType":"execution","error":"found duplicate series for the match group/],
    ['series', 400, /no match\[\] parameter provided/],
    ['nothing', 404, /404 page not found/],
  ];
  for (const [path, status, message] of cases) {
    const answer = await ask(`/api/v1/${path}`);
    assert.equal(answer.status, status, path);
    assert.match(answer.text, message, path);
  }
});

test('series, labels and values, limited with a warning', async (t) => {
  const ask = await startApi(t, DATA);
  const data = async (path: string) => JSON.parse((await ask(`/api/v1/${path}`)).text);
  assert.deepEqual((await data('labels')).data, ['__name__', 'job']);
  assert.deepEqual((await data('label/job/values?match[]=up')).data, ['a', 'b']);
  assert.deepEqual((await data('series?match[]=requests_total&match[]={job="b"}')).data, [
    { __name__: 'requests_total', job: 'a' },
    { __name__: 'up', job: 'b' },
  ]);
  const limited = await data('labels?limit=1');
  assert.deepEqual([limited.data, limited.warnings], [['__name__'], ['results truncated due to limit']]);
});

test('federation gives the newest samples with external labels', async (t) => {
  const ask = await startApi(t, DATA);
  const { text } = await ask('/federate?match[]=up');
  assert.equal(
    text,
    '# TYPE up untyped\nup{job="a",instance="",region="eu"} 1 600000\nup{job="b",instance="",region="eu"} 0 600000\n',
  );
  assert.equal((await ask('/federate?match[]=up%7B')).status, 400);
});

test('an expression is printed and taken apart', async (t) => {
  const ask = await startApi(t, DATA);
  const format = JSON.parse((await ask('/api/v1/format_query?query=sum(up)by(job)')).text);
  assert.equal(format.data, 'sum by (job) (up)');
  const tree = JSON.parse((await ask('/api/v1/parse_query?query=sum(up)by(job)')).text).data;
  assert.equal(tree.type, 'aggregation');
  assert.deepEqual(tree.expr.matchers, [{ name: '__name__', value: 'up', type: '=' }]);
});

test('the server tells about itself, in JSON and on pages', async (t) => {
  const ask = await startApi(t, DATA);
  assert.equal((await ask('/-/ready')).status, 200);
  assert.equal(JSON.parse((await ask('/api/v1/status/tsdb')).text).data.headStats.numSeries, 2);
  assert.equal((await ask('/api/v1/admin/tsdb/snapshot', { method: 'POST' })).status, 500);
  for (const page of [
    '/query?expr=up',
    '/targets',
    '/service-discovery',
    '/rules',
    '/alerts',
    '/tsdb-status',
    '/config',
    '/flags',
  ]) {
    const { status, text } = await ask(page);
    assert.equal(status, 200, page);
    assert.match(text, /^<!doctype html>/);
  }
  const { text } = await ask(`/query?expr=${encodeURIComponent('"<script>"')}`);
  assert.doesNotMatch(text, /<script>/);
});

test('a failed reload says why and leaves the server running', async (t) => {
  const ask = await startApi(t, DATA, {
    reload: async () => {
      throw new Error('prometheus.yml:3: scrape_configs[0].x: unknown key');
    },
  });
  const { status, text } = await ask('/-/reload', { method: 'POST' });
  assert.equal(status, 500);
  assert.match(text, /prometheus\.yml:3/);
});

test('the admin API, once enabled, deletes, cleans and takes snapshots, and refuses what it does not understand', async (t) => {
  const calls: unknown[] = [];
  const ask = await startApi(t, DATA, {
    admin: {
      deleteSeries: async (...args) => void calls.push(args),
      cleanTombstones: async () => void calls.push('clean'),
      snapshot: async (skipHead) => `20260101T000000Z-${skipHead ? 'blocks' : 'whole'}`,
    },
  });
  const post = async (path: string, method = 'POST') => {
    const { status, text } = await ask(`/api/v1/admin/tsdb/${path}`, { method });
    return `${status} ${text}`;
  };
  const matchers = [[{ name: '__name__', op: '=', value: 'up' }], [{ name: 'job', op: '=~', value: 'a|b' }]];
  assert.equal(
    await post(`delete_series?match[]=up&match[]=${encodeURIComponent('{job=~"a|b"}')}&start=1&end=2`),
    '204 ',
  );
  assert.deepEqual(calls, [[matchers, 1000, 2000]]);
  assert.equal(await post('clean_tombstones', 'PUT'), '204 ');
  assert.equal(calls.at(-1), 'clean');
  assert.equal(await post('snapshot'), '200 {"status":"success","data":{"name":"20260101T000000Z-whole"}}');
  assert.match(await post('snapshot?skip_head=T'), /-blocks/);
  assert.match(await post('delete_series'), /^400 .*no match\[\] parameter provided/);
  assert.match(
    await post('delete_series?match[]=up&start=x'),
    /^400 .*invalid parameter \\"start\\": Invalid time value for 'start': cannot parse/,
  );
  assert.match(await post('delete_series?match[]={'), /^400 .*invalid parameter \\"match\[\]\\"/);
  assert.match(await post('snapshot?skip_head=maybe'), /^400 .*unable to parse boolean strconv\.ParseBool/);
  assert.equal(calls.length, 2);
});

/** Status, type and text as Prometheus gives them, seen side by side with Debian's. */
const ANSWERS: readonly (readonly [method: string, path: string, status: number, text: string | RegExp])[] = [
  ['GET', '/api/v1/series', 400, /"no match\[\] parameter provided"/],
  [
    'GET',
    '/api/v1/series?match[]={}',
    400,
    /invalid parameter \\"match\[\]\\": match\[\] must contain at least one non-empty/,
  ],
  [
    'GET',
    '/api/v1/series?match[]=up&start=x',
    400,
    /invalid parameter \\"start\\": Invalid time value for 'start': cannot parse/,
  ],
  ['GET', '/api/v1/series?match[]=up&start=20&end=10', 200, '{"status":"success","data":[]}'],
  ['GET', '/api/v1/labels?match[]={', 400, /"error":"1:2: parse error: unexpected end of input inside braces"/],
  ['GET', '/api/v1/labels?limit=-1', 400, /limit must be non-negative/],
  ['GET', '/api/v1/query?query=up&time=1e400', 400, /Invalid time value for 'time': cannot parse \\"1e400\\"/],
  ['GET', '/api/v1/query_range?query=up&start=x', 400, /"invalid parameter \\"start\\": cannot parse/],
  ['GET', '/api/v1/query_exemplars?query=(', 400, /"error":"1:2: parse error: unclosed left parenthesis"/],
  [
    'GET',
    '/api/v1/targets?state=zzz',
    200,
    '{"status":"success","data":{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}}}',
  ],
  ['GET', '/api/v1/targets/metadata?match_target={', 400, /invalid parameter \\"match_target\\": 1:2/],
  ['GET', '/api/v1/rules?match[]={', 400, /"error":"1:2: parse error/],
  ['DELETE', '/api/v1/series', 500, '{"status":"error","errorType":"internal","error":"not implemented"}'],
  ['POST', '/api/v1/admin/tsdb/snapshot', 500, /"errorType":"unavailable","error":"admin APIs disabled"/],
  ['HEAD', '/api/v1/query?query=1', 405, ''],
  ['HEAD', '/-/healthy', 200, ''],
  ['GET', '/api/v1/status/tsdb/blocks', 200, /"blocks":\[\{"ulid":"b-000000000007","minTime":1000,"maxTime":2000,/],
  ['GET', '/api/v1/notifications', 200, '{"status":"success","data":[]}'],
  ['GET', '/api/v1/features', 200, /"promql_functions":\{"abs":true,.*"double_exponential_smoothing":false,/],
  ['GET', '/api/v1/targets/relabel_steps', 400, /"no scrapePool parameter provided"/],
  ['GET', '/api/v1/targets/relabel_steps?scrapePool=a', 400, /"no labels parameter provided"/],
  ['GET', '/api/v1/targets/relabel_steps?scrapePool=a&labels={', 400, /"error parsing labels: /],
  ['GET', '/api/v1/targets/relabel_steps?scrapePool=a&labels=[]', 400, /"error parsing labels: /],
  ['GET', '/api/v1/targets/relabel_steps?scrapePool=a&labels={}', 400, /scrape config: scrape pool \\"a\\" not found/],
  ['GET', '/api/v1/openapi.yaml', 200, /^openapi: "3\.1\.0"\n/],
  ['GET', '/api/v1/nope', 404, '404 page not found\n'],
  ['POST', '/api/v1/targets', 405, 'Method Not Allowed\n'],
  ['PUT', '/api/v1/label/job/values', 405, 'Method Not Allowed\n'],
  ['OPTIONS', '/api/v1/query', 204, ''],
  ['GET', '/-/reload', 405, 'Only POST or PUT requests allowed'],
  ['POST', '/-/quit', 403, 'Lifecycle API is not enabled.'],
  ['GET', '/-/healthy', 200, 'Prometheus Server is Healthy.\n'],
  ['GET', '/version', 200, /"version":"3\./],
  ['GET', '/federate?match[]={', 400, '1:2: parse error: unexpected end of input inside braces\n'],
];

test('answers to what is wrong, unknown or asked in another way', async (t) => {
  const ask = await startApi(t, DATA);
  for (const [method, path, status, text] of ANSWERS) {
    const answer = await ask(path, { method });
    assert.equal(answer.status, status, `${method} ${path}`);
    if (typeof text === 'string') assert.equal(answer.text, text, `${method} ${path}`);
    else assert.match(answer.text, text, `${method} ${path}`);
  }
});
