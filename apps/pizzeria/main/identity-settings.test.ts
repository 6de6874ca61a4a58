import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessPolicy, identitySettings } from './identity-settings.ts';

test('the house is open where only this machine comes', () => {
  const isOpen = (settings: object, host: string) => accessPolicy(settings, host).isOpen;
  assert.ok(
    isOpen({}, '127.0.0.1') && isOpen({}, '::1') && isOpen({ publicUrl: 'http://localhost:8080' }, 'localhost'),
  );
  assert.ok(!isOpen({}, '0.0.0.0') && !isOpen({}, '192.168.1.2'));
  assert.ok(!isOpen({ publicUrl: 'https://pizza.example' }, '127.0.0.1'), 'behind a proxy');
  assert.deepEqual(accessPolicy({ auth: 'open' }, '0.0.0.0'), { isOpen: true, allowsDemoAccounts: false });
  assert.deepEqual(accessPolicy({ auth: 'required' }, '127.0.0.1'), { isOpen: false, allowsDemoAccounts: true });
});

test('settings are read from the environment, and what is wrong with them is said', () => {
  const settings = identitySettings({
    MARIO_AUTH: 'required',
    MARIO_PUBLIC_URL: 'https://pizza.example/',
    MARIO_RATE_LIMIT: '600/60s',
    MARIO_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2',
    MARIO_OAUTH_CLIENTS: '[{"id":"app","redirectUris":["https://app.example/done"]}]',
    MARIO_OIDC_ISSUER: 'https://id.example',
    MARIO_OIDC_CLIENT_ID: 'pizzeria',
    MARIO_OIDC_ROLES: 'pizza-chefs=chef, bosses=manager',
  });
  assert.equal(settings.publicUrl, 'https://pizza.example');
  assert.deepEqual(settings.rateLimit, { requests: 600, windowS: 60 });
  assert.deepEqual(settings.trustedProxies, ['10.0.0.1', '10.0.0.2']);
  assert.deepEqual(
    settings.clients?.map((client) => client.id),
    ['mario-cli', 'app'],
  );
  assert.deepEqual(
    [...settings.oidc!.roles],
    [
      ['pizza-chefs', 'chef'],
      ['bosses', 'manager'],
    ],
  );
  for (const [name, value] of [
    ['MARIO_AUTH', 'maybe'],
    ['MARIO_PUBLIC_URL', 'pizza.example'],
    ['MARIO_RATE_LIMIT', 'many'],
    ['MARIO_OAUTH_CLIENTS', '{}'],
    ['MARIO_OAUTH_CLIENTS', '[null]'],
    ['MARIO_OIDC_ISSUER', 'https://id.example'],
  ] as const) {
    assert.throws(() => identitySettings({ [name]: value }), new RegExp(name), name);
  }
});
