import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runLogqlConformance } from './run-conformance.ts';

const suite = join(import.meta.dirname, '../../../../shared/conformance/logql');
const skip = existsSync(suite) ? false : 'skipped: the conformance cases are not on this machine';

test('the LogQL conformance suite passes', { skip }, async () => {
  const report = await runLogqlConformance(suite);
  assert.deepEqual(report.failures.slice(0, 5), []);
  assert.ok(report.passed > 0);
  assert.equal(report.skipped, 0);
});
