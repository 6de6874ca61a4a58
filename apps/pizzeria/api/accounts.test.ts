// Accounts as a client meets them: sessions, tokens, roles, profiles, and what nobody may do.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ADA, type Answer, ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

let nowMs = Date.parse('2026-11-22T12:00:00Z');
let pizzeria: TestPizzeria;
before(async () => {
  pizzeria = await testPizzeria({ clock: { nowMs: () => nowMs }, identity: { auth: 'required' } });
});
after(() => pizzeria.close());

const PASSWORD = 'four cheeses, no pineapple';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

function cookieOf(answer: Answer): Record<string, string> {
  const header = answer.headers.get('set-cookie') ?? '';
  assert.match(header, /HttpOnly; SameSite=Lax/);
  return { cookie: header.split(';', 1)[0]! };
}

async function logIn(login: string, password = login): Promise<Record<string, string>> {
  const answer = await pizzeria.call('POST', '/api/auth/login', { login, password });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return cookieOf(answer);
}

let customers = 0;
async function register(): Promise<Record<string, string>> {
  customers += 1;
  const body = { login: `guest-${customers}`, password: PASSWORD, ...ADA };
  const answer = await pizzeria.call('POST', '/api/auth/register', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return cookieOf(answer);
}

const basic = (id: string, secret: string) => ({
  ...FORM,
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function serviceToken(): Promise<Record<string, string>> {
  const answer = await pizzeria.call(
    'POST',
    '/api/auth/token',
    form({ grant_type: 'client_credentials' }),
    basic('traffic', 'traffic'),
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  return bearer(answer.body.access_token);
}

test('guests order, watch and cancel; the work of the house needs its roles', async () => {
  const id = await pizzeria.order();
  assert.equal((await pizzeria.call('GET', `/api/orders/${id}`)).status, 200);
  const [chef, driver] = [await logIn('luigi'), await logIn('enzo')];
  for (const [path, body] of [
    ['cook', undefined],
    ['ready', undefined],
  ] as const) {
    const guest = await pizzeria.call('PUT', `/api/orders/${id}/${path}`, body);
    assert.deepEqual([guest.status, guest.headers.get('www-authenticate')], [401, 'Bearer']);
    assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/${path}`, body, driver)).status, 403);
    assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/${path}`, body, chef)).status, 200);
  }
  const foreign = await pizzeria.call('PUT', `/api/orders/${id}/assign`, { driverId: 'somebody' }, driver);
  assert.deepEqual([foreign.status, foreign.body.rule], [409, 'driver-own-tour']);
  const assigned = await pizzeria.call('PUT', `/api/orders/${id}/assign`, undefined, driver);
  assert.deepEqual([assigned.status, assigned.body.driverId, assigned.body.cookId], [200, 'enzo', 'luigi']);
  assert.equal((await pizzeria.call('PUT', `/api/orders/${id}/deliver`, undefined, driver)).status, 200);
  for (const path of ['/api/orders/', '/api/kitchen/', '/api/deliveries/', '/api/statistics/', '/api/accounts/']) {
    assert.equal((await pizzeria.call('GET', path)).status, 401, path);
    assert.equal((await pizzeria.call('GET', path, undefined, await register())).status, 403, path);
  }
  const other = await pizzeria.order();
  assert.equal((await pizzeria.call('PUT', `/api/orders/${other}/cancel`, { reason: 'mistake' })).status, 200);
});

test('pages lead a guest to the login and back; a wrong role sees a page that says so', async () => {
  const html = { accept: 'text/html' };
  const answer = await fetch(`${pizzeria.address}/kitchen`, { headers: html, redirect: 'manual' });
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/login?return=%2Fkitchen']);
  const refused = await fetch(`${pizzeria.address}/kitchen`, { headers: { ...html, ...(await logIn('ada')) } });
  assert.equal(refused.status, 403);
  const body = form({ login: 'luigi', password: 'luigi', return: '/kitchen' });
  const entered = await fetch(`${pizzeria.address}/api/auth/login`, {
    method: 'POST',
    headers: FORM,
    body,
    redirect: 'manual',
  });
  assert.deepEqual([entered.status, entered.headers.get('location')], [303, '/kitchen']);
  for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example', '/\tx']) {
    const sent = await fetch(`${pizzeria.address}/api/auth/login`, {
      method: 'POST',
      headers: FORM,
      body: form({ login: 'luigi', password: 'luigi', return: elsewhere }),
      redirect: 'manual',
    });
    assert.equal(sent.headers.get('location'), '/kitchen', elsewhere);
  }
});

test('a session ends by leaving, by its age, and by another password', async () => {
  const cookie = await register();
  assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, cookie)).body.account.roles[0], 'customer');
  const second = cookieOf(
    await pizzeria.call('POST', '/api/auth/login', { login: `guest-${customers}`, password: PASSWORD }),
  );
  const change = { currentPassword: PASSWORD, newPassword: 'a quarter of an hour' };
  assert.equal((await pizzeria.call('PUT', '/api/auth/password', change, cookie)).status, 204);
  assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, second)).status, 401);
  assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, cookie)).status, 200);
  assert.equal((await pizzeria.call('POST', '/api/auth/logout', undefined, cookie)).status, 204);
  assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, cookie)).status, 401);
  const old = await register();
  nowMs += 12 * 60 * 60_000;
  assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, old)).status, 401);
});

test('guessing is slowed down, and says nothing about which logins there are', async () => {
  const refusals = [];
  for (let guess = 0; guess < 10; guess += 1) {
    refusals.push(await pizzeria.call('POST', '/api/auth/login', { login: 'luigi', password: `guess ${guess}` }));
  }
  const nobody = await pizzeria.call('POST', '/api/auth/login', { login: 'nobody', password: 'x' });
  assert.deepEqual(nobody.body, refusals[0]?.body);
  assert.equal(nobody.status, 401);
  const limited = await pizzeria.call('POST', '/api/auth/login', { login: 'luigi', password: 'luigi' });
  assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '900']);
  nowMs += 900_000;
  await logIn('luigi');
});

test('registration refuses what is weak or taken', async () => {
  const good = { login: 'bea', password: PASSWORD, ...ADA };
  for (const [change, status, rule] of [
    [{ password: 'short' }, 422, 'password-strong-enough'],
    [{ password: 'aaaaaaaaaaaaaaa' }, 422, 'password-strong-enough'],
    [{ password: 'my login is bea' }, 422, 'password-strong-enough'],
    [{ login: 'a b' }, 422, 'login-valid'],
    [{ login: 'Mario' }, 409, 'login-taken'],
    [{ phone: 'x' }, 422, 'phone-valid'],
  ] as const) {
    const answer = await pizzeria.call('POST', '/api/auth/register', { ...good, ...change });
    assert.deepEqual([answer.status, answer.body.rule], [status, rule]);
  }
});

test('another site’s page cannot use a visitor’s session', async () => {
  const cookie = await logIn('mario');
  const pizza = { name: 'Evil', priceCents: 1000 };
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ]) {
    const answer = await pizzeria.call('POST', '/api/menu/', pizza, { ...cookie, ...headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
});

describe('OAuth', () => {
  test('a service gets a token by its secret, and with it what its roles allow', async () => {
    const token = await serviceToken();
    assert.equal((await pizzeria.call('GET', '/api/kitchen/', undefined, token)).status, 200);
    const wrong = basic('traffic', 'wrong');
    const refused = await pizzeria.call('POST', '/api/auth/token', form({ grant_type: 'client_credentials' }), wrong);
    assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
    const person = basic('mario', 'mario');
    assert.equal(
      (await pizzeria.call('POST', '/api/auth/token', form({ grant_type: 'client_credentials' }), person)).status,
      401,
    );
    const grant = form({ grant_type: 'password', username: 'mario', password: 'mario' });
    const password = await pizzeria.call('POST', '/api/auth/token', grant, FORM);
    assert.deepEqual([password.status, password.body.error], [400, 'unsupported_grant_type']);
    nowMs += 15 * 60_000;
    const expired = await pizzeria.call('GET', '/api/menu/', undefined, token);
    assert.equal(expired.status, 401);
    assert.match(expired.headers.get('www-authenticate')!, /invalid_token/);
  });

  const redirectUri = 'http://127.0.0.1:61234/callback';
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const question = {
    response_type: 'code',
    client_id: 'mario-cli',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'xyz',
  };
  const authorize = (fields: Record<string, string>, headers: Record<string, string>) =>
    fetch(`${pizzeria.address}/api/auth/authorize`, {
      method: 'POST',
      headers: { ...FORM, ...headers },
      body: form(fields),
      redirect: 'manual',
    });
  const codeFor = async (headers: Record<string, string>) => {
    const answer = await authorize({ ...question, decision: 'allow' }, headers);
    const target = new URL(answer.headers.get('location')!);
    assert.equal(target.origin + target.pathname, redirectUri);
    assert.equal(target.searchParams.get('state'), 'xyz');
    assert.equal(target.searchParams.get('iss'), pizzeria.address);
    return target.searchParams.get('code')!;
  };
  const redeem = (fields: Record<string, string>) =>
    pizzeria.call(
      'POST',
      '/api/auth/token',
      form({ grant_type: 'authorization_code', client_id: 'mario-cli', redirect_uri: redirectUri, ...fields }),
      FORM,
    );

  test('a person’s program gets tokens by consent, a code and PKCE; each is used once', async () => {
    const cookie = await logIn('enzo');
    const page = await fetch(`${pizzeria.address}/api/auth/authorize?${form(question)}`, { headers: cookie });
    assert.match(await page.text(), /A program on this machine/);
    assert.match(page.headers.get('content-security-policy')!, /form-action 'self' http:\/\/127\.0\.0\.1:61234/);
    const code = await codeFor(cookie);
    assert.equal((await redeem({ code, code_verifier: 'wrong' })).body.error, 'invalid_grant');
    const tokens = (await redeem({ code, code_verifier: verifier })).body;
    assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.scope], ['Bearer', 900, 'driver']);
    const access = bearer(tokens.access_token);
    assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, access)).body.account.login, 'enzo');

    const refresh = (token: string) =>
      pizzeria.call(
        'POST',
        '/api/auth/token',
        form({ grant_type: 'refresh_token', client_id: 'mario-cli', refresh_token: token }),
        FORM,
      );
    const next = (await refresh(tokens.refresh_token)).body;
    assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, bearer(next.access_token))).status, 200);
    // Somebody has a copy of the first one: everything that came from this login ends.
    assert.equal((await refresh(tokens.refresh_token)).body.error, 'invalid_grant');
    assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, bearer(next.access_token))).status, 401);
    assert.equal((await refresh(next.refresh_token)).body.error, 'invalid_grant');
  });

  test('a code lives a minute; a token is revoked; refusals go to the client, strangers nowhere', async () => {
    const cookie = await logIn('enzo');
    const late = await codeFor(cookie);
    nowMs += 60_000;
    assert.equal((await redeem({ code: late, code_verifier: verifier })).body.error, 'invalid_grant');
    const { access_token: token } = (await redeem({ code: await codeFor(cookie), code_verifier: verifier })).body;
    assert.equal((await pizzeria.call('POST', '/api/auth/revoke', form({ token }), FORM)).status, 200);
    assert.equal((await pizzeria.call('GET', '/api/auth/me', undefined, bearer(token))).status, 401);

    const denied = await authorize({ ...question, decision: 'deny' }, cookie);
    assert.match(denied.headers.get('location')!, /error=access_denied/);
    const plain = await authorize({ ...question, code_challenge_method: 'plain', decision: 'allow' }, cookie);
    assert.match(plain.headers.get('location')!, /error=invalid_request/);
    for (const stranger of ['https://evil.example/', 'http://127.0.0.1.evil.example/', 'http://user@127.0.0.1/']) {
      const answer = await authorize({ ...question, redirect_uri: stranger, decision: 'allow' }, cookie);
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null], stranger);
    }
    const metadata = await pizzeria.call('GET', '/.well-known/oauth-authorization-server');
    assert.deepEqual(metadata.body.code_challenge_methods_supported, ['S256']);
  });
});

test('a profile saves the form, keeps the history, and is nobody else’s', async () => {
  const cookie = await register();
  const profile = await pizzeria.call('GET', '/api/customers/me', undefined, cookie);
  assert.deepEqual(profile.body, { name: ADA.name, phone: '+15550134', address: ADA.address, version: 1 });
  const { customer: _customer, ...items } = ORDER;
  const placed = await pizzeria.call('POST', '/api/orders/', items, cookie);
  assert.deepEqual([placed.status, placed.body.customer.name], [201, ADA.name]);
  const guest = await pizzeria.call('POST', '/api/orders/', items);
  assert.deepEqual([guest.status, guest.body.errors], [400, [{ pointer: '/customer', detail: 'is missing' }]]);

  const moved = { ...ADA, address: '1 Via Roma' };
  const stale = await pizzeria.call('PUT', '/api/customers/me', moved, { ...cookie, 'if-match': '"7"' });
  assert.equal(stale.status, 412);
  const changed = await pizzeria.call('PUT', '/api/customers/me', moved, { ...cookie, 'if-match': '"1"' });
  assert.deepEqual([changed.status, changed.body.version, changed.headers.get('etag')], [200, 2, '"2"']);

  await pizzeria.order();
  const history = await pizzeria.call('GET', '/api/customers/me/orders', undefined, cookie);
  assert.deepEqual(
    history.body.map((order: { id: string }) => order.id),
    [placed.body.id],
    'a guest with the same phone is somebody else',
  );
  assert.deepEqual((await pizzeria.call('GET', '/api/customers/me/orders', undefined, await register())).body, []);
  const again = await pizzeria.call('POST', '/api/customers/', ADA, cookie);
  assert.deepEqual([again.status, again.body.rule], [409, 'profile-once']);
  const without = await pizzeria.call('GET', '/api/customers/me', undefined, await logIn('luigi'));
  assert.equal(without.body.rule, 'profile-required');
});

test('notifications are put away by their owner', async () => {
  const cookie = await register();
  const { customer: _customer, ...items } = ORDER;
  const placed = await pizzeria.call('POST', '/api/orders/', items, cookie);
  const told = await untilTold(() => pizzeria.call('GET', '/api/customers/me/notifications', undefined, cookie));
  const [notification] = told;
  assert.equal(notification.orderId, placed.body.id);
  const path = `/api/notifications/${notification.id}/dismiss`;
  assert.equal((await pizzeria.call('PUT', path)).status, 404, 'a guest does not know of it');
  assert.equal((await pizzeria.call('PUT', path, undefined, await register())).status, 404);
  assert.equal((await pizzeria.call('PUT', path, undefined, cookie)).status, 204);
  assert.equal((await pizzeria.call('PUT', path, undefined, cookie)).status, 204);
  assert.deepEqual((await pizzeria.call('GET', '/api/customers/me/notifications', undefined, cookie)).body, []);

  const id = await pizzeria.order();
  const [own] = await untilTold(() => pizzeria.call('GET', `/api/orders/${id}/notifications`));
  assert.equal((await pizzeria.call('PUT', `/api/notifications/${own.id}/dismiss`)).status, 204);
  assert.equal((await pizzeria.call('GET', `/api/orders/${id}/notifications`)).body[0].dismissed, true);
});

/** Reactions come after the response. */
async function untilTold(ask: () => Promise<Answer>) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { body } = await ask();
    if (body.length > 0) return body;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody was told within two seconds');
}

test('the manager gives accounts; nobody else does', async () => {
  const manager = await logIn('mario');
  const hired = { login: 'giulia', name: 'Giulia', password: PASSWORD, roles: ['chef', 'driver'] };
  assert.equal((await pizzeria.call('POST', '/api/accounts/', hired, await logIn('luigi'))).status, 403);
  const answer = await pizzeria.call('POST', '/api/accounts/', hired, manager);
  assert.deepEqual([answer.status, answer.body.account.roles], [201, ['chef', 'driver']]);
  await logIn('giulia', PASSWORD);
  const staff = await pizzeria.call('GET', '/api/accounts/', undefined, manager);
  assert.deepEqual(
    staff.body.map((account: { login: string }) => account.login),
    ['enzo', 'giulia', 'luigi', 'mario', 'traffic'],
  );
  assert.ok(!JSON.stringify(staff.body).includes('argon2'));
});

test('where other machines reach the pizzeria, demonstration accounts are refused until they are changed', async () => {
  const house = await testPizzeria({ identity: { publicUrl: 'https://pizza.example', managerPassword: PASSWORD } });
  try {
    const refused = await house.call('POST', '/api/auth/login', { login: 'luigi', password: 'luigi' });
    assert.deepEqual([refused.status, refused.body.type], [403, '/api/docs#problem-demo-account-refused']);
    const wrong = await house.call('POST', '/api/auth/login', { login: 'luigi', password: 'x' });
    assert.equal(wrong.status, 401);
    assert.equal((await house.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' })).status, 401);
    const entered = await house.call('POST', '/api/auth/login', { login: 'mario', password: PASSWORD });
    assert.match(entered.headers.get('set-cookie') ?? '', /; Secure$/);
    assert.equal((await house.call('GET', '/api/kitchen/')).status, 401, 'and the kitchen is not open');
  } finally {
    await house.close();
  }
});
