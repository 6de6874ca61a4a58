import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { checkRegex, compileAnchored, compileCapturing, compileSearch, expandReplacement } from './regex.ts';

const patterns = [
  'abc',
  'a.c',
  'a+b',
  '.+bar',
  'code=5..',
  '(?i)warn',
  'a|bc',
  '(foo|bar)baz',
  '[a-c]+x',
  '\\d+ms',
  '\\w+ \\S+',
  '^start',
  'end$',

  '[^"]*"x',
  'a?b?c',
  '(?P<x>\\w+)=(?P<y>\\S+)',
  '\\.',
  'x{2,3}',
  '(a+)+b',
  '\\s',
  '[\\d.]+s',
  'é+',
  '.*',
  '',
  'a*?b',
  '\\bword\\b',
];
const texts = [
  '',
  'abc',
  'aab',
  'foobar',
  'code=500 x',
  'WARNing',
  'bc',
  'foobaz barbaz',
  'abcx',
  'took 12ms',
  'one two',
  'start here',
  'the end',

  'say "x"',
  'c',
  'key=value',
  'a.b',
  'xxx',
  'aaaaaaaaaaaab',
  'a\nb',
  ' ',
  '1.5s',
  'éé',
  'b',
  'a word here',
  'line one\nline two',
];

test('searches agree with RE2 whichever engine runs them', () => {
  for (const pattern of patterns) {
    const fast = compileSearch(pattern);
    const reference = RE2JS.compile(pattern);
    for (const text of texts) assert.equal(fast(text), reference.test(text), `${pattern} on ${JSON.stringify(text)}`);
  }
});

test('matchers are anchored and their dot matches line breaks', () => {
  for (const pattern of patterns) {
    const fast = compileAnchored(pattern);
    const reference = RE2JS.compile(pattern, RE2JS.DOTALL);
    for (const text of texts)
      assert.equal(fast(text), reference.matches(text), `${pattern} on ${JSON.stringify(text)}`);
  }
});

test('groups come out by number and name', () => {
  const capturing = compileCapturing('(?P<method>\\w+) (?P<path>\\S+)( extra)?', { anchored: false });
  assert.deepEqual(capturing.names, ['', 'method', 'path', '']);
  assert.deepEqual(capturing.exec('GET /x'), ['GET /x', 'GET', '/x', '']);
  assert.equal(compileCapturing('fo(o)', { anchored: true }).exec('foo!'), undefined);
});

test('replacements expand as in Go', () => {
  const expand = (template: string): string => expandReplacement(template, ['whole', 'one', 'two'], ['', '', 'name']);
  assert.equal(expand('$1-${2}-$name-$$1-$nothing-$1x'), 'one-two-two-$1--');
});

test('a pattern that backtracks badly stays linear', () => {
  const started = performance.now();
  assert.equal(compileSearch('(a+)+$')(`${'a'.repeat(100_000)}!`), false);
  assert.equal(compileSearch('\\w+\\s')('x'.repeat(100_000)), false);
  // Backtracking would take years; the bound only allows for a busy machine.
  assert.ok(performance.now() - started < 30_000);
});

test('what RE2 does not know is refused with its message', () => {
  assert.match(checkRegex('(?=x)')!, /^error parsing regexp: /);
  assert.equal(checkRegex('fine'), undefined);
});
