import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { LabelBuilder, relabel } from './relabel.ts';

function run(rules: string, labels: Record<string, string>) {
  const { config, issues } = parsePrometheusConfig(
    `scrape_configs: [{job_name: a, relabel_configs: ${rules}}]`,
    'p.yml',
  );
  assert.deepEqual(issues.errors, []);
  const builder = new LabelBuilder(Object.entries(labels));
  const kept = relabel(builder, config!.scrapeConfigs[0]!.relabelConfigs);
  return kept ? Object.fromEntries(builder.entries()) : undefined;
}

test('replace joins, matches as a whole, expands groups, and an empty result removes the label', () => {
  assert.deepEqual(
    run('[{source_labels: [a, b], regex: "f(.*);(?P<rest>.*)r", target_label: d, replacement: "$1-${rest}x"}]', {
      a: 'foo',
      b: 'bar',
    }),
    {
      a: 'foo',
      b: 'bar',
      d: 'oo-bax',
    },
  );
  assert.deepEqual(run('[{source_labels: [a], regex: oo, target_label: d}]', { a: 'foo' }), { a: 'foo' });
  assert.deepEqual(run('[{source_labels: [a], target_label: b, replacement: ""}]', { a: 'x', b: 'y' }), { a: 'x' });
  assert.deepEqual(run('[{source_labels: [a], regex: "(.+)", target_label: "${1}", replacement: v}]', { a: 'x' }), {
    a: 'x',
    x: 'v',
  });
});

test('keep, drop, keepequal, dropequal', () => {
  assert.equal(run('[{source_labels: [a], regex: f, action: keep}]', { a: 'foo' }), undefined);
  assert.deepEqual(run('[{source_labels: [a], regex: "f.*", action: keep}]', { a: 'foo' }), { a: 'foo' });
  assert.equal(run('[{source_labels: [a], regex: "f.*", action: drop}]', { a: 'foo' }), undefined);
  assert.equal(run('[{source_labels: [a], target_label: b, action: keepequal}]', { a: 'x', b: 'y' }), undefined);
  assert.equal(run('[{source_labels: [a], target_label: b, action: dropequal}]', { a: 'x', b: 'x' }), undefined);
});

test('labelmap, labeldrop, labelkeep, case, hashmod', () => {
  assert.deepEqual(run('[{regex: "__meta_(.+)", action: labelmap}]', { __meta_pod: 'p' }), {
    __meta_pod: 'p',
    pod: 'p',
  });
  assert.deepEqual(run('[{regex: "b.*", action: labeldrop}]', { a: '1', b: '2', bc: '3' }), { a: '1' });
  assert.deepEqual(run('[{regex: "b.*", action: labelkeep}]', { a: '1', b: '2', bc: '3' }), { b: '2', bc: '3' });
  assert.deepEqual(run('[{source_labels: [a], target_label: b, action: uppercase}]', { a: 'x' }), { a: 'x', b: 'X' });
  // Prometheus' own test: hashmod of "baz" modulo 1000.
  assert.equal(
    run('[{source_labels: [c], target_label: d, modulus: 1000, action: hashmod}]', {
      a: 'foo',
      b: 'bar',
      c: 'baz',
    })!.d,
    '976',
  );
});
