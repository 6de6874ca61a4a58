// The scripts of the conformance folder, read in place when it is there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPromqlConformance } from './conformance.ts';
import { runScript } from './run-script.ts';

const FOLDER = join(import.meta.dirname, '../../../../../shared/conformance/promql');

test('every evaluation of the conformance scripts passes', async (t) => {
  if (!existsSync(FOLDER)) return t.skip('skipped: no ../shared/conformance/promql on this machine');
  const report = await runPromqlConformance(FOLDER);
  assert.deepEqual(report.failures, []);
  assert.ok(report.passed > 1000);
});

test('every evaluation of our own scripts passes', async () => {
  const report = await runPromqlConformance(join(import.meta.dirname, '../cases'));
  assert.deepEqual(report.failures, []);
  assert.ok(report.passed > 0);
});

test('a wrong expectation is reported with what was expected and what came', async () => {
  const script =
    'load 1m\n  m{a="b"} 1 2 3\n\neval instant at 1m m\n  m{a="b"} 7\n\neval instant at 2m sum(m)\n  {} 3\n';
  const { passed, failures } = await runScript('wrong.test', script);
  assert.equal(passed, 1);
  assert.deepEqual(failures, [
    { case: 'wrong.test:4: eval instant at 1m m', expected: 'm{a="b"} 7', actual: 'm{a="b"} 2' },
  ]);
});

test('an unreadable script is a failure that names the line', async () => {
  const { failures } = await runScript('bad.test', 'load 1m\n  m 1\n\nevaluate 7\n');
  assert.equal(failures.length, 1);
  assert.match(failures[0]!.actual, /line 4: unknown command/);
});

test('load accumulates, stale hides, missing samples look back', async () => {
  const script = [
    'load 1m',
    '  m 1 _ stale 4',
    '',
    'eval instant at 1m m',
    '  m 1',
    '',
    'eval instant at 2m m',
    '',
    'eval range from 0 to 3m step 1m m',
    '  m 1 1 _ 4',
    '',
    'eval instant at 3m count_over_time(m[4m])',
    '  {} 2',
    '',
    'clear',
    'eval instant at 3m m',
    '',
  ].join('\n');
  const { passed, failures } = await runScript('own.test', script);
  assert.deepEqual(failures, []);
  assert.equal(passed, 5);
});
