import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkMap } from './network-map.ts';

test('names of configuration files lead to where the services are', () => {
  const network = new NetworkMap();
  network.register('Tempo:4317', { host: '127.0.0.1', port: 14317 });
  network.register('prometheus:9090', { host: '::1', port: 19090 });
  assert.equal(network.resolve('tempo:4317'), '127.0.0.1:14317');
  assert.equal(network.resolve('example.org:4317'), 'example.org:4317');
  assert.equal(
    network.resolveUrl('http://prometheus:9090/api/v1/query?query=up'),
    'http://[::1]:19090/api/v1/query?query=up',
  );
  assert.equal(network.resolveUrl('http://prometheus:9090'), 'http://[::1]:19090');
  assert.equal(network.resolveUrl('http://u:p@tempo:4317/'), 'http://u:p@127.0.0.1:14317/');
  assert.equal(network.resolveUrl('http://example.org/x'), 'http://example.org/x');
});
