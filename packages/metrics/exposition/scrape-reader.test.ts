import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ScrapeReader } from './scrape-reader.ts';

function read(reader: ScrapeReader, text: string, format: 'text' | 'openmetrics' = 'text') {
  const bytes = Buffer.from(text);
  const samples = reader.read(bytes, bytes.length, format);
  return Array.from({ length: samples.count }, (_, i) => {
    const timestamp = samples.timestampsMs[i]!;
    return `${reader.labelsOf(samples.entries[i]!)} ${samples.values[i]}${Number.isNaN(timestamp) ? '' : ` ${timestamp}`}`;
  });
}

test('names, labels, escapes, spaces and special values of the text format', () => {
  const lines = read(
    new ScrapeReader(),
    '# a comment\n# HELP a he\\\\lp\\nx\n# TYPE a gauge\na 1\n\na{x="1",y="a\\"b\\n\\\\"} -2.5e3\n\ta { x = "2" , } +Inf\n' +
      'b:c\t7.25 1700000000123\n{"ünï.code","a label"="v"} NaN\nlast{empty=""}3',
  );
  assert.deepEqual(lines, [
    'a 1',
    'a{x="1", y="a\\"b\\n\\\\"} -2500',
    'a{x="2"} Infinity',
    'b:c 7.25 1700000000123',
    '{"ünï.code", "a label"="v"} NaN',
    'last 3',
  ]);
});

test('the second scrape makes the same of the same lines, and follows insertions, removals and moves', () => {
  const reader = new ScrapeReader();
  const lines = Array.from({ length: 50 }, (_, i) => `m{i="${i}"} ${i}\n`);
  const first = read(reader, lines.join(''));
  assert.deepEqual(read(reader, lines.join('')), first);
  const known = reader.entryCount;
  const shuffled = [
    'new 1\n',
    ...lines.slice(10, 20),
    ...lines.slice(0, 5),
    'm{i="4"}9\n',
    'm 1\n',
    ...lines.slice(30),
  ];
  assert.deepEqual(read(reader, shuffled.join('')), read(new ScrapeReader(), shuffled.join('')));
  assert.equal(reader.entryCount, known + 3);
});

test('a name that begins like the predicted one is another series', () => {
  const reader = new ScrapeReader();
  read(reader, 'a 1\nb 2\n');
  assert.deepEqual(read(reader, 'a_total 1\nb {x="y"} 2\n'), ['a_total 1', 'b{x="y"} 2']);
});

test('OpenMetrics: seconds, exemplars, metadata, the end', () => {
  const reader = new ScrapeReader();
  const text =
    '# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds \\"h\\"\n' +
    'a_seconds_bucket{le="1"} 2 1.5 # {trace_id="abc"} 0.5 1.25\na_seconds_count 2\n# EOF\n';
  assert.deepEqual(read(reader, text, 'openmetrics'), ['a_seconds_bucket{le="1.0"} 2 1500', 'a_seconds_count 2']);
  const [exemplar] = reader.samples.exemplars;
  assert.deepEqual([exemplar!.sample, exemplar!.value, exemplar!.timestampMs], [0, 0.5, 1250]);
  assert.equal(exemplar!.labels.get('trace_id'), 'abc');
  assert.deepEqual(reader.metadata.get('a_seconds'), { type: 'histogram', unit: 'seconds', help: '"h"' });
  assert.throws(() => read(reader, 'a 1\n', 'openmetrics'), /does not end with # EOF/);
  assert.throws(() => read(reader, 'a 1\n\n# EOF\n', 'openmetrics'), /line 2/);
  assert.throws(() => read(reader, 'a 1\n# EOF\nb 1\n', 'openmetrics'), /after # EOF/);
});

test('bounds and quantiles get one form, whatever the format of the target', () => {
  const text =
    '# TYPE h histogram\nh_bucket{le="10"} 1\nh_bucket{le="2.5"} 1\nh_bucket{le="1e+06"} 1\nh_bucket{le="+Inf"} 1\n# TYPE g gauge\ng{le="1"} 1\n';
  const reader = new ScrapeReader();
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(
      read(reader, text).map((line) => /le="([^"]*)"/.exec(line)![1]),
      ['10.0', '2.5', '1e+06', '+Inf', '1'],
    );
  }
});

test('what cannot be read is refused with its line', () => {
  const refuse = (text: string, pattern: RegExp) => assert.throws(() => read(new ScrapeReader(), text), pattern);
  refuse('a 1\nb\n', /line 2: expected value/);
  refuse('a 0x1\n', /line 1: expected value/);
  refuse('a 1_000\n', /expected value/);
  refuse('a{b="c} 1\n', /not closed/);
  refuse('a{b} 1\n', /expected equal/);
  refuse('a{1="x"} 1\n', /expected label name/);
  refuse('a{b="1",b="2"} 1\n', /not unique/);
  refuse('a 1 2.5\n', /expected timestamp/);
  refuse('a 1 2 3\n', /expected next entry/);
  refuse('# TYPE a meh\n', /invalid metric type "meh"/);
  const bytes = Buffer.from('a{b="\xff"} 1\n', 'latin1');
  assert.throws(() => new ScrapeReader().read(bytes, bytes.length, 'text'), /line 1: invalid UTF-8/);
  refuse('{x="1"} 1\n', /metric name not set/);
});

test('churn does not grow the reader', () => {
  const reader = new ScrapeReader();
  for (let round = 0; round < 60; round++) {
    read(reader, Array.from({ length: 100 }, (_, i) => `m{id="${round}-${i}"} 1\n`).join(''));
  }
  assert.ok(reader.entryCount < 2_000, `${reader.entryCount} entries`);
  assert.ok(reader.generation > 0);
});

const folder = fileURLToPath(new URL('../../../../shared/real-input/exposition', import.meta.url));

test('real expositions', { skip: existsSync(folder) ? false : 'skipped: no real input beside the repository' }, () => {
  for (const file of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, file));
    const format = bytes.includes('# EOF') ? 'openmetrics' : 'text';
    const reader = new ScrapeReader();
    const first = reader.read(bytes, bytes.length, format).count;
    assert.ok(first > 0, file);
    assert.equal(reader.read(bytes, bytes.length, format).count, first, file);
  }
});
