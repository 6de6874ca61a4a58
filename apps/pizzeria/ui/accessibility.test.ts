// Every page, in light and in dark: nothing that axe-core finds, nothing wider than a phone, nothing heavy.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, NO_BROWSER, newVisitor, tooWide, violations } from '@mario/testkit/browser';
import type { Browser, Page } from 'playwright-core';
import { ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

const GUEST_PAGES = ['/', '/checkout', '/login', '/register', '/api/docs', '/nothing'];
const MANAGER_PAGES = [
  ...['/account', '/kitchen', '/delivery', '/delivery/tours/enzo', '/today', '/manage?days=30'],
  ...['/manage/menu', '/manage/faults', '/manage/events'],
  ...['/manage/faults/slow-oven', '/manage/runbooks/kitchen-overloaded'],
];
/** The question of a program that wants to act for whoever is logged in. */
const CONSENT = `/api/auth/authorize?${new URLSearchParams({
  ...{ response_type: 'code', client_id: 'mario-cli', redirect_uri: 'http://127.0.0.1:8400/callback', state: 'x' },
  ...{ code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
})}`;
/** Everything that a page loads, as it travels: a fifth of a second at 1.6 Mbit/s. */
const PAGE_BYTES_MAX = 40_000;

describe('every page', { skip: NO_BROWSER }, () => {
  let pizzeria: TestPizzeria;
  let browser: Browser;
  let order: string;
  const faults: string[] = [];
  before(async () => {
    pizzeria = await testPizzeria({ docsDir: join(import.meta.dirname, '..', '..', '..', 'docs') });
    browser = await launchBrowser();
    // Something on every board.
    for (const steps of [[], ['cook'], ['cook', 'ready'], ['cook', 'ready', 'assign']]) {
      order = await pizzeria.order();
      for (const step of steps) {
        await pizzeria.call(
          'PUT',
          `/api/orders/${order}/${step}`,
          step === 'assign' ? { driverId: 'enzo' } : undefined,
        );
      }
    }
  });
  after(async () => {
    await browser?.close();
    await pizzeria?.close();
    assert.deepEqual(faults, []);
  });

  const look = async (page: Page, path: string) => {
    await page.goto(pizzeria.address + path);
    assert.deepEqual(await violations(page), [], path);
    assert.equal(await tooWide(page), 0, `${path} is too wide`);
  };

  const logIn = async (page: Page, login: string) => {
    await page.goto(`${pizzeria.address}/login`);
    await page.getByLabel('Login').fill(login);
    await page.getByLabel('Password').fill(login);
    await page.getByRole('button', { name: 'Log in' }).click();
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`has no violation on a phone in ${colorScheme}`, async () => {
      const phone = { viewport: { width: 360, height: 740 }, colorScheme, bypassCSP: true };
      const context = await newVisitor(browser, faults, phone);
      const page = await context.newPage();
      for (const path of [...GUEST_PAGES, `/orders/${order}`]) await look(page, path);
      await logIn(page, 'ada');
      const placed = await page.request.post(`${pizzeria.address}/api/orders/`, {
        data: { ...ORDER, customer: undefined },
      });
      assert.equal(placed.status(), 201);
      await look(page, '/account');
      await look(page, CONSENT);
      await logIn(page, 'mario');
      for (const path of MANAGER_PAGES) await look(page, path);
      await context.close();
    });
  }

  test('is light to load', async () => {
    for (const path of [
      '/',
      '/checkout',
      `/orders/${order}`,
      '/kitchen',
      '/delivery',
      '/today',
      '/manage',
      '/manage/faults',
    ]) {
      const context = await newVisitor(browser, faults);
      const page = await context.newPage();
      const finished: Promise<number>[] = [];
      page.on('requestfinished', (request) => {
        const size = request.sizes().then((sizes) => sizes.responseBodySize + sizes.responseHeadersSize);
        // What ends only with its page is no part of the load.
        finished.push(size.catch(() => 0));
      });
      await page.goto(pizzeria.address + path, { waitUntil: 'load' });
      // Pictures further down come after the load; a board's stream never ends, so that the network is never idle.
      for (let seen = -1; seen !== finished.length; ) {
        seen = finished.length;
        await page.evaluate('new Promise((resolve) => setTimeout(resolve, 400))');
      }
      const bytes = (await Promise.all(finished)).reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 0 && bytes < PAGE_BYTES_MAX, `${path} has ${bytes} bytes`);
      if (process.env.SHOW_PAGE_WEIGHTS) console.log(`${path}: ${(bytes / 1000).toFixed(1)} kB`);
      await context.close();
    }
  });
});
