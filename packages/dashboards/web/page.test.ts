// The page in a real browser, against stores whose answers are known.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { launchBrowser, NO_BROWSER } from '@mario/testkit/browser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { panelTypes } from '../model/panel-types.ts';
import { type DashboardsService, openDashboards } from '../server/dashboards-service.ts';
import { type FakeStores, openFakeStores, TRACE_ID } from './testing/fake-stores.ts';
import { sampleDashboard } from './testing/sample-dashboard.ts';

const WEB_ROOT = fileURLToPath(new URL('../dist/web', import.meta.url));
const FIRST_PAGE_BYTES_MAX = 100 * 1024;
const missing = NO_BROWSER || (!existsSync(WEB_ROOT) && 'skipped: the web pages are not built');

describe('the page', { skip: missing }, () => {
  let root: string;
  let stores: FakeStores;
  let service: DashboardsService;
  let browser: Browser;
  let context: BrowserContext;
  const faults: string[] = [];
  const dialogs: string[] = [];

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'dashboards-page-'));
    await provision(root);
    stores = await openFakeStores();
    const network = new NetworkMap();
    for (const name of ['prometheus:9090', 'loki:3100', 'tempo:3200', 'alertmanager:9093'])
      network.register(name, { host: '127.0.0.1', port: stores.port });
    service = await openDashboards({
      clock: systemClock,
      log: silentLog,
      network,
      host: '127.0.0.1',
      portOffset: 0,
      port: 0,
      provisioningDir: join(root, 'provisioning'),
      docsDir: root,
      webRoot: WEB_ROOT,
      directory: openMemoryDirectory(),
      environment: {},
    });
    browser = await launchBrowser();
    context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
      baseURL: service.addresses[0]!,
    });
    context.setDefaultTimeout(10_000);
    context.on('weberror', (error) => faults.push(String(error.error().stack)));
    context.on('dialog', (dialog) => dialogs.push(dialog.message()));
  });

  after(async () => {
    await browser?.close();
    await service?.close();
    stores?.close();
    await rm(root, { recursive: true });
    assert.deepEqual([faults, dialogs], [[], []], 'no script failed and none ran that should not');
  });

  test('one logs in and arrives where one wanted to go; the first pages are small', async () => {
    const page = await context.newPage();
    const scripts = new Map<string, number>();
    page.on('response', async (response) => {
      if (!response.url().endsWith('.js')) return;
      const body = await response.body().catch(() => Buffer.alloc(0));
      scripts.set(response.url(), gzipSync(body).length);
    });
    await page.goto('/dashboards');
    await page.waitForURL('**/login?redirectTo=%2Fdashboards');
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Invalid username or password').waitFor();
    await page.getByLabel('Password').fill('admin');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: /Every panel/ }).waitFor();
    await page.waitForLoadState('networkidle');
    const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
    assert.ok(bytes > 0 && bytes < FIRST_PAGE_BYTES_MAX, `login and list cost ${bytes} bytes of gzipped script`);
    await page.getByLabel('Find a dashboard', { exact: true }).fill('nothing like it');
    await page.getByText('No dashboard matches').waitFor();
    await page.close();
  });

  test('every type of panel is drawn, and text from outside stays text', async () => {
    const page = await openSample(context);
    for (const type of panelTypes)
      await page.getByRole('article', { name: `Panel ${type}`, exact: true }).scrollIntoViewIfNeeded();
    await page.waitForLoadState('networkidle');
    assert.deepEqual(await page.locator('.state-failure').allTextContents(), []);
    const panel = (type: string) => page.getByRole('article', { name: `Panel ${type}`, exact: true });
    assert.match((await panel('stat').textContent()) ?? '', /1\.50\s*KiB/);
    assert.match((await panel('table').textContent()) ?? '', /4 KiB/);
    assert.match((await panel('text').textContent()) ?? '', /Bold words/);
    assert.match((await panel('logs').textContent()) ?? '', /<img src=x onerror/);
    assert.match((await panel('piechart').textContent()) ?? '', /%/);
    assert.match((await panel('alertlist').textContent()) ?? '', /KitchenOverloaded/);
    assert.match((await panel('dashlist').textContent()) ?? '', /Every panel/);
    assert.match((await panel('traces').textContent()) ?? '', /PlaceOrderCommand/);
    assert.ok((await panel('nodeGraph').locator('circle').count()) >= 3);
    for (const type of ['timeseries', 'heatmap']) assert.ok((await panel(type).locator('canvas').count()) > 0, type);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await panel('text').locator('a').getAttribute('href'), null);
    await page.close();
  });

  test('alerts are silenced and unsilenced with the keyboard; quiet rules tell what they watch; runbooks are read', async () => {
    const page = await context.newPage();
    await page.goto('/alerting');
    await page.getByText('1 of 2 rules fire').waitFor();
    assert.match((await page.getByText('Oven oven has value degrees').textContent()) ?? '', /^Oven oven/);
    await page.getByRole('button', { name: 'Silence', exact: true }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New silence' });
    assert.equal(await dialog.getByLabel('Alerts with these labels').inputValue(), 'alertname="KitchenOverloaded"');
    await dialog.getByLabel('Alerts with these labels').fill('nonsense');
    await dialog.getByLabel('Why').fill('Ovens are being cleaned');
    await page.keyboard.press('Enter');
    await dialog.getByText('This line is no matcher: nonsense').waitFor();
    await dialog.getByLabel('Alerts with these labels').fill('alertname=~"Kitchen.*"');
    await dialog.getByLabel('Why').press('Enter');
    await page.getByText('Silenced: Ovens are being cleaned').waitFor();
    await page.getByRole('link', { name: 'Silences' }).click();
    await page.getByText('alertname=~"Kitchen.*"').waitFor();
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByText('Ended', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Notifications' }).click();
    await page.getByRole('row', { name: /KitchenOverloaded 2 firing night-shift told/ }).waitFor();
    await page.goto('/alerting');
    await page.getByRole('link', { name: 'Runbook' }).click();
    await page.getByRole('heading', { name: 'The oven is cold' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'kitchen' }).getAttribute('href'), '/runbooks/kitchen-full');
    assert.equal(await page.evaluate('window.hacked'), undefined);
    await page.getByRole('link', { name: 'an exercise' }).click();
    await page.getByRole('heading', { name: 'Slow oven' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'the others' }).getAttribute('href'), '/faults/README');
    await page.getByRole('link', { name: 'the runbook' }).click();
    await page.getByRole('heading', { name: 'The oven is cold' }).waitFor();
    await page.close();
  });

  test('what goes wrong is said in the panel', async () => {
    const page = await openSample(context);
    await page.getByRole('button', { name: /What goes wrong/ }).click();
    await page.getByText('parse error: broken').waitFor();
    await page.getByText('Nothing in this time range').waitFor();
    await page.getByText('Panels of type “crystal-ball” are not shown here').waitFor();
    await page.close();
  });

  test('pointing tells values, the legend isolates, dragging zooms, a dot leads to its trace', async () => {
    const page = await openSample(context);
    const chart = page.getByRole('article', { name: 'Panel timeseries' });
    const plot = chart.locator('.u-over');
    await plot.hover({ position: { x: 60, y: 30 } });
    assert.match((await page.locator('.chart-tooltip').textContent()) ?? '', /alpha\s*1\.50 KiB/);
    await chart.getByRole('button', { name: 'alpha' }).click();
    assert.equal(await chart.locator('.chart-legend-name.off').count(), 1);
    assert.match(
      (await chart.locator('.exemplar').first().getAttribute('href')) ?? '',
      new RegExp(`^/explore.*${TRACE_ID}`),
    );
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + 30, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 150, box.y + 42, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{13}&to=\d{13}/);
    await page.close();
  });

  test('a choice of a variable is asked for and stays in the address', async () => {
    const page = await openSample(context);
    await page.getByRole('button', { name: 'job: All' }).click();
    const asked = page.waitForRequest(
      (request) => new URLSearchParams(request.postData() ?? '').get('query') === 'rate(m{job=~"beta"}[1m])',
    );
    await page.getByRole('option', { name: 'beta' }).click();
    await page.waitForURL(/var-job=beta/);
    await asked;
    await page.close();
  });

  test('log lines are tailed live, and text in them stays text', async () => {
    const page = await context.newPage();
    const queries = [{ refId: 'A', expr: '{app="pizzeria"}', datasource: { type: 'loki', uid: 'loki' } }];
    const left = JSON.stringify({ datasource: 'loki', queries, range: { from: 'now-1h', to: 'now' } });
    await page.goto(`/explore?left=${encodeURIComponent(left)}`);
    await page.getByRole('button', { name: 'Live' }).click();
    const tail = page.getByRole('region', { name: 'Live tail' });
    await tail.getByText('fresh from the oven <img').waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await tail.waitFor({ state: 'detached' });
    await page.close();
  });

  test('light and dark, one panel alone, and its data', async () => {
    const page = await openSample(context);
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light');
    await page.getByRole('button', { name: 'Light or dark' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    const chart = page.getByRole('article', { name: 'Panel timeseries' });
    await chart.hover();
    await chart.getByRole('button', { name: 'Menu of Panel timeseries' }).click();
    await page.getByRole('menuitem', { name: 'Inspect data' }).click();
    assert.match((await page.getByRole('dialog').textContent()) ?? '', /rate\(m\{job=~/);
    await page.keyboard.press('Escape');
    await chart.hover();
    await chart.getByRole('button', { name: 'Menu of Panel timeseries' }).click();
    await page.getByRole('menuitem', { name: 'View alone' }).click();
    await page.waitForURL(/viewPanel=1/);
    assert.equal(await page.getByRole('article').count(), 1);
    await page.close();
  });
});

async function openSample(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('/d/sample/every-panel');
  await page.getByRole('article', { name: 'Panel timeseries' }).locator('canvas').waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

async function provision(root: string): Promise<void> {
  const source = (name: string, port: number, extra = '') =>
    `  - { name: ${name}, uid: ${name}, type: ${name}, url: 'http://${name}:${port}'${extra} }\n`;
  const destinations =
    ', isDefault: true, jsonData: { timeInterval: 15s, exemplarTraceIdDestinations: [{ name: trace_id, datasourceUid: tempo }] }';
  const files = {
    'provisioning/datasources/d.yaml': `apiVersion: 1\ndatasources:\n${source('prometheus', 9090, destinations)}${source('loki', 3100)}${source('tempo', 3200)}${source('alertmanager', 9093)}`,
    'provisioning/dashboards/d.yaml':
      'apiVersion: 1\nproviders:\n  - { name: p, folder: Samples, type: file, options: { path: /var/lib/grafana/dashboards } }\n',
    'runbooks/oven-cold.md':
      '# The oven is cold\n\nLook at the [kitchen](kitchen-full.md). Is it [an exercise](../faults/slow-oven.md)?\n\n<img src=x onerror="window.hacked = true">\n',
    'faults/slow-oven.md': '# Slow oven\n\nSee [the runbook](../runbooks/oven-cold.md) and [the others](README.md).\n',
    'dashboards/sample.json': JSON.stringify(sampleDashboard),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), content);
  }
}
