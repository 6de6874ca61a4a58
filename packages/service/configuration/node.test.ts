import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYamlText } from './document.ts';
import { ConfigIssues, formatIssue } from './issues.ts';

function read(text: string, expand?: (text: string) => unknown) {
  const issues = new ConfigIssues();
  const node = readYamlText(text, 'a.yaml', expand === undefined ? { issues } : { issues, expand });
  return { issues, node };
}

test('an unknown key is an error with file, line and path, and a hint', () => {
  const { issues, node } = read('scrape_configs:\n  - job_name: a\n    metric_path: /m\n');
  node!.get('scrape_configs')!.list()[0]!.fields({ job_name: 'used', metrics_path: 'used' });
  assert.deepEqual(issues.all.map(formatIssue), [
    'a.yaml:3: scrape_configs[0].metric_path: unknown key, did you mean metrics_path?',
  ]);
  assert.throws(() => issues.throwIfErrors(), /a\.yaml:3/);
});

test('a key that is known and not used is a warning', () => {
  const { issues, node } = read('a: 1\nb: 2\n');
  const fields = node!.fields({ a: 'used', b: 'unused' });
  assert.equal(fields.a?.number(), 1);
  assert.deepEqual(issues.warnings.map(formatIssue), ['a.yaml:2: b: is not used by the embedded engine']);
  issues.throwIfErrors();
});

test('values are read as what is asked for, or become issues', () => {
  const { issues, node } = read('d: 1m30s\np: 1d\ns: 512MB\nversion: 1.10\non: yes\nbad: [1]\n');
  assert.equal(node!.get('d')!.goDurationMs(), 90_000);
  assert.equal(node!.get('p')!.prometheusDurationMs(), 86_400_000);
  assert.equal(node!.get('s')!.sizeBytes(), 512 * 1024 ** 2);
  assert.equal(node!.get('version')!.string(), '1.10');
  assert.equal(node!.get('on')!.boolean(), true);
  assert.equal(node!.get('bad')!.string(), undefined);
  assert.deepEqual(issues.all.map(formatIssue), ['a.yaml:6: bad: must be a single value, is a list']);
});

test('a key with nothing behind it is null and points at its line', () => {
  const { issues, node } = read('processors:\n  batch:\n');
  const batch = node!.get('processors')!.get('batch')!;
  assert.equal(batch.isNull, true);
  assert.deepEqual(batch.entries(), []);
  assert.equal(batch.place.line, 2);
  assert.equal(issues.all.length, 0);
});

test('aliases and merge keys resolve, duplicate keys and broken YAML are refused with their line', () => {
  const merged = read('base: &b {x: 1}\nother:\n  <<: *b\n  y: *b\n').node!.get('other')!.raw();
  assert.deepEqual(merged, { x: 1, y: { x: 1 } });
  assert.match(formatIssue(read('a: 1\na: 2\n').issues.all[0]!), /^a\.yaml:2: is not valid YAML/);
  assert.match(formatIssue(read('a: [1\nb: 2\n').issues.all[0]!), /^a\.yaml:\d: is not valid YAML/);
});

test('scalars are expanded before they are read', () => {
  const { node } = read('endpoint: ${HOST}:4317\n', (text) => text.replace('${HOST}', 'tempo'));
  assert.equal(node!.get('endpoint')!.string(), 'tempo:4317');
});

test('one file over another: mappings merge, the rest is replaced, places stay', () => {
  const issues = new ConfigIssues();
  const base = readYamlText('a: {x: 1, l: [1, 2]}\nb: 1\n', 'base.yaml', { issues })!;
  const middle = readYamlText('a: {y: 2}\n', 'middle.yaml', { issues })!;
  const top = readYamlText('a:\n  l: [3]\nb:\n', 'top.yaml', { issues })!;
  const merged = base.under(middle).under(top);
  assert.deepEqual(merged.raw(), { a: { x: 1, l: [3], y: 2 }, b: null });
  assert.equal(merged.get('a')!.get('x')!.place.file, 'base.yaml');
  assert.equal(merged.get('a')!.get('y')!.place.file, 'middle.yaml');
  assert.equal(merged.get('a')!.get('l')!.place.line, 2);
});
