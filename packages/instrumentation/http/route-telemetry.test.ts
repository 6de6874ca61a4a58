import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf } from './route-telemetry.ts';

test('route templates have braces, and keep their slashes', () => {
  assert.equal(endpointOf('', '/api/orders/:id'), '/api/orders/{id}');
  assert.equal(endpointOf('', '/api/orders/:id/cook'), '/api/orders/{id}/cook');
  assert.equal(endpointOf('', '/api/menu/'), '/api/menu/');
  assert.equal(endpointOf('/shop/', '/at/:hour(^\\d+)h:minute(^(?:\\d\\d)$)m'), '/shop/at/{hour}h{minute}m');
  assert.equal(endpointOf('', '/posts/:id?'), '/posts/{id}');
  assert.equal(endpointOf('', '/name::verb'), '/name:verb');
  assert.equal(endpointOf('', '/static/*'), '/static/*');
});
