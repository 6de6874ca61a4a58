import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigIssues, formatIssue } from '@mario/service';
import { defaultLokiConfig, parseLokiConfig, readLokiConfig } from './loki-config.ts';

function read(text: string): { config: ReturnType<typeof parseLokiConfig>; issues: string[] } {
  const issues = new ConfigIssues();
  const config = parseLokiConfig(text, 'loki.yaml', issues);
  return { config, issues: issues.all.map(formatIssue) };
}

test('the file that we ship is used without a warning', () => {
  const config = readLokiConfig(join(import.meta.dirname, '../../../deploy/loki/loki.yaml'));
  assert.deepEqual(config.warnings, []);
  assert.equal(config.httpPort, 3100);
  assert.equal(config.retentionMsMax, 7 * 86_400_000);
  assert.equal(config.limits.metadataAllowed, true);
});

test('an empty file means the defaults', () => {
  const config = defaultLokiConfig();
  assert.equal(config.httpPort, 3100);
  assert.equal(config.retentionMsMax, 0);
  assert.equal(config.limits.lineBytesMax, 256 * 1024);
});

test('unknown keys are refused with file, line and key; unused ones are warnings', () => {
  const { issues } = read(
    'server:\n  http_listen_prot: 1\nlimits_config:\n  split_queries_by_interval: 1h\nruler:\n  x: 1\nnonsense: 1\n',
  );
  assert.deepEqual(issues, [
    'loki.yaml:6: ruler: is not used by the embedded engine',
    'loki.yaml:7: nonsense: unknown key',
    'loki.yaml:4: limits_config.split_queries_by_interval: is not used by the embedded engine',
    'loki.yaml:2: server.http_listen_prot: unknown key, did you mean http_listen_port?',
  ]);
});

test('rules for OTLP attributes', () => {
  const { config, issues } = read(
    'limits_config:\n  otlp_config:\n    resource_attributes:\n      ignore_defaults: true\n      attributes_config:\n        - action: index_label\n          attributes: [team]\n        - action: drop\n          regex: "host.*"\n    log_attributes:\n      - action: nothing\n',
  );
  assert.equal(config.otlpRules.resource.length, 2);
  assert.equal(config.otlpRules.resource[0]!.matches('team'), true);
  assert.equal(config.otlpRules.resource[1]!.matches('host.name'), true);
  assert.deepEqual(issues, [
    'loki.yaml:11: limits_config.otlp_config.log_attributes[0].action: must be one of index_label, structured_metadata, drop, is "nothing"',
    'loki.yaml:11: limits_config.otlp_config.log_attributes[0]: attributes or regex must be set',
  ]);
});
