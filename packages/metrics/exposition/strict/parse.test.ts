import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runOpenmetricsConformance } from './conformance.ts';
import { parseOpenMetricsStrict } from './parse.ts';

const cases = fileURLToPath(new URL('../../../../../shared/conformance/openmetrics/cases.json', import.meta.url));

test('the conformance cases', {
  skip: existsSync(cases) ? false : 'skipped: no conformance cases beside the repository',
}, async () => {
  const report = await runOpenmetricsConformance(cases);
  assert.deepEqual(report.failures, []);
  assert.ok(report.passed > 0);
});

test('a whole family is read with its metadata, exemplar and timestamps', () => {
  const [family] = parseOpenMetricsStrict(
    '# TYPE oven counter\n# HELP oven heat\noven_total{room="a\\"b"} 7 12.5 # {trace_id="x"} 3 12\n# EOF\n',
  );
  assert.equal(family!.type, 'counter');
  assert.equal(family!.help, 'heat');
  const sample = family!.samples[0]!;
  assert.deepEqual([sample.name, sample.value, sample.timestamp], ['oven_total', 7, 12.5]);
  assert.equal(sample.labels.get('room'), 'a"b');
  assert.deepEqual([...sample.exemplar!.labels], [['trace_id', 'x']]);
});

test('the error names the line', () => {
  assert.throws(() => parseOpenMetricsStrict('a 1\n\n# EOF\n'), /line 2: a blank line/);
  assert.throws(() => parseOpenMetricsStrict('a 1\n'), /does not end with # EOF/);
});
