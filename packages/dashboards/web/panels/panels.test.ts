import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivedFieldsOf, derivedLinks } from '../logs/derived-fields.ts';
import { levelOf } from '../logs/log-level.ts';
import { inkOn } from './ink-on.ts';
import { placeNodes } from './node-layout.ts';

test('text on colours is readable', () => {
  assert.equal(inkOn('#ffffff'), '#1d1b17');
  assert.equal(inkOn('#000'), '#ffffff');
  assert.equal(inkOn('rgb(20, 20, 120)'), '#ffffff');
});

test('callers stand left of those they call; circles end', () => {
  const node = (id: string) => ({ id, title: id, main: '', secondary: '', failed: 0 });
  const edge = (source: string, target: string) => ({ source, target, label: '' });
  const placed = placeNodes(['c', 'a', 'b'].map(node), [
    edge('a', 'b'),
    edge('b', 'c'),
    edge('a', 'c'),
    edge('c', 'b'),
  ]);
  const x = Object.fromEntries(placed.map(({ id, x }) => [id, x]));
  assert.ok(x.a! < x.b! && x.b! !== x.c!);
});

test('levels: what the store says, what the sender says, what the text looks like', () => {
  const level = (labels: Record<string, string>, line = '') => levelOf({ labels, line });
  assert.equal(level({ detected_level: 'warn', level: 'error' }), 'warn');
  assert.equal(level({ severity_text: 'ERROR' }), 'error');
  assert.equal(level({}, '{"level":"debug","msg":"error"}'), 'debug');
  assert.equal(level({}, '2026 INFO ready'), 'info');
  assert.equal(level({}, 'an informational error-free line'), 'error');
  assert.equal(level({}, 'hello'), 'unknown');
});

test('a line leads to its trace by label or by text, and never runs a script', () => {
  const line = { line: 'trace=cd', labels: { trace_id: 'ab' }, stream: {}, timeMs: 0, timestampNs: '0' };
  const fields = derivedFieldsOf({
    type: 'loki',
    jsonData: {
      derivedFields: [
        { name: 'L', matcherType: 'label', matcherRegex: 'trace_id', datasourceUid: 'tempo', url: '${__value.raw}' },
        { name: 'T', matcherRegex: 'trace=(\\w+)', url: 'https://x/${__value.raw}' },
        { name: 'Evil', matcherRegex: 'trace', url: 'javascript:alert(1)' },
        { name: 'Broken', matcherRegex: '(', url: '/' },
      ],
    },
  });
  const links = derivedLinks(line, fields);
  assert.deepEqual(
    links.map(({ name, value }) => [name, value]),
    [
      ['L', 'ab'],
      ['T', 'cd'],
    ],
  );
  assert.match(links[0]!.href, /^\/explore\?/);
  assert.equal(links[1]!.href, 'https://x/cd');
});
