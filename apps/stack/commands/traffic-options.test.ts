import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatWorldFlags, worldFlags } from './traffic-options.ts';

test('orders are counted on the clock of the wall, people live in simulated time', () => {
  const usual = worldFlags({});
  assert.deepEqual([usual.speed, usual.ordersPerMinute, usual.faultsSeed, usual.login], [30, 1, undefined, undefined]);
  assert.equal(worldFlags({ rate: '30', speed: '60' }).ordersPerMinute, 0.5);
  assert.equal(worldFlags({ rate: '0.5', speed: '1' }).ordersPerMinute, 0.5);
});

test('a day of faults and a login are read; what cannot be is refused by the name of the flag', () => {
  const flags = worldFlags({ faults: 'seed=42', speed: '60', login: 'traffic:a:secret' });
  assert.deepEqual([flags.faultsSeed, flags.login], [42, { id: 'traffic', secret: 'a:secret' }]);
  assert.throws(() => worldFlags({ faults: '42' }), /--faults must be seed=N/);
  assert.throws(() => worldFlags({ faults: 'seed=1', speed: '61' }), /--speed may be 60 at most/);
  assert.throws(() => worldFlags({ login: 'traffic' }), /--login must be ID:SECRET/);
  assert.throws(() => worldFlags({ rate: '0' }), /--rate/);
  assert.throws(() => worldFlags({ speed: '0' }), /--speed/);
});

test('`mario up` passes on what was given, and the secret by the environment', () => {
  assert.deepEqual(formatWorldFlags({ rate: '10', faults: 'seed=7', login: 'a:b' }), [
    '--rate',
    '10',
    '--faults',
    'seed=7',
  ]);
});
