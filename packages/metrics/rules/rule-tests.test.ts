import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTemporaryFolder } from '@mario/storage/testing';
import { runRuleTests } from './rule-tests.ts';

const RULES = `
groups:
- name: g
  rules:
  - {record: "job:ok:rate", expr: "sum by (job) (rate(ok_total[2m]))"}
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.instance }} of {{ $labels.job }} is down ({{ $value }})"}
`;

const TESTS = `
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
  - {series: 'up{job="a", instance="x"}', values: '1 1 0 0 0 0 1'}
  - {series: 'ok_total{job="a"}', values: '0+60x10'}
  alert_rule_test:
  - {eval_time: 3m, alertname: Down}
  - eval_time: 4m
    alertname: Down
    exp_alerts:
    - exp_labels: {severity: page, job: a, instance: x}
      exp_annotations: {summary: "x of a is down (0)"}
  - {eval_time: 7m, alertname: Down}
  promql_expr_test:
  - {expr: 'job:ok:rate', eval_time: 5m, exp_samples: [{labels: 'job:ok:rate{job="a"}', value: 1}]}
  - {expr: 'count_over_time(ALERTS{alertstate="firing"}[10m])', eval_time: 10m, exp_samples: [{labels: '{alertname="Down", alertstate="firing", instance="x", job="a", severity="page"}', value: 2}]}
`;

test('tests of rules pass, and tell what differs where they do not', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'tests.yml');
    await writeFile(join(folder, 'rules.yml'), RULES);
    await writeFile(path, TESTS);
    assert.deepEqual(await runRuleTests(path), { passed: 5, failed: 0, failures: [] });
    // The real tool agrees that these tests are right.
    if (existsSync('/usr/bin/promtool')) {
      const real = spawnSync('/usr/bin/promtool', ['test', 'rules', path], { encoding: 'utf8' });
      assert.equal(real.status, 0, real.stdout + real.stderr);
    }
    await writeFile(
      path,
      TESTS.replace('value: 1}', 'value: 2}').replace('severity: page, job', 'severity: ticket, job'),
    );
    const { failed, failures } = await runRuleTests(path);
    assert.equal(failed, 2);
    assert.match(failures[0]!.case, /alertname: Down, time: 240s/);
    assert.match(failures[0]!.actual, /severity="page"/);
    assert.match(failures[1]!.actual, /job:ok:rate\{job="a"\} 1/);
  });
});

test('time begins where a test says, and neighbours among the doubles are equal when that is asked for', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'tests.yml');
    await writeFile(join(folder, 'rules.yml'), RULES);
    const text = `
rule_files: [rules.yml]
fuzzy_compare: true
tests:
- start_timestamp: 1700000000
  input_series: [{series: x, values: '0.1x5'}, {series: h, values: '{{schema:0 sum:5 count:4 buckets:[1 2 1]}}x5'}]
  promql_expr_test:
  - {expr: x * 3, eval_time: 3m, exp_samples: [{labels: '{}', value: 0.3}]}
  - {expr: time(), eval_time: 2m, exp_samples: [{value: 1700000120}]}
  - {expr: h, eval_time: 2m, exp_samples: [{labels: h, histogram: '{{schema:0 sum:5 count:4 buckets:[1 2 1]}}'}]}
- start_timestamp: 2024-01-01T00:00:00Z
  promql_expr_test:
  - {expr: hour(), eval_time: 2h, exp_samples: [{value: 2}]}
`;
    await writeFile(path, text);
    assert.deepEqual((await runRuleTests(path)).failures, []);
    await writeFile(path, text.replace('fuzzy_compare: true', ''));
    assert.deepEqual(
      (await runRuleTests(path)).failures.map(({ actual }) => actual),
      ['{} 0.30000000000000004'],
    );
  });
});
