/** Metrics travel on two paths, and either alone keeps every panel of the HTTP dashboard alive. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually, promql, sumOf } from '@mario/testkit';
import { Cable } from './cable.ts';
import { dashboardQueries } from './dashboard-queries.ts';
import { fastConfiguration, freePortOffset, startMario, temporaryFolder } from './mario-process.ts';
import { placeOrder } from './order.ts';

/** Windows of the panels' rates; also how long after a cut nothing from before it can be in a window. */
const WINDOW_S = 5;

test('path A is cut: every panel has current data from path B', async (t) => {
  const { metrics, pathA, order } = await startOverCables(t);
  await pathA.cut();
  await eventually('the scrape of path A is seen failing', async () =>
    (await sumOf(metrics, 'up{job="mario-pizzeria-app"}')) === 0 ? true : undefined,
  );
  await assertPanelsAlive(metrics, order);
  await pathA.mend();
  await eventually('path A is back', async () =>
    (await sumOf(metrics, 'up{job="mario-pizzeria-app"}')) === 1 ? true : undefined,
  );
});

test('path B is cut: every panel has current data from path A, and path B comes back by itself', async (t) => {
  const { metrics, pathB, order } = await startOverCables(t);
  await pathB.cut();
  await assertPanelsAlive(metrics, order);
  const sentDuringCut =
    'http_server_duration_milliseconds_count{job="mario-pizzeria-metrics",method="POST",http_status_code="201"}';
  const aside = sentDuringCut.replace('mario-pizzeria-metrics', 'mario-pizzeria-app');
  await pathB.mend();
  await eventually('path B has caught up with path A', async () => {
    const [b, a] = [await sumOf(metrics, sentDuringCut), await sumOf(metrics, aside)];
    return b > 0 && b === a ? true : undefined;
  });
});

async function startOverCables(t: TestContext) {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const pathA = await Cable.to(8080 + offset);
  const pathB = await Cable.to(4318 + offset);
  t.after(() => Promise.all([pathA.cut(), pathB.cut()]));
  const config = fastConfiguration(folder);
  const file = join(config, 'prometheus', 'prometheus.yml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('mario-pizzeria-app:8080', pathA.authority));
  const common = ['--port-offset', String(offset), '--ephemeral', '--config', config];
  const stack = await startMario('stack', common);
  t.after(() => stack.stop());
  const pizzeria = await startMario('pizzeria', common, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${pathB.authority}`,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  });
  t.after(() => pizzeria.stop());
  const metrics = stack.addresses.metrics!;
  const order = () => placeOrder(pizzeria.addresses.pizzeria!);
  await order();
  for (const job of ['mario-pizzeria-app', 'mario-pizzeria-metrics']) {
    const query = `http_server_duration_milliseconds_count{job="${job}",method="POST"}`;
    await eventually(query, async () => ((await sumOf(metrics, query)) > 0 ? true : undefined));
  }
  return { metrics, pathA, pathB, order };
}

/** Orders go on for longer than a window; then every panel must show something that moved after the cut. */
async function assertPanelsAlive(metrics: string, order: () => Promise<unknown>): Promise<void> {
  const endMs = performance.now() + (WINDOW_S + 3) * 1000;
  while (performance.now() < endMs) {
    await order();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const { panel, expr } of dashboardQueries('mario-http-performance.json', WINDOW_S)) {
    const vector = await promql(metrics, expr);
    assert.ok(vector.length > 0, `${panel} is empty: ${expr}`);
    // An endpoint without a request in the window has an average of 0 / 0; others must have a number.
    const shown = vector.filter(({ value }) => Number.isFinite(Number(value[1])));
    assert.ok(shown.length > 0, `${panel} has no number: ${expr}`);
  }
  const rates = dashboardQueries('mario-http-performance.json', WINDOW_S).filter(({ panel }) =>
    /request rate/i.test(panel),
  );
  assert.ok(rates.length > 0);
  for (const { panel, expr } of rates)
    assert.ok((await sumOf(metrics, expr)) > 0, `${panel} shows the orders after the cut`);
}
