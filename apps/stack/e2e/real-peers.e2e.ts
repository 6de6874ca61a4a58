/** Debian's Prometheus and promtool against ours: scraping, federating, checking, asking, and agreeing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, json, promql, sumOf, type Vector } from '@mario/testkit';
import { dashboardQueries } from './dashboard-queries.ts';
import { fastConfiguration, freePortOffset, startMario, temporaryFolder } from './mario-process.ts';
import { placeOrder } from './order.ts';
import { prometheusMissing, promtool, startRealPrometheus } from './peers.ts';

interface Targets {
  readonly data: { readonly activeTargets: readonly { readonly health: string }[] };
}

/** Not one of ours, shifted by the same offset. */
const REAL_PORT = 9095;

test('the real Prometheus and promtool', { skip: prometheusMissing }, async (t) => {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const common = ['--port-offset', String(offset), '--ephemeral', '--config', fastConfiguration(folder)];
  const stack = await startMario('stack', common);
  const running: { stop(): Promise<unknown> }[] = [stack];
  // Last started, first stopped: the real server would wait a minute for a stopped stack to take its samples.
  t.after(async () => {
    for (const process of running.reverse()) await process.stop();
  });
  const pizzeria = await startMario('pizzeria', common, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${4318 + offset}`,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  });
  running.push(pizzeria);
  const ours = stack.addresses.metrics!;
  const port = (base: number) => `127.0.0.1:${base + offset}`;
  const real = await startRealPrometheus(folder, REAL_PORT + offset, realConfiguration(port));
  running.push(real);
  for (let i = 0; i < 5; i++) await placeOrder(pizzeria.addresses.pizzeria!);

  await t.test('it scrapes us and federates from us without a complaint', async () => {
    await eventually('all targets are up', async () => {
      const { data } = await json<Targets>(`${real.url}/api/v1/targets?state=active`);
      return data.activeTargets.length === 4 && data.activeTargets.every(({ health }) => health === 'up')
        ? true
        : undefined;
    });
    await eventually('federated series', async () =>
      (await sumOf(real.url, 'count({job="prometheus",__name__=~"prometheus_.*"})')) > 0 ? true : undefined,
    );
    assert.doesNotMatch(real.output(), /level=(?:warn|error)/);
  });

  await t.test('promtool finds nothing wrong with any /metrics', async () => {
    const pages = [
      ...[`${pizzeria.addresses.pizzeria}/api/metrics`, `http://${port(8888)}/metrics`, `http://${port(8889)}/metrics`],
      ...[`${ours}/metrics`, `${stack.addresses.traces}/metrics`, `${stack.addresses.logs}/metrics`],
      `${stack.addresses.dashboards}/metrics`,
    ];
    for (const page of pages) {
      const text = await (await fetch(page)).text();
      // `check metrics` lints names too; names are the real tools' own, so only what cannot be parsed counts.
      const found = await promtool(['check', 'metrics'], text).catch((error: { stderr: string }) => error.stderr);
      assert.doesNotMatch(found, /error while (?:linting|parsing)|parsing error/, page);
    }
  });

  await t.test('promtool asks us', async () => {
    assert.match(await promtool(['query', 'instant', ours, 'up{job="prometheus"}']), /up\{.*\} => 1 @/);
    assert.match(await promtool(['query', 'labels', ours, 'job']), /mario-pizzeria-app/);
    const series = await promtool(['query', 'series', '--match=up', ours]);
    assert.match(series, /mario-pizzeria-metrics/);
    const nowS = Math.floor(Date.now() / 1000);
    const range = ['query', 'range', `--start=${nowS - 5}`, `--end=${nowS}`, '--step=1s', ours, 'up'];
    assert.match(await promtool(range), /up\{/);
  });

  await t.test('from the same samples both give the same answers', async () => {
    await remoteWriteCopies(real.url, ours);
    const timeS = Math.floor(Date.now() / 1000) - 2;
    const queries = dashboardQueries('mario-http-performance.json', 5);
    assert.ok(queries.length >= 8);
    for (const { panel, expr } of queries) {
      // The copy that the real server wrote into ours carries the label source="real". It comes in several streams: the
      // last samples before the instant may still be on their way.
      let difference: string | undefined = 'not asked';
      await eventually(`${panel} agrees`, async () => {
        const [theirs, copies] = await Promise.all([
          promql(real.url, expr, timeS),
          promql(ours, onCopies(expr), timeS),
        ]);
        difference = disagreement(panel, theirs, copies);
        return difference === undefined ? true : undefined;
      }).catch(() => assert.fail(difference));
    }
  });
});

function realConfiguration(port: (base: number) => string): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 1s, external_labels: { source: real } }
remote_write:
  - url: http://${port(9090)}/api/v1/write
    queue_config: { batch_send_deadline: 200ms }
scrape_configs:
  - { job_name: mario-pizzeria-app, metrics_path: /api/metrics, static_configs: [{ targets: ["${port(8080)}"] }] }
  - { job_name: mario-pizzeria-metrics, static_configs: [{ targets: ["${port(8889)}"] }] }
  - { job_name: otel-collector, static_configs: [{ targets: ["${port(8888)}"] }] }
  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    params: { "match[]": ['{job="prometheus"}'] }
    static_configs: [{ targets: ["${port(9090)}"] }]
`;
}

/** Waits until what the real server scraped has arrived at ours by remote write. */
async function remoteWriteCopies(real: string, ours: string): Promise<void> {
  const query = 'count({source="real",job="mario-pizzeria-app"})';
  await eventually('copies by remote write', async () => ((await sumOf(ours, query)) > 0 ? true : undefined));
  await eventually('the copies reach the present', async () => {
    const { data } = await json<{ data: { result: Vector[] } }>(
      `${ours}/api/v1/query?query=${encodeURIComponent('max(timestamp(up{source="real"}))')}`,
    );
    const copied = Number(data.result[0]?.value[1]);
    return copied > Date.now() / 1000 - 3 ? true : undefined;
  });
  await fetch(`${real}/-/ready`);
}

/** Adds the copies' label to every selector of the pizzeria's series. */
function onCopies(expr: string): string {
  return expr.replace(/\b(http_server_\w+)(\{)?/g, (_, name: string, brace: string | undefined) =>
    brace === undefined ? `${name}{source="real"}` : `${name}{source="real",`,
  );
}

/** What differs, in words; undefined when all series and their values are the same. */
function disagreement(panel: string, theirs: readonly Vector[], ours: readonly Vector[]): string | undefined {
  const byLabels = (vector: readonly Vector[]) =>
    new Map(
      vector.map(({ metric, value }) => {
        const { source: _, ...labels } = metric;
        return [JSON.stringify(Object.entries(labels).sort()), Number(value[1])];
      }),
    );
  const expected = byLabels(theirs);
  const actual = byLabels(ours);
  for (const labels of actual.keys()) if (!expected.has(labels)) return `${panel} ${labels}: not in theirs`;
  for (const [labels, value] of expected) {
    const other = actual.get(labels);
    if (other === undefined) return `${panel} ${labels}: not in ours`;
    const close =
      Object.is(value, other) || Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other));
    if (!close) return `${panel} ${labels}: ${value} in theirs, ${other} in ours`;
  }
  return undefined;
}
