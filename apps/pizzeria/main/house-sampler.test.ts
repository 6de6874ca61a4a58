import assert from 'node:assert/strict';
import { test } from 'node:test';
import { businessMetrics } from '@mario/instrumentation';
import type { Envelope } from '../application/session.ts';
import { openDatabase } from '../infrastructure/database.ts';
import { HouseSampler } from './house-sampler.ts';

test('a busy kitchen is counted at most once a second, and its last move is not missed', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const database = await openDatabase({ dataDir: ':memory:' });
  let samples = 0;
  const metrics = { ...businessMetrics(), kitchenCapacityUtilized: { record: () => void (samples += 1) } };
  const sampler = new HouseSampler(metrics as unknown as ReturnType<typeof businessMetrics>, (error) => {
    throw error;
  });
  const stop = await sampler.start(database);
  const move: Envelope = {
    position: 1,
    id: 'e',
    event: { type: 'CookingStarted', orderId: 'o', atMs: 1, queuedMs: 0 },
    traceparent: null,
    attempts: 0,
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  await settled();
  for (let moves = 0; moves < 500; moves += 1) sampler.reaction.tell?.(move);
  await settled();
  assert.equal(samples, 1);
  context.mock.timers.tick(1_000);
  await settled();
  assert.equal(samples, 2, 'the moves of the second together');
  context.mock.timers.tick(10_000);
  await settled();
  assert.equal(samples, 2, 'nothing moved since');
  stop();
  await database.close();
});
