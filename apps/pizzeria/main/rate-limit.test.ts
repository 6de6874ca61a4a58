import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimiter } from './rate-limit.ts';
import { testPizzeria } from './test-pizzeria.ts';

test('a bucket of tokens fills with time and never beyond its size', () => {
  let nowMs = 0;
  const limiter = new RateLimiter({ requests: 4, windowS: 2 }, { nowMs: () => nowMs });
  const left = () => limiter.take('a').left;
  assert.deepEqual([left(), left(), left(), left()], [3, 2, 1, 0]);
  assert.deepEqual(limiter.take('a'), { left: 0, waitS: 1 });
  assert.equal(limiter.take('b').left, 3, 'somebody else has a bucket of their own');
  nowMs += 500;
  assert.deepEqual(limiter.take('a'), { left: 0, waitS: 0 });
  nowMs -= 10_000;
  assert.equal(limiter.take('a').waitS, 1, 'a clock that is set back takes nothing and gives nothing');
  nowMs += 1e9;
  assert.equal(left(), 3);
});

test('whoever sends too much is told when to come back; health checks and scrapes are not counted', async () => {
  let nowMs = 1_000_000;
  const clock = { nowMs: () => nowMs };
  const pizzeria = await testPizzeria({ clock, identity: { rateLimit: { requests: 3, windowS: 60 } } });
  try {
    const first = await pizzeria.call('GET', '/api/menu/');
    assert.equal(first.headers.get('ratelimit-policy'), '"default";q=3;w=60');
    assert.equal(first.headers.get('ratelimit'), '"default";r=2;t=60');
    await pizzeria.call('GET', '/api/menu/');
    await pizzeria.call('GET', '/api/menu/');
    const refused = await pizzeria.call('GET', '/api/menu/');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '20']);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.equal((await pizzeria.call('GET', '/health')).status, 200);
    nowMs += 20_000;
    assert.equal((await pizzeria.call('GET', '/api/menu/')).status, 200);
  } finally {
    await pizzeria.close();
  }
});

test('loopback is not limited unless somebody says so', async () => {
  const pizzeria = await testPizzeria();
  try {
    assert.equal((await pizzeria.call('GET', '/api/menu/')).headers.get('ratelimit'), null);
  } finally {
    await pizzeria.close();
  }
});
