import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runLogqlConformance } from './run-conformance.ts';

test('our own LogQL scenarios hold', async () => {
  const { failures, passed } = await runLogqlConformance(join(import.meta.dirname, 'cases'));
  assert.deepEqual(failures, []);
  assert.ok(passed > 0);
});
