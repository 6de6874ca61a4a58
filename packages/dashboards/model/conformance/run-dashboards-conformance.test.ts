import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runDashboardsConformance } from './run-dashboards-conformance.ts';

const REAL_DASHBOARDS = fileURLToPath(new URL('../../../../../shared/real-input/dashboards', import.meta.url));

test('a folder is walked and what is wrong is named', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboards-'));
  t.after(() => rm(folder, { recursive: true }));
  const panels = [
    { id: 1, type: 'stat', targets: [{ expr: 'up{job="$job"}' }] },
    { id: 2, type: 'crystal-ball', title: 'Fortune' },
    { id: 3, type: 'stat', targets: [{ expr: 'bad' }] },
    { id: 4, type: 'stat', targets: [{ expr: 'bad' }, { expr: 'up' }] },
  ];
  await writeFile(join(folder, 'a.json'), JSON.stringify({ title: 't', panels }));
  await writeFile(join(folder, 'b.json'), '[]');
  const seen: string[] = [];
  const report = await runDashboardsConformance(folder, {
    promql(expression) {
      seen.push(expression);
      if (expression === 'bad') throw new Error('unexpected bad');
    },
  });
  assert.deepEqual([report.passed, report.failed], [2, 3]);
  assert.deepEqual(
    report.failures.map((failure) => failure.actual),
    ['crystal-ball', 'unexpected bad', 'refused: a dashboard is a JSON object'],
  );
  assert.deepEqual(seen, ['up{job="$job"}', 'bad', 'bad', 'up']);
});

test('public dashboards load, interpolate and have known panels', {
  skip: existsSync(REAL_DASHBOARDS) ? false : `skipped: ${REAL_DASHBOARDS} is not here`,
}, async () => {
  const left: string[] = [];
  const report = await runDashboardsConformance(REAL_DASHBOARDS, {
    promql: (expression) => {
      if (/\$\{?__?(interval|rate_interval|range)/.test(expression)) left.push(expression);
    },
  });
  assert.deepEqual(report.failures, []);
  assert.deepEqual(left, []);
  assert.ok(report.passed > 0);
});
