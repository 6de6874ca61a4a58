// Logging in at an OpenID Connect provider: a tiny one of our own, honest at first and then not.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

const CLIENT = { id: 'pizzeria', secret: 'basil' };
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

interface Person {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** What the provider does wrong, and who is at its keyboard. */
let person: Person;
let claims: object = {};
let isForged = false;
let issuer = '';
let provider: Server;
let pizzeria: TestPizzeria;
const grants = new Map<string, { nonce: string; challenge: string; redirectUri: string }>();

before(async () => {
  provider = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  pizzeria = await testPizzeria({
    identity: {
      auth: 'required',
      oidc: {
        issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        name: 'Staff login',
        roleClaim: 'realm_access.roles',
        roles: new Map([
          ['pizza-chefs', 'chef'],
          ['bosses', 'manager'],
        ]),
      },
    },
  });
});
after(async () => {
  await pizzeria.close();
  provider.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', issuer);
  const json = (body: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return void json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    case '/jwks':
      return void json({
        keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }],
      });
    case '/authorize': {
      const code = randomUUID();
      const parameter = (name: string) => url.searchParams.get(name)!;
      const redirectUri = parameter('redirect_uri');
      assert.equal(parameter('code_challenge_method'), 'S256');
      grants.set(code, { nonce: parameter('nonce'), challenge: parameter('code_challenge'), redirectUri });
      const target = new URL(redirectUri);
      target.searchParams.set('code', code);
      target.searchParams.set('state', parameter('state'));
      return void response.writeHead(302, { location: target.href }).end();
    }
    case '/token':
      return void json(await tokenFor(request));
  }
  response.writeHead(404).end();
}

async function tokenFor(request: IncomingMessage): Promise<object> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const fields = new URLSearchParams(body);
  const grant = grants.get(fields.get('code') ?? '')!;
  grants.delete(fields.get('code') ?? '');
  const challenge = createHash('sha256').update(fields.get('code_verifier')!).digest('base64url');
  assert.deepEqual([challenge, fields.get('redirect_uri')], [grant.challenge, grant.redirectUri]);
  const nowS = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, aud: CLIENT.id, iat: nowS, exp: nowS + 60, nonce: grant.nonce, ...person, ...claims };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'RS256', kid: 'one' })}.${encode(payload)}`;
  const { privateKey } = isForged ? strangers : keys;
  const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url');
  return { access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: `${text}.${signature}` };
}

/** A browser's way to the provider and back; gives where it ends up, and the session. */
async function visit(change: (callback: URL, cookie: string) => [URL, string] = (url, cookie) => [url, cookie]) {
  const manual = { redirect: 'manual' } as const;
  const begun = await fetch(`${pizzeria.address}/api/auth/oidc/login?return=/kitchen`, manual);
  const journey = begun.headers.get('set-cookie')!;
  assert.match(journey, /^mario_oidc=.*Path=\/api\/auth\/oidc; .*HttpOnly; SameSite=Lax/);
  const there = await fetch(begun.headers.get('location')!, manual);
  const [callback, cookie] = change(new URL(there.headers.get('location')!), journey.split(';', 1)[0]!);
  const back = await fetch(callback, { ...manual, headers: { cookie } });
  const session = back.headers.getSetCookie().find((each) => each.startsWith('mario_session'));
  return { location: back.headers.get('location'), cookie: session?.split(';', 1)[0] };
}

async function me(cookie: string | undefined) {
  return (await pizzeria.call('GET', '/api/auth/me', undefined, { cookie: cookie! })).body.account;
}

test('whoever comes back from the provider is logged in, with the roles of the claim', async () => {
  const roles = { realm_access: { roles: ['pizza-chefs', 'unknown'] } };
  person = { sub: 'u-1', preferred_username: 'Chiara Bruni', name: 'Chiara', ...roles };
  const { location, cookie } = await visit();
  assert.equal(location, '/kitchen');
  assert.deepEqual(await me(cookie), { login: 'chiara-bruni', name: 'Chiara', roles: ['chef'], isDemo: false });
  assert.equal((await pizzeria.call('GET', '/api/kitchen/', undefined, { cookie: cookie! })).status, 200);

  person = { ...person, realm_access: { roles: ['bosses'] } };
  assert.deepEqual((await me((await visit()).cookie)).roles, ['manager'], 'the provider is the authority');
  assert.deepEqual((await me(cookie)).roles, ['manager'], 'also for who is logged in');
});

test('somebody else of the same name is somebody else; who has no role is a customer', async () => {
  person = { sub: 'u-2', preferred_username: 'mario' };
  assert.deepEqual(await me((await visit()).cookie), {
    login: 'mario-2',
    name: 'mario',
    roles: ['customer'],
    isDemo: false,
  });
  const password = await pizzeria.call('POST', '/api/auth/login', { login: 'mario-2', password: '' });
  assert.equal(password.status, 401, 'an account without a password has none that fits');
});

test('what is not as it should be is refused', async () => {
  person = { sub: 'u-3', preferred_username: 'eve' };
  const refused = async (what: string, change?: Parameters<typeof visit>[0]) => {
    const { location, cookie } = await visit(change);
    assert.deepEqual([location, cookie], ['/login?failed=provider', undefined], what);
  };
  for (const wrong of [{ nonce: 'other' }, { aud: 'other' }, { iss: 'https://other.example' }, { exp: 1 }]) {
    claims = wrong;
    await refused(JSON.stringify(wrong));
  }
  claims = {};
  isForged = true;
  await refused('signed by somebody else');
  isForged = false;
  await refused('another state', (url, cookie) => {
    url.searchParams.set('state', 'other');
    return [url, cookie];
  });
  await refused('another browser', (url) => [url, '']);
  await refused('a broken cookie', (url) => [url, 'mario_oidc=%%%']);
  await refused('the person said no', (url, cookie) => {
    url.searchParams.delete('code');
    url.searchParams.set('error', 'access_denied');
    return [url, cookie];
  });
  assert.equal((await visit()).location, '/kitchen', 'and the honest way still leads there');
});

test('a provider that is away is a page that says so', async () => {
  const house = await testPizzeria({
    identity: {
      oidc: { issuer: 'http://127.0.0.1:9', clientId: 'x', name: 'Away', roleClaim: 'roles', roles: new Map() },
    },
  });
  const answered = await fetch(`${house.address}/api/auth/oidc/login`, { redirect: 'manual' });
  assert.equal(answered.headers.get('location'), '/login?failed=provider');
  await house.close();
});
