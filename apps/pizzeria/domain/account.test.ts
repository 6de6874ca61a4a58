import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLogin, checkPassword, checkRoles } from './account.ts';

test('a login has one form', () => {
  assert.equal(checkLogin('  Ada.Rossi@Example.COM '), 'ada.rossi@example.com');
  for (const text of ['', 'ab', '-ada', 'a b c', 'ada\u0000', 'ada/..', 'x'.repeat(65)]) {
    assert.throws(() => checkLogin(text), { rule: 'login-valid' }, JSON.stringify(text));
  }
});

test('a password is long, is not the login, and is not one character', () => {
  checkPassword('four cheeses, no pineapple', 'ada');
  checkPassword('🍕🌿🍅🧀🫒🍕🌿🍅🧀🫒', 'ada');
  for (const password of ['ninechars', 'x'.repeat(201), 'this is ADA here', 'abababababab']) {
    assert.throws(() => checkPassword(password, 'ada'), { rule: 'password-strong-enough' }, password);
  }
});

test('roles are known and named once', () => {
  assert.deepEqual(checkRoles(['chef', 'driver', 'chef']), ['chef', 'driver']);
  for (const roles of [[], ['cook'], ['chef', 'root']]) assert.throws(() => checkRoles(roles), { rule: 'role-known' });
});
