import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ScrapeReader } from './scrape-reader.ts';

function read(reader: ScrapeReader, text: string) {
  const bytes = Buffer.from(text);
  const samples = reader.read(bytes, bytes.length);
  return Array.from({ length: samples.count }, (_, i) => {
    const timestamp = samples.hasTimestamps ? samples.timestampsMs[i]! : Number.NaN;
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
  const reader = new ScrapeReader('openmetrics');
  const text =
    '# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds \\"h\\"\n' +
    'a_seconds_bucket{le="1"} 2 1.5 # {trace_id="abc"} 0.5 1.25\na_seconds_count 2\n# EOF\n';
  assert.deepEqual(read(reader, text), ['a_seconds_bucket{le="1.0"} 2 1500', 'a_seconds_count 2']);
  const [exemplar] = reader.samples.exemplars;
  assert.deepEqual([exemplar!.sample, exemplar!.value, exemplar!.timestampMs], [0, 0.5, 1250]);
  assert.equal(exemplar!.labels.get('trace_id'), 'abc');
  assert.deepEqual(reader.metadata.get('a_seconds'), { type: 'histogram', unit: 'seconds', help: '"h"' });
  assert.throws(() => read(reader, 'a 1\n'), /does not end with # EOF/);
  assert.throws(() => read(reader, 'a 1\n\n# EOF\n'), /line 2/);
  assert.throws(() => read(reader, 'a 1\n# EOF\nb 1\n'), /after # EOF/);
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
  refuse('a 1 2.5\n', /expected next entry after timestamp/);
  refuse('a 1 2 3\n', /expected next entry/);
  refuse('# TYPE a meh\n', /invalid metric type "meh"/);
  const bytes = Buffer.from('a{b="\xff"} 1\n', 'latin1');
  assert.throws(() => new ScrapeReader().read(bytes, bytes.length), /line 1: invalid UTF-8/);
  refuse('{x="1"} 1\n', /metric name not set/);
});

test('the text format is as loose as the lexer of the real server', () => {
  const taken: readonly (readonly [string, readonly string[]])[] = [
    ['a{b="c" d="e"} 1\n{b="c" "a.b"} 2\n', ['a{b="c", d="e"} 1', '{"a.b", b="c"} 2']],
    ['a-1 5\na+Inf\na.5\n', ['a -1 5', 'a Infinity', 'a 0.5']],
    ['a{b="x\ny"} 1\n', ['a{b="x\\ny"} 1']],
    ['a{b="\uFEFFx"} 1\n', ['a{b="\\ufeffx"} 1']],
    ['a 1\n \u0000b 1 x\n', ['a 1']],
    ['a 1 9223372036854775807\n', ['a 1 9223372036854776000']],
    ['  a 1\n', ['a 1']],
    ['# TYPE h histogram\nh_bucket{le="-0"} 1\n', ['h_bucket{le="0.0"} 1']],
  ];
  for (const [text, expected] of taken) assert.deepEqual(read(new ScrapeReader(), text), expected, text);
  const refused = ['a 1 -5', 'a 1 1e3', 'a 1 9223372036854775808', 'a 1e400', 'a +nan', 'a constructor', 'a{,} 1'];
  const names = ['{__name__="a"} 1', '{"a","b"} 1', 'a{"b"} 1', '{"x\u0000"} 1', 'a{b="x\\\ny"} 1', 'a{b="c",,} 1'];
  const types = ['unknown', 'gaugehistogram', 'info', 'stateset', ' gauge', 'gauge ', 'constructor'];
  const comments = [...types.map((type) => `# TYPE a ${type}`), '# HELP ', '# HELP 1a x', '# TYPE a'];
  for (const line of [...refused, ...names, ...comments])
    assert.throws(() => read(new ScrapeReader(), `${line}\n`), /line 1: /, line);
});

test('OpenMetrics has one blank between words and a comma between labels', () => {
  const taken: readonly (readonly [string, readonly string[]])[] = [
    ['a{b="c",} 1 -1.5\n', ['a{b="c"} 1 -1500']],
    ['{"x\ny"} 1 1e3\n', ['{"x\\ny"} 1 1000000']],
    ['a 1 1e300\n', ['a 1 -9223372036854776000']],
  ];
  for (const [text, expected] of taken) {
    assert.deepEqual(read(new ScrapeReader('openmetrics'), `${text}# EOF\n`), expected, text);
  }
  const labels = ['a{b="c" d="e"} 1', 'a{ b="c"} 1', 'a{b="x\ny"} 1', 'a {b="c"} 1', 'a{b="c"}1'];
  const values = ['a- 1', 'a  1', 'a\t1', 'a 1 ', 'a 1  5', 'a 1 NaN', 'a 1\t5', ' a 1', 'a 1 1 1'];
  const exemplars = ['a 1 #{} 1', 'a 1 # {}', 'a 1 # {}  1', 'a 1 # {"x"} 1', 'a 1 # {} 1 NaN', 'a 1 # {} 1 1 1'];
  const units = ['# UNIT a s', '# UNIT s s', '# UNIT a_s s '];
  const comments = ['# TYPE a untyped', '# TYPE  a gauge', '# HELP a', '#HELP a x', '# comment', ...units];
  for (const line of [...labels, ...values, ...exemplars, ...comments])
    assert.throws(() => read(new ScrapeReader('openmetrics'), `${line}\n# EOF\n`), /line 1: /, line);
});

test('an exemplar with a label twice has the first; one on a timed sample, one without a time', () => {
  const reader = new ScrapeReader('openmetrics');
  read(reader, 'a 1 # {x="1",x="2",y=""} NaN\na 1 2 # {"x y"="z\\"",} 3 -0.5\n# EOF\n');
  assert.deepEqual(
    reader.samples.exemplars.map(({ sample, labels, value, timestampMs }) => [
      sample,
      String(labels),
      value,
      timestampMs,
    ]),
    [
      [0, '{x="1"}', Number.NaN, undefined],
      [1, '{"x y"="z\\""}', 3, -500],
    ],
  );
});

test('metadata is what stands behind the name, one character apart', () => {
  const reader = new ScrapeReader();
  read(
    reader,
    '# HELP a  two\\n\\\\\\"\n# HELP b\n#\tTYPE \tb untyped\n# HELP c \t\n# UNIT c s\n#HELP d x\n# HELPER e\n',
  );
  const unknown = { type: 'unknown', unit: '' };
  assert.deepEqual(Object.fromEntries(reader.metadata), {
    a: { ...unknown, help: ' two\n\\\\"' },
    b: { ...unknown, help: '' },
    c: { ...unknown, help: '' },
  });
});

test('a name with its value right behind it is not the beginning of a longer name', () => {
  const reader = new ScrapeReader();
  for (const text of ['a-1\nb 2\n', 'a-1\nb 2\n', 'a_total 1\nb 3\n', 'a 1\nb 4\n'])
    assert.deepEqual(read(reader, text), read(new ScrapeReader(), text), text);
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
    const reader = new ScrapeReader(format);
    const first = reader.read(bytes, bytes.length).count;
    assert.ok(first > 0, file);
    assert.equal(reader.read(bytes, bytes.length).count, first, file);
  }
});

test('long decimals are read as exactly as by the language itself', () => {
  const numbers = ['0.1', '5837465.839488839', '123456789012345678', '9007199254740993', '0.30000000000000004', '1e22'];
  const texts = [...numbers, '2.2250738585072011e-308', '179769313486231570000000', '.5', '5.', '-0', '00012.50'];
  const lines = read(new ScrapeReader(), texts.map((each) => `a ${each}\n`).join(''));
  assert.deepEqual(
    lines,
    texts.map((each) => `a ${Number(each)}`),
  );
});

test('_created tells since when the other series of its metric count', () => {
  const text =
    '# TYPE a counter\na_total{x="1"} 5\na_created{x="1"} 1700000000.5\na_total{x="2"} 6\n' +
    '# TYPE h histogram\nh_created 1600000000\nh_bucket{le="+Inf"} 1\nh_count 1\nh_sum 2\n# TYPE g gauge\ng_created 3\n# EOF\n';
  const reader = new ScrapeReader('openmetrics', { startTimestamps: true });
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(read(reader, text), [
      'a_total{x="1"} 5',
      'a_total{x="2"} 6',
      'h_bucket{le="+Inf"} 1',
      'h_count 1',
      'h_sum 2',
      'g_created 3',
    ]);
    assert.deepEqual(
      Array.from(reader.samples.startsMs!.subarray(0, 6)),
      [1_700_000_000_500, 0, 1_600_000_000_000, 1_600_000_000_000, 1_600_000_000_000, 0],
    );
  }
  read(reader, 'a 1\n# EOF\n');
  assert.equal(reader.samples.startsMs, null);
  assert.equal(read(new ScrapeReader('openmetrics'), text).length, 8);
});

test('a comment that was cut off is not taken for the beginning of other lines', () => {
  const reader = new ScrapeReader();
  read(reader, 'a 1\n# TYPE');
  assert.deepEqual(read(reader, 'a 1\n# TYPE b gauge\nb 2\n'), ['a 1', 'b 2']);
});

test('a series is what the TYPE line of the present scrape says', () => {
  const reader = new ScrapeReader('openmetrics', { startTimestamps: true });
  const text = (type: string) => `# TYPE a ${type}\na_created 5\na_total 1\n# EOF\n`;
  for (const type of ['gauge', 'counter', 'gauge', 'counter'])
    assert.deepEqual(read(reader, text(type)), type === 'gauge' ? ['a_created 5', 'a_total 1'] : ['a_total 1'], type);
  assert.equal(reader.metadata.get('a')!.type, 'counter');
});

test('a reader that knows the lines of before makes the same of any exposition as a new one', () => {
  let state = 17;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const values = [
    '0',
    '7',
    '42',
    '123456789',
    '1234567890',
    '0.1',
    '3.',
    '1e9',
    '-5',
    '12345678901234567.25',
    'NaN',
    '+Inf',
  ];
  const tails = ['', '', '', '', ' 1700000000000', ' '];
  const heads = Array.from({ length: 40 }, (_, i) =>
    i % 5 === 0 ? `m${i} ` : `metric_${i}{label="${'v'.repeat(i)}"} `,
  );
  const lines = heads.map((head) => `${head}0`);
  const known = new ScrapeReader();
  for (let round = 0; round < 400; round++) {
    for (let n = random(8); n > 0; n--) {
      const at = random(lines.length);
      lines[at] = `${heads[at]}${values[random(values.length)]}${round % 3 === 0 ? tails[random(tails.length)] : ''}`;
    }
    const shown = lines.filter(() => round % 7 !== 0 || random(10) > 0);
    if (round % 11 === 0) shown.push(...shown.splice(0, random(shown.length)));
    const text = `${shown.join('\n')}${round % 2 === 0 ? '\n' : ''}`;
    assert.deepEqual(read(known, text), read(new ScrapeReader(), text), `round ${round}:\n${text}`);
  }
});
