import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { runRuleTests } from '@mario/metrics';
import { ConfigIssues, type ConfigNode, formatIssue, readYamlText } from '@mario/service';
import { checkFiles } from './check-files.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const find = (pattern: string) => globSync(pattern, { cwd: root }).sort();
const RULES = find('deploy/prometheus/rules/*.yml');
const TESTS = find('deploy/prometheus/rules/tests/*.yml');
const DASHBOARDS = find('deploy/grafana/dashboards/*.json');
const PROMTOOL = '/usr/bin/promtool';
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface AlertRule {
  readonly name: string;
  readonly severity: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

function alertsOf(path: string): readonly AlertRule[] {
  const groups = readYamlText(read(path), path, { issues: new ConfigIssues() })!.get('groups')!.list();
  const rules = groups.flatMap((group) => group.get('rules')!.list());
  const texts = (node: ConfigNode | undefined) =>
    new Map((node?.entries() ?? []).map(([key, value]) => [key, value.string() ?? '']));
  return rules.flatMap((rule) => {
    const name = rule.get('alert')?.string();
    if (name === undefined) return [];
    const severity = texts(rule.get('labels')).get('severity');
    return [{ name, severity, annotations: texts(rule.get('annotations')) }];
  });
}

const ALERTS = RULES.flatMap(alertsOf);

test('the rules are valid and their unit tests pass', async (t) => {
  assert.ok(RULES.length > 0 && TESTS.length > 0);
  const checked = await checkFiles(RULES.map((path) => join(root, path)));
  assert.deepEqual(
    checked.flatMap(({ issues }) => issues.map(formatIssue)),
    [],
  );
  let passed = 0;
  for (const path of TESTS) {
    const report = await runRuleTests(join(root, path));
    assert.deepEqual(report.failures, [], path);
    passed += report.passed;
  }
  t.diagnostic(`${passed} expectations hold`);
});

test('the real tool says the same of the rules and of their tests', {
  skip: existsSync(PROMTOOL) ? false : `${PROMTOOL} is not on this machine`,
}, async () => {
  const run = promisify(execFile);
  await run(PROMTOOL, ['check', 'rules', ...RULES], { cwd: root });
  await run(PROMTOOL, ['test', 'rules', ...TESTS], { cwd: root });
});

test('each alert says what is wrong, how bad it is, and where to look', () => {
  const dashboards = new Map(
    DASHBOARDS.map((path) => JSON.parse(read(path)) as { uid: string; title: string }).map((d) => [d.uid, d.title]),
  );
  for (const { name, severity, annotations } of ALERTS) {
    assert.match(severity ?? '', /^(critical|warning)$/, `${name}: severity`);
    assert.ok(annotations.get('summary'), `${name}: summary`);
    assert.match(annotations.get('description') ?? '', /\{\{/, `${name}: the description has values`);
    const runbook = annotations.get('runbook_url') ?? '';
    assert.match(read(runbook), new RegExp(`\`${name}\``), `${name}: ${runbook} does not name it`);
    const [, uid = '', slug] = /^\/d\/([^/]+)\/(.+)$/.exec(annotations.get('dashboard_url') ?? '') ?? [];
    const title = dashboards.get(uid);
    assert.equal(slug, title?.toLowerCase().replace(/[^a-z0-9]+/g, '-'), `${name}: there is no such dashboard`);
  }
});

test('each alert is unique and has a unit test in which it fires', () => {
  const names = ALERTS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const tested = TESTS.map(read).join('\n');
  for (const name of names) {
    const fires = new RegExp(`alertname: ${name}\\n +exp_alerts:\\n +- exp_labels`);
    assert.ok(fires.test(tested), `${name} fires in no test`);
  }
});

test('rules and dashboards ask only for series of the reference', () => {
  const reference = new Set(read('docs/reference/telemetry.md').match(/\w+/g));
  const ours = /\b(?:mario|cqrs|http_server|http_client|db_client|nodejs|v8js|process_runtime|telemetry|otel_sdk)_\w+/g;
  for (const path of [...RULES, ...DASHBOARDS.filter((name) => !name.includes('infrastructure'))]) {
    for (const name of read(path).match(ours) ?? []) {
      assert.ok(reference.has(name), `${path}: ${name} is in no list of instruments`);
    }
  }
});
