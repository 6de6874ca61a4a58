import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { openMetricsService } from './open-metrics-service.ts';
import { missing, PROMTOOL, startPrometheus } from './testing/prometheus-process.ts';

/** The real server sends only what it scraped after remote write had begun: windows must not reach further back. */
const SCRAPES = 15;

/** What a dashboard asks, over the series that the target below has. */
const QUERIES = [
  'sum(rate(http_server_duration_milliseconds_count[5s]))',
  'sum by (endpoint) (rate(http_server_duration_milliseconds_count[5s]))',
  'sum(rate(http_server_duration_milliseconds_sum[5s])) / sum(rate(http_server_duration_milliseconds_count[5s]))',
  'histogram_quantile(0.95, sum by (le) (rate(http_server_duration_milliseconds_bucket[5s])))',
  'sum(http_server_active_requests)',
  'sum by (http_status_code) (increase(http_server_duration_milliseconds_count[6s]))',
  'up{job="shop"}',
  'max_over_time(http_server_active_requests[4s])',
  'topk(2, http_server_duration_milliseconds_count)',
  'label_replace(http_server_active_requests, "a", "$1", "app", "(.*)-app") * on (app) group_left () (http_server_active_requests > bool 1)',
];

/** A target that answers with other numbers each time. */
function exposition(n: number): string {
  const lines = ['# TYPE http_server_duration_milliseconds histogram'];
  for (const [i, endpoint] of ['/api/menu/', '/api/orders/', '/'].entries()) {
    const labels = `endpoint="${endpoint}",http_status_code="${i === 1 ? 201 : 200}"`;
    const count = n * (i + 2) + ((n * 7) % 5);
    for (const [k, le] of ['5', '10', '25', '+Inf'].entries()) {
      lines.push(`http_server_duration_milliseconds_bucket{${labels},le="${le}"} ${Math.floor((count * (k + 1)) / 4)}`);
    }
    lines.push(
      `http_server_duration_milliseconds_sum{${labels}} ${count * 7.3}`,
      `http_server_duration_milliseconds_count{${labels}} ${count}`,
    );
  }
  lines.push('# TYPE http_server_active_requests gauge');
  for (const [i, app] of ['main-app', 'api-app'].entries())
    lines.push(`http_server_active_requests{app="${app}"} ${(n * (i + 3)) % 7}`);
  return lines.join('\n') + '\n';
}

test("Debian's Prometheus writes into it, federates from it, and answers queries with the same numbers", {
  skip: missing,
}, async () => {
  await withTemporaryFolder(async (folder) => {
    let scrapes = 0;
    const target = createServer((_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposition(++scrapes));
    }).listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => target.once('listening', resolve));
    const ours = await openMetricsService({
      config: {
        yaml: 'scrape_configs: [{job_name: self, scrape_interval: 1s, static_configs: [{targets: ["prometheus:9090"]}]}]',
      },
      directory: openMemoryDirectory(),
      clock: systemClock,
      log: silentLog,
      network: new NetworkMap(),
      host: '127.0.0.1',
      port: 0,
      portOffset: 0,
    });
    const real = await startPrometheus(folder, configuration((target.address() as AddressInfo).port, ours.port));
    try {
      while (scrapes < SCRAPES) await new Promise((resolve) => setTimeout(resolve, 200));
      await settled(real.url, ours.addresses[0]!);
      await compare(real.url, ours.addresses[0]!);
      const targets = (await ask(real.url, '/api/v1/targets')) as {
        activeTargets: { scrapePool: string; health: string; lastError: string }[];
      };
      const federation = targets.activeTargets.find(({ scrapePool }) => scrapePool === 'federation');
      assert.deepEqual([federation?.health, federation?.lastError], ['up', '']);
      await promtoolAgrees(ours.addresses[0]!);
    } finally {
      await real.stop();
      await ours.close();
      target.closeAllConnections();
      target.close();
    }
  });
});

/** Not synchronously: the server that promtool asks lives in this process. */
async function promtoolAgrees(url: string): Promise<void> {
  const run = async (...args: string[]) => (await promisify(execFile)(PROMTOOL, args, { timeout: 20_000 })).stdout;
  assert.match(
    await run('query', 'instant', url, 'up{job="self"}'),
    /up\{instance="prometheus:9090", job="self"\} => 1/,
  );
  assert.match(await run('query', 'series', '--match=up{job="self"}', url), /__name__="up"/);
  assert.match(await run('query', 'labels', url, 'job'), /self/);
}

const configuration = (targetPort: number, ourPort: number) => `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: shop
    static_configs: [{targets: ["127.0.0.1:${targetPort}"]}]
  - job_name: federation
    metrics_path: /federate
    honor_labels: true
    params: {"match[]": ['{job="self"}']}
    static_configs: [{targets: ["127.0.0.1:${ourPort}"]}]
remote_write:
  - url: http://127.0.0.1:${ourPort}/api/v1/write
    queue_config: {batch_send_deadline: 200ms}
    write_relabel_configs: [{source_labels: [job], regex: shop, action: keep}]
`;

async function ask(url: string, path: string): Promise<unknown> {
  const answer = (await (await fetch(url + path)).json()) as { status: string; data: unknown; error?: string };
  assert.equal(answer.status, 'success', answer.error ?? 'no error text');
  return answer.data;
}

/** Seconds of the newest sample of the target. */
async function newest(url: string): Promise<number> {
  const query = encodeURIComponent('max(timestamp(http_server_active_requests))');
  const data = (await ask(url, `/api/v1/query?query=${query}`)) as { result: { value: [number, string] }[] };
  return Number(data.result[0]?.value[1] ?? 0);
}

/** Waits until ours has what the real one had a moment ago. */
async function settled(real: string, ours: string): Promise<void> {
  const wanted = await newest(real);
  for (let i = 0; i < 50; i++) {
    if ((await newest(ours)) >= wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('what the real server scraped did not arrive by remote write');
}

async function compare(real: string, ours: string): Promise<void> {
  // Between two samples: at a sample's own time a window of the old server has one more (since 3.0 it is open on the left).
  const endS = Math.min(await newest(real), await newest(ours)) - 0.4;
  for (const query of QUERIES) {
    const path = `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${endS - 3}&end=${endS}&step=1`;
    const [expected, actual] = (await Promise.all([ask(real, path), ask(ours, path)])) as { result: Series[] }[];
    const byLabels = (data: { result: Series[] }) =>
      new Map(data.result.map(({ metric, values }) => [JSON.stringify(Object.entries(metric).sort()), values]));
    const a = byLabels(expected!);
    const b = byLabels(actual!);
    assert.ok(a.size > 0, `${query} has no result`);
    assert.deepEqual([...b.keys()].sort(), [...a.keys()].sort(), query);
    for (const [labels, values] of a) assertClose(values, b.get(labels)!, `${query} ${labels}`);
  }
}

interface Series {
  readonly metric: Record<string, string>;
  readonly values: [number, string][];
}

function assertClose(expected: [number, string][], actual: [number, string][], what: string): void {
  assert.deepEqual(
    actual.map(([time]) => time),
    expected.map(([time]) => time),
    what,
  );
  expected.forEach(([, text], i) => {
    const [x, y] = [Number(text), Number(actual[i]![1])];
    const close = Object.is(x, y) || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
    assert.ok(close, `${what}: ${text} and ${actual[i]![1]}`);
  });
}
