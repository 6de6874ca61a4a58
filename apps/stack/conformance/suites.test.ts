import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SUITES } from './suites.ts';

const shared = join(import.meta.dirname, '..', '..', '..', '..', 'shared');

const CASES: readonly (readonly [suite: string, path: string])[] = [
  ['promql', 'conformance/promql'],
  ['openmetrics', 'conformance/openmetrics/cases.json'],
  ['logql', 'conformance/logql'],
  ['traceql', 'conformance/traceql/queries.json'],
  ['dashboards', 'real-input/dashboards'],
];

for (const [suite, path] of CASES) {
  const folder = join(shared, path);
  test(`conformance: ${suite}`, {
    skip: existsSync(folder) ? false : 'the cases are not on this machine',
  }, async (t) => {
    const { passed, failed, failures } = await SUITES[suite]!(folder);
    t.diagnostic(`${passed} passed`);
    assert.equal(failed, 0, JSON.stringify(failures.slice(0, 10), null, 1));
    assert.ok(passed > 0);
  });
}
