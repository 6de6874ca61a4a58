// Pages of accounts, of drivers on tour, and of the office, in a real browser; most of it without scripts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, NO_BROWSER, newVisitor } from '@mario/testkit/browser';
import type { Browser, Page } from 'playwright-core';
import { ADA, ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';
import { returnPath } from './pages/login-page.ts';

test('after logging in, only our own pages follow', () => {
  assert.equal(returnPath('/manage/menu?done=saved'), '/manage/menu?done=saved');
  for (const foreign of [
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
  ]) {
    assert.equal(returnPath(foreign), '/', String(foreign));
  }
});

describe('accounts', { skip: NO_BROWSER }, () => {
  let pizzeria: TestPizzeria;
  let browser: Browser;
  const faults: string[] = [];
  before(async () => {
    pizzeria = await testPizzeria();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await pizzeria?.close();
    assert.deepEqual(faults, [], 'no page logged an error, no script was refused');
  });

  /** A visitor whose browser runs no scripts unless asked. */
  const visit = async (path: string, options: { scripts?: boolean } = {}): Promise<Page> => {
    const context = await newVisitor(browser, faults, { javaScriptEnabled: options.scripts === true });
    const page = await context.newPage();
    await page.goto(pizzeria.address + path);
    return page;
  };
  const logIn = async (page: Page, login: string) => {
    await page.getByLabel('Login').fill(login);
    await page.getByLabel('Password').fill(login);
    await page.getByRole('button', { name: 'Log in' }).click();
  };

  test('whoever works here finds their work after logging in, and two houses on one machine keep their visitors', async () => {
    const neighbour = await testPizzeria();
    for (const [login, work] of [
      ['luigi', '/kitchen'],
      ['enzo', '/delivery'],
      ['mario', '/manage'],
      ['ada', '/'],
    ] as const) {
      const page = await visit('/login');
      await logIn(page, login);
      assert.equal(new URL(page.url()).pathname, work, login);
      await page.goto(`${neighbour.address}/login`);
      await logIn(page, 'ada');
      await page.goto(`${pizzeria.address}/account`);
      assert.equal(await page.locator('p.quiet > b').first().textContent(), login, 'still logged in here');
      await page.goto(`${neighbour.address}/account`);
      assert.equal(await page.locator('p.quiet > b').first().textContent(), 'ada', 'and there');
      await page.context().close();
    }
    await neighbour.close();
  });

  test('orders of an account come in pages, newest first', async () => {
    const page = await visit('/register');
    const account = { login: 'often', password: 'every day a pizza', ...ADA };
    const { status } = await page.request
      .post(`${pizzeria.address}/api/auth/register`, { data: account })
      .then((answer) => ({ status: answer.status() }));
    assert.equal(status, 201);
    const { customer: _customer, ...order } = ORDER;
    for (let number = 0; number < 32; number += 1) {
      const placed = await page.request.post(`${pizzeria.address}/api/orders/`, { data: order });
      assert.equal(placed.status(), 201);
    }
    await page.goto(`${pizzeria.address}/account`);
    const codes: string[] = [];
    for (const expected of [15, 15, 2]) {
      const shown = await page.locator('#orders tbody a').allTextContents();
      assert.equal(shown.length, expected);
      codes.push(...shown);
      const older = page.getByRole('link', { name: 'Older' });
      if (expected === 15) await older.click();
      else assert.equal(await older.count(), 0, 'that was the last page');
    }
    assert.equal(new Set(codes).size, 32);
    await page.getByRole('link', { name: 'Newest' }).click();
    assert.deepEqual(await page.locator('#orders tbody a').allTextContents(), codes.slice(0, 15));
    await page.goto(`${pizzeria.address}/account?before=nonsense`);
    assert.deepEqual(await page.locator('#orders tbody a').allTextContents(), codes.slice(0, 15));
    await page.context().close();
  });

  test('a wrong password is told kindly; the right one leads where the visitor wanted to go; leaving works', async () => {
    const page = await visit('/account');
    assert.match(page.url(), /\/login\?return=%2Faccount$/);
    await page.getByLabel('Login').fill('ada');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /no such login/);
    await logIn(page, 'ada');
    assert.match(page.url(), /\/account$/);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.goto(`${pizzeria.address}/account`);
    assert.match(page.url(), /\/login/);
    await page.context().close();
  });

  test('a new customer opens an account and changes the profile; of two editors the second is told', async () => {
    const page = await visit('/register?return=/account');
    for (const [label, text] of [
      ['Login', 'grace'],
      ['Password', 'a sentence is good'],
      ['Name', 'Grace Moro'],
      ['Phone', '+1 555 0199'],
      ['Address', '1 Via Roma'],
    ] as const) {
      await page.getByLabel(label).fill(text);
    }
    await page.getByRole('button', { name: 'Open the account' }).click();
    await page.getByRole('heading', { name: 'Ciao, Grace Moro' }).waitFor();

    const second = await page.context().newPage();
    await second.goto(`${pizzeria.address}/account`);
    await page.getByLabel('Address').fill('2 Via Roma');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await second.getByLabel('Address').fill('3 Via Roma');
    await second.getByRole('button', { name: 'Save' }).click();
    assert.ok(await second.getByRole('alert').isVisible());
    assert.equal(await second.getByLabel('Address').inputValue(), '3 Via Roma', 'what was typed is not lost');
    await page.getByLabel('Phone').fill('x');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /phone number/);
    await page.context().close();
  });

  test('a customer with a profile orders without a form, finds the order again and puts what was told away', async () => {
    const page = await visit('/login?return=/', { scripts: true });
    await logIn(page, 'ada');
    await page.getByRole('button', { name: 'Add Diavola to the basket' }).click();
    await page.getByRole('link', { name: 'Go to checkout' }).click();
    assert.equal(await page.getByLabel('Phone').count(), 0);
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL(/\/orders\//);
    const id = page.url().split('/').at(-1)!;
    await page.getByRole('heading', { name: 'Confirmed' }).waitFor();

    await page.goto(`${pizzeria.address}/account`);
    await page.locator(`a[href="/orders/${id}"]`).first().waitFor();
    const told = page.locator('.messages li');
    await page.waitForFunction(
      'document.querySelector(".messages li") !== null || (setTimeout(() => location.reload(), 300), false)',
      undefined,
      { polling: 1000 },
    );
    const before = await told.count();
    await page
      .getByRole('button', { name: /Put away/ })
      .first()
      .click();
    assert.equal(await told.count(), before - 1);
    await page.context().close();
  });

  test('a driver takes several boxes and drives them stop by stop', async () => {
    const ids = [await pizzeria.order(), await pizzeria.order()];
    for (const id of ids) {
      await pizzeria.call('PUT', `/api/orders/${id}/cook`);
      await pizzeria.call('PUT', `/api/orders/${id}/ready`);
    }
    const page = await visit('/login?return=/delivery', { scripts: true });
    await logIn(page, 'enzo');
    await page.waitForURL(/\/delivery$/);
    assert.equal(await page.getByLabel('I am').inputValue(), 'enzo');
    for (const id of ids) await page.locator(`[data-order="${id}"] input`).check();
    await page.getByRole('button', { name: 'Take the chosen 2' }).click();
    await page.locator('.columns h2 a', { hasText: 'enzo' }).click();
    await page.getByRole('heading', { name: 'Tour of enzo' }).waitFor();
    assert.deepEqual(
      await page.locator('.stops header b').allTextContents(),
      ['Next stop', 'Stop 2'],
      'the order of the stops',
    );
    for (const id of ids) {
      await page
        .locator(`[data-order="${id}"]`)
        .getByRole('button', { name: /Delivered/ })
        .click();
      await page.locator(`[data-order="${id}"]`).waitFor({ state: 'detached' });
    }
    await page.getByText('Nothing in the box').waitFor();
    await page.context().close();
  });

  test('the manager edits the menu, and customers see it', async () => {
    const page = await visit('/manage/menu');
    await logIn(page, 'mario');
    const add = page.locator('section', { has: page.getByRole('heading', { name: 'A new pizza' }) });
    await add.getByLabel('Name').fill('Bianca <b>');
    await add.getByLabel(/Price/).fill('11.5');
    await add.getByLabel('Toppings').fill('ricotta, sage');
    await add.getByRole('button').click();
    const bianca = page.locator('li.panel', { has: page.getByRole('heading', { name: 'Bianca' }) });
    await bianca.getByText('$11.50').waitFor();
    await bianca.getByRole('button', { name: /sold out/ }).click();
    await page.goto(pizzeria.address);
    const card = page.locator('.card', { has: page.getByRole('heading', { name: 'Bianca' }) });
    assert.ok(await card.getByText('sold out').isVisible());

    await page.goto(`${pizzeria.address}/manage/menu`);
    await bianca.locator('summary').click();
    await bianca.getByLabel(/Price/).fill('900');
    await bianca.getByRole('button', { name: /^Save/ }).click();
    assert.match((await page.getByRole('alert').textContent())!, /price/i);
    await bianca.locator('summary').click();
    await bianca.getByRole('button', { name: /off the menu/ }).click();
    assert.equal(await bianca.count(), 0);
    await page.context().close();
  });

  test('guests see numbers of the house and none of people; a driver may not edit the menu', async () => {
    const page = await visit('/manage');
    assert.ok(await page.getByText('What tells of people is for the manager').isVisible());
    assert.ok(await page.getByText('MARIO_AUTH=required').isVisible());
    await page.getByRole('link', { name: '30 days' }).click();
    assert.ok(await page.getByRole('img', { name: /Revenue by day/ }).isVisible());
    await page.goto(`${pizzeria.address}/login?return=/manage/menu`);
    await logIn(page, 'enzo');
    assert.ok(await page.getByText('Your account may not see this page').isVisible());
    await page.context().close();
  });

  test('faults are switched on with a strength, and off', async () => {
    const page = await visit('/manage/faults');
    const oven = page.locator('#slow-oven');
    await oven.getByLabel(/Strength/).fill('30');
    await oven.getByRole('button', { name: 'Switch on: Slow oven' }).click();
    assert.match((await oven.textContent())!, /30 s/);
    const { body } = await pizzeria.call('GET', '/api/faults/');
    assert.equal(body.faults.find((fault: { name: string }) => fault.name === 'slow-oven').on, true);
    await page.getByRole('button', { name: 'Switch all off' }).click();
    assert.ok(await page.getByText('Nothing is switched on.').isVisible());
    await page.context().close();
  });
});
