// The pages in a real browser: from the menu over the checkout to the door, and the boards that move the order on.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, NO_BROWSER, newVisitor, tooWide } from '@mario/testkit/browser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

describe('the pages', { skip: NO_BROWSER }, () => {
  let pizzeria: TestPizzeria;
  let browser: Browser;
  let context: BrowserContext;
  const faults: string[] = [];
  before(async () => {
    pizzeria = await testPizzeria();
    browser = await launchBrowser();
    context = await newVisitor(browser, faults);
  });
  after(async () => {
    await browser?.close();
    await pizzeria?.close();
    assert.deepEqual(faults, [], 'no page logged an error, no script was refused');
  });

  test('an order is put together, paid, and watched to the door', async () => {
    const page = await context.newPage();
    await page.goto(pizzeria.address);
    const card = page.locator('.card', { has: page.getByRole('heading', { name: 'Capricciosa' }) });
    await card.getByRole('radio', { name: 'large' }).check();
    await card.locator('summary').click();
    await card.getByLabel('rocket').check();
    assert.equal(await card.locator('.price').textContent(), '$28.08');
    await card.getByRole('button', { name: /Add Capricciosa/ }).click();
    await card.getByRole('button', { name: /Add Capricciosa/ }).click();
    assert.equal(await page.locator('#basket .total output').textContent(), '$56.16');
    await page.getByRole('button', { name: 'One Capricciosa less' }).click();
    await page.getByRole('link', { name: 'Go to checkout' }).click();

    await page.getByRole('button', { name: 'Place the order' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /Please check: Name, Phone, Address/);
    await page.getByLabel('Name').fill('Ada <b>Rossi</b>');
    await page.getByLabel('Phone').fill('not a number');
    await page.getByLabel('Address').fill('12 Via Toledo');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.getByText(/A phone number has 6 to 15 digits/).waitFor();
    await page.getByLabel('Phone').fill('+1 555 0134');
    await page.getByRole('button', { name: 'Place the order' }).click();

    await page.waitForURL(/\/orders\//);
    const id = page.url().split('/').at(-1)!;
    await page.getByRole('heading', { name: 'Confirmed' }).waitFor();
    assert.ok(await page.getByText('with rocket').isVisible());
    await pizzeria.call('PUT', `/api/orders/${id}/cook`);
    await page.getByRole('heading', { name: 'In the oven' }).waitFor();
    await pizzeria.call('PUT', `/api/orders/${id}/ready`);
    await pizzeria.call('PUT', `/api/orders/${id}/assign`, { driverId: 'driver-1' });
    await page.getByRole('heading', { name: 'On its way' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Cancel this order' }).isVisible(), false);
    await pizzeria.call('PUT', `/api/orders/${id}/deliver`);
    await page.getByRole('heading', { name: 'Delivered' }).waitFor();

    await page.goto(pizzeria.address);
    assert.ok(await page.getByText('Nothing in it yet').isVisible(), 'the basket is empty after the order');
    await page.close();
  });

  test('a customer cancels, and the page says that the money comes back', async () => {
    const page = await context.newPage();
    const id = await pizzeria.order();
    await page.goto(`${pizzeria.address}/orders/${id}`);
    page.on('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: 'Cancel this order' }).click();
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    assert.ok(await page.getByText('Your money is on its way back.').isVisible());
    await page.close();
  });

  test('cooks and drivers move orders on, and see what others do', async () => {
    const kitchen = await context.newPage();
    await kitchen.goto(`${pizzeria.address}/kitchen`);
    const id = await pizzeria.order();
    const ticket = kitchen.locator(`[data-order="${id}"]`);
    await ticket.waitFor();
    await ticket.getByRole('button', { name: /Into the oven/ }).click();
    await ticket.getByRole('button', { name: /Done/ }).click();
    await kitchen.locator(`section:has(h2:text("Boxed")) [data-order="${id}"]`).waitFor();

    const delivery = await context.newPage();
    await delivery.goto(`${pizzeria.address}/delivery`);
    await delivery.getByLabel('I am').fill('luigi');
    const box = delivery.locator(`[data-order="${id}"]`);
    assert.match((await box.textContent())!, /12 Via Toledo/);
    await box.getByRole('button', { name: /Take it/ }).click();
    await delivery.getByRole('heading', { name: /luigi/ }).waitFor();
    await box.getByRole('button', { name: /Delivered/ }).click();
    await box.waitFor({ state: 'detached' });
    assert.equal((await pizzeria.call('GET', `/api/orders/${id}`)).body.status, 'delivered');
    await kitchen.close();
    await delivery.close();
  });

  test('also the pages outside of the shop lead to the login, and name who is logged in', async () => {
    const page = await (await newVisitor(browser, faults)).newPage();
    const account = () => page.getByRole('navigation', { name: 'Main' }).getByRole('link').last().textContent();
    for (const path of ['/api/docs', '/nothing']) {
      await page.goto(pizzeria.address + path);
      assert.equal(await account(), 'Log in', path);
    }
    await page.request.post(`${pizzeria.address}/api/auth/login`, { data: { login: 'ada', password: 'ada' } });
    const consent = `/api/auth/authorize?${new URLSearchParams({
      ...{ response_type: 'code', client_id: 'mario-cli', redirect_uri: 'http://127.0.0.1:8400/callback', state: 'x' },
      ...{ code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
    })}`;
    for (const path of ['/api/docs', '/nothing', consent]) {
      await page.goto(pizzeria.address + path);
      assert.match((await account()) ?? '', /^Ada/, path);
    }
    await page.context().close();
  });

  test('no page is wider than a phone, and every control has a name', async () => {
    const phone = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const page = await phone.newPage();
    const id = await pizzeria.order();
    for (const path of ['/', '/checkout', `/orders/${id}`, '/kitchen', '/delivery', '/today', '/api/docs']) {
      await page.goto(pizzeria.address + path);
      assert.equal(await tooWide(page), 0, path);
      assert.deepEqual(await nameless(page), [], path);
    }
    await phone.close();
  });

  test('an order can be placed by keyboard alone', async () => {
    const page = await (await newVisitor(browser, faults)).newPage();
    const press = (key: string) => page.keyboard.press(key);
    await page.goto(pizzeria.address);
    await press('Tab');
    await press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main', 'the first stop skips to the content');
    await tabTo(page, 'input[type=radio]');
    await press('ArrowRight');
    assert.equal(await page.locator('.price').first().textContent(), '$20.78');
    await tabTo(page, 'button.button');
    await press('Enter');
    await page.getByText('Margherita is in your basket').waitFor();
    await tabTo(page, 'a[href="/checkout"]');
    await press('Enter');
    await page.waitForURL(/checkout/);
    for (const text of ['Ada Rossi', '+1 555 0134', '12 Via Toledo']) {
      await tabTo(page, '.field input');
      await page.keyboard.type(text);
    }
    await tabTo(page, 'button.big');
    await press('Enter');
    await page.waitForURL(/\/orders\//);
    await page.getByRole('heading', { name: 'Confirmed' }).waitFor();
    await page.context().close();
  });

  test('an order can be placed on a phone, by touch', async () => {
    const phone = await newVisitor(browser, faults, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await phone.newPage();
    await page.goto(pizzeria.address);
    await page.getByRole('button', { name: 'Add Marinara to the basket' }).tap();
    await page.locator('.basket-bar').tap();
    await page.getByLabel('Name').fill('Ada Rossi');
    await page.getByLabel('Phone').fill('+1 555 0134');
    await page.getByLabel('Address').fill('12 Via Toledo');
    await page.getByRole('radio', { name: /Cash/ }).tap();
    await page.getByRole('button', { name: 'Place the order' }).tap();
    await page.getByRole('heading', { name: 'Confirmed' }).waitFor();
    assert.ok(await page.getByText('cash at the door').isVisible());
    assert.equal(await tooWide(page), 0);
    await phone.close();
  });

  test('guides of the house are read where there are some; a name is no path', async () => {
    const guided = await testPizzeria({ docsDir: join(import.meta.dirname, '..', '..', '..', 'docs') });
    const faults = await guided.call('GET', '/manage/faults');
    for (const [, path] of String(faults.body).matchAll(/href="(\/manage\/faults\/[a-z-]+)"/g)) {
      const { status, body } = await guided.call('GET', String(path));
      assert.equal(status, 200, String(path));
      for (const [, on] of String(body).matchAll(/href="(\/manage\/runbooks\/[a-z-]+)"/g)) {
        assert.equal((await guided.call('GET', String(on))).status, 200, String(on));
      }
    }
    assert.match(String(faults.body), /href="\/manage\/faults\/slow-oven"/);
    for (const name of ['nothing', '..%2fREADME', '%2e%2e%2f%2e%2e%2fpackage', 'README']) {
      assert.equal((await guided.call('GET', `/manage/faults/${name}`)).status, 404, name);
    }
    await guided.close();
    assert.equal((await pizzeria.call('GET', '/manage/faults/slow-oven')).status, 404);
  });

  test('what is not there is said kindly, in HTML', async () => {
    const headers = { accept: 'text/html' };
    for (const path of ['/orders/nobody', '/nothing']) {
      const { status, body } = await pizzeria.call('GET', path, undefined, headers);
      assert.equal(status, 404);
      assert.match(body, /Back to the menu/);
    }
  });

  test('pages allow no script but their own files', async () => {
    const { headers, body } = await pizzeria.call('GET', '/');
    assert.match(headers.get('content-security-policy')!, /script-src 'self'/);
    assert.doesNotMatch(body, /<script(?![^>]* src=)|\son\w+=|style=/);
    const asset = /\/assets\/pizzeria\.[\w-]+\.css/.exec(body)![0];
    assert.match((await pizzeria.call('GET', asset)).headers.get('cache-control')!, /immutable/);
    assert.equal((await pizzeria.call('GET', '/assets/..%2Fui-app.ts')).status, 404);
  });
});

/** Controls without an accessible name: no text, no label, no aria-label. */
function nameless(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('a, button, input, textarea, summary')]
    .filter((node) => !node.textContent.trim() && !node.getAttribute('aria-label') && !(node.labels?.length))
    .map((node) => node.outerHTML)`);
}

/** Goes on by Tab until an element that fits has the focus; says where it got stuck. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const fits = `document.activeElement.matches(${JSON.stringify(selector)})`;
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(fits)) return;
  }
  throw new Error(`Tab does not lead to ${selector}`);
}
