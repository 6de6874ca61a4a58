// Regular expressions of matchers: RE2's meaning on every way they are carried out, in linear time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from './regex.ts';

test('expressions are anchored on both sides and dot matches a newline', () => {
  const cases: [string, string, boolean][] = [
    ['api', 'api', true],
    ['api', 'api-1', false],
    ['a|b|', '', true],
    ['(?:a|b)', 'b', true],
    ['a\\.b', 'a.b', true],
    ['a\\.b', 'axb', false],
    ['.*', '', true],
    ['.+', '', false],
    ['.*-server', 'api-server', true],
    ['api.+', 'api', false],
    ['.+mid.*', 'amid', true],
    ['.+mid.*', 'mid', false],
    ['.+mid.*', 'midmid', true],
    ['a.c', 'a\nc', true],
    ['[a-c]+\\d?', 'abc7', true],
    ['[^a]b', 'éb', true],
    ['(?i:PRO).*', 'production', true],
    ['x{2,3}', 'xxx', true],
    ['(a|ab)(c|bcd)', 'abcd', true],
  ];
  for (const [pattern, value, expected] of cases) {
    assert.equal(compilePattern(pattern).matches(value), expected, `${pattern} on ${JSON.stringify(value)}`);
  }
});

test('plain alternatives are known to an index', () => {
  assert.deepEqual(compilePattern('a|b\\.c').literals, ['a', 'b.c']);
  assert.deepEqual(compilePattern('(x|y)').literals, ['x', 'y']);
  assert.equal(compilePattern('a.*').literals, null);
});

test('what would backtrack for ages answers at once', () => {
  const value = `${'a'.repeat(2_000)}!`;
  for (const pattern of ['(a+)+', '(a|a)*b', '(.*)*x', '.*.*.*.*=', '(a*)*(a*)*(a*)*b']) {
    const begin = performance.now();
    assert.equal(compilePattern(pattern).matches(value), false);
    assert.ok(performance.now() - begin < 5_000, pattern);
  }
});

test('errors are those of Go', () => {
  assert.throws(() => compilePattern('('), /^Error: error parsing regexp: missing closing \): `\(`$/);
  assert.throws(() => compilePattern('a**'), /error parsing regexp: invalid nested repetition operator: `\*\*`/);
});
