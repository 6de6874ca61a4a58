import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runPromqlConformance } from '../promql/index.ts';
import { ScriptedStore } from './scripted-store.ts';

const scripts = fileURLToPath(new URL('../../../../shared/conformance/promql', import.meta.url));
const skip = existsSync(scripts) ? false : 'skipped: no conformance cases beside the repository';

for (const [where, flushes] of [
  ['in the head', false],
  ['in blocks', true],
] as const) {
  test(`the PromQL scripts over the real store, samples ${where}`, { skip }, async () => {
    const report = await runPromqlConformance(scripts, () => new ScriptedStore(flushes));
    assert.deepEqual(report.failures, []);
    assert.ok(report.passed > 1_700, String(report.passed));
  });
}
