import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigIssues, readYamlText } from '@mario/service';
import { checkPrometheusConfig } from './check.ts';
import { configOfHelmValues } from './helm-values.ts';

const VALUES = `
rbac: {create: true}
scrapeConfigs:
  prometheus: {enabled: true, job_name: "", static_configs: [{targets: ["localhost:9090"]}]}
  renamed: {job_name: other}
  off: {enabled: false}
serverFiles:
  alerts: {}
  prometheus.yml:
    rule_files: [/etc/config/rules]
    scrape_configs: [{job_name: own}]
`;

const configOf = (text: string) => configOfHelmValues(readYamlText(text, 'v', { issues: new ConfigIssues() })!);

test('values become the file that the chart writes', () => {
  const config = JSON.parse(configOf(VALUES)!);
  assert.deepEqual(
    config.scrape_configs.map(({ job_name }: { job_name: string }) => job_name),
    ['own', 'prometheus', 'other'],
  );
  assert.deepEqual(config.rule_files, ['/etc/config/rules']);
  assert.equal(configOf('scrape_configs: []'), undefined);
  assert.equal(configOf('serverFiles: {}'), undefined);
});

test('what is wrong in it is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-helm-'));
  const file = join(folder, 'values.yaml');
  const errors = (text: string) => {
    writeFileSync(file, text);
    const { issues } = checkPrometheusConfig(file);
    return issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  };
  try {
    assert.deepEqual(errors(VALUES), []);
    assert.match(errors(VALUES.replace('job_name: other', 'job_name: own')).join(), /own/);
    assert.match(errors(VALUES.replace('rule_files', 'rulefiles')).join(), /unknown key/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
