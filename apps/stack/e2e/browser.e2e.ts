/** A visitor's browser, the pizzeria and the stack: what the page tells goes through the collector onto the dashboard. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, json } from '@mario/testkit';
import { launchBrowser, NO_BROWSER } from '@mario/testkit/browser';
import type { Page } from 'playwright-core';
import { fastConfiguration, freePortOffset, startMario, temporaryFolder } from './mario-process.ts';

const DASHBOARD = join(import.meta.dirname, '..', '..', '..', 'deploy', 'grafana', 'dashboards', 'mario-browser.json');
/** Only what went wrong is in these, and nothing does here. */
const QUIET_PANELS: ReadonlySet<string> = new Set(['Failed fetches', 'Slow page loads']);

interface PanelQuery {
  readonly panel: string;
  readonly language: 'loki' | 'tempo';
  readonly text: string;
}

const skip = NO_BROWSER;

test('a visit shows on every panel of the browser’s dashboard, and leads on into the server', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const common = ['--port-offset', String(offset), '--data', `${folder}/data`, '--config', fastConfiguration(folder)];
  const stack = await startMario('stack', common);
  t.after(() => stack.stop());
  const pizzeria = await startMario('pizzeria', common, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${4318 + offset}`,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    BROWSER_OTLP_URL: `http://127.0.0.1:${4318 + offset}`,
  });
  t.after(() => pizzeria.stop());
  const browser = await launchBrowser();
  t.after(() => browser.close());
  await visit(await browser.newPage(), pizzeria.addresses.pizzeria!);

  for (const { panel, language, text } of dashboardQueries()) {
    if (QUIET_PANELS.has(panel)) continue;
    await eventually(`data for ${panel}: ${text}`, async () => {
      const found =
        language === 'loki'
          ? await askLoki(stack.addresses.logs!, text)
          : await askTempo(stack.addresses.traces!, text);
      return found > 0 ? found : undefined;
    });
  }

  const joined = '{ resource.service.name = "mario-pizzeria-web" && kind = client } >> { name = "PlaceOrderCommand" }';
  await eventually('one trace from the click to the command', async () =>
    (await askTempo(stack.addresses.traces!, joined)) > 0 ? true : undefined,
  );
});

async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Add Marinara to the basket' }).click();
  await page.goto(`${address}/checkout`);
  for (const [label, text] of [
    ['Name', 'Ada'],
    ['Phone', '+1 555 0134'],
    ['Address', '12 Via Toledo'],
  ] as const) {
    await page.getByLabel(label).fill(text);
  }
  await page.getByRole('button', { name: 'Place the order' }).click();
  await page.getByRole('heading', { name: 'Confirmed' }).waitFor();
  // The next page must not be faster than the error.
  await page.evaluate(`new Promise((resolve) => {
    addEventListener('error', resolve, { once: true });
    setTimeout(() => { throw new TypeError('the oven door is stuck'); }, 0);
  }).then(() => undefined)`);
  await page.goto(`${address}/kitchen`);
  await page.goto('about:blank');
}

function dashboardQueries(): PanelQuery[] {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    panels: { title: string; targets?: { expr?: string; query?: string; datasource: { type: 'loki' | 'tempo' } }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, query, datasource }) => ({
      panel: title,
      language: datasource.type,
      text: (expr ?? query ?? '').replaceAll(/\$__(?:range|interval)/g, '5m'),
    })),
  );
}

async function askLoki(address: string, query: string): Promise<number> {
  const path = query.trimStart().startsWith('{') ? 'query_range' : 'query';
  const answer = await json<{ data: { result: readonly unknown[] } }>(
    `${address}/loki/api/v1/${path}?${new URLSearchParams({ query })}`,
  );
  return answer.data.result.length;
}

async function askTempo(address: string, q: string): Promise<number> {
  const isMetric = /\|\s*(rate|[a-z]+_over_time)\(/.test(q);
  const nowS = Math.ceil(Date.now() / 1000);
  const range = { start: String(nowS - 300), end: String(nowS + 1) };
  const path = isMetric ? '/api/metrics/query_range' : '/api/search';
  const answer = await json<{ series?: readonly unknown[]; traces?: readonly unknown[] }>(
    `${address}${path}?${new URLSearchParams({ q, ...range })}`,
  );
  return (answer.series ?? answer.traces ?? []).length;
}
