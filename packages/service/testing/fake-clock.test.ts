import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';

test('timers fire in order, periodic ones again, cancelled ones never', async () => {
  const clock = new FakeClock(1_000);
  const fired: string[] = [];
  clock.after(20, () => fired.push(`once@${clock.nowMs()}`));
  const periodic = clock.every(15, () => fired.push(`tick@${clock.nowMs()}`));
  clock.after(5, () => fired.push('never')).cancel();
  await clock.advance(30);
  periodic.cancel();
  await clock.advance(100);
  assert.deepEqual(fired, ['tick@1015', 'once@1020', 'tick@1030']);
  assert.equal(clock.monotonicMs(), 130);
});
