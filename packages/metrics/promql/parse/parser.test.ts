// The parser: precedence, modifiers, positions and texts of errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printExpr } from '../print.ts';
import { ParseError } from './parse-error.ts';
import { ALL_FEATURES, DEFAULT_FEATURES, parseExpr, parseMetricSelector } from './parser.ts';

function grouped(source: string): string {
  const show = (expr: ReturnType<typeof parseExpr>): string => {
    switch (expr.type) {
      case 'binary':
        return `(${show(expr.left)} ${expr.op} ${show(expr.right)})`;
      case 'unary':
        return `(${expr.op}${show(expr.expr)})`;
      default:
        return printExpr(expr);
    }
  };
  return show(parseExpr(source, ALL_FEATURES));
}

test('operators bind as in the real language', () => {
  const cases: [string, string][] = [
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-a ^ 2', '(-(a ^ 2))'],
    ['-a * b', '((-a) * b)'],
    ['a or b and c', '(a or (b and c))'],
    ['a and b unless c', '((a and b) unless c)'],
    ['a == b + 1', '(a == (b + 1))'],
    ['a atan2 b * c', '((a atan2 b) * c)'],
    ['a offset 5m * 2', '(a offset 5m * 2)'],
    ['a offset -2 ^ 2', '(a offset -2s ^ 2)'],
  ];
  for (const [source, expected] of cases) assert.equal(grouped(source), expected, source);
});

test('keywords may be metric names', () => {
  for (const name of ['sum', 'by', 'offset', 'fill', 'and', 'step', 'anchored', 'start']) {
    const expr = parseExpr(`${name} + 1`, ALL_FEATURES);
    assert.equal(expr.type === 'binary' && expr.left.type === 'vector' && expr.left.name, name, name);
  }
});

test('errors carry the real texts and positions', () => {
  const cases: [string, string][] = [
    ['', 'unknown position: parse error: no expression found in input'],
    ['sum(', '1:5: parse error: unclosed left parenthesis'],
    ['foo{', '1:5: parse error: unexpected end of input inside braces'],
    ['1 +\n*2', '2:1: parse error: unexpected <op:*>'],
    ['foo bar', '1:5: parse error: unexpected identifier "bar"'],
    ['rate(foo)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['nope(foo)', '1:1: parse error: unknown function with name "nope"'],
    ['nope(foo)]', '1:1: parse error: unknown function with name "nope"'],
    ['STEP()', '1:1: parse error: unknown function with name "STEP"'],
    ['time(foo - timestamp())', '1:1: parse error: expected 0 argument(s) in call to "time", got 1'],
    ['max_of(1, =2)', '1:9: parse error: trailing commas not allowed in function call args'],
    [' ', '1:1: parse error: no expression found in input'],
    ['1.2y', '1:1: parse error: unknown unit "." in duration "1.2y"'],
    ['1d1d', '1:1: parse error: not a valid duration string: "1d1d"'],
    ['0x', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax'],
    ['1 0x', '1:3: parse error: unexpected number "0x"'],
    ['1__0', '1:1: parse error: bad number or duration syntax: "1__"'],
    ['foo[1h sum]', "1:8: parse error: unexpected character: 's', expected ':'"],
    ['foo[5m ', '1:8: parse error: unclosed left bracket'],
    ['foo[5m [', "1:8: parse error: unexpected left bracket '['"],
    ['foo[#', "1:5: parse error: unexpected character in duration expression: '#'"],
    ['{"a" b', '1:6: parse error: unexpected identifier "b" in label matching, expected "," or "}"'],
    ['foo{"bar"}', '1:1: parse error: metric name must not be set twice: "foo" or "bar"'],
    ['sum by (without) (x)', '1:9: parse error: unexpected <without> in grouping opts, expected label'],
    ['1 fill', '1:3: parse error: unexpected identifier "fill"'],
    ['1 fill (', '1:3: parse error: unexpected <fill>'],
    ['1 min_of', '1:3: parse error: unexpected "min_of"'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['sum by (a', '1:10: parse error: unclosed left parenthesis'],
    ['foo[5m] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['rate(foo[0s])', '1:10: parse error: duration must be greater than 0'],
    [
      '"a" offset 5m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
    ['5x', '1:1: parse error: bad number or duration syntax: "5"'],
    ['0deadbeef', '1:1: parse error: bad number or duration syntax: "0de"'],
    ['1.2.3', '1:1: parse error: bad number or duration syntax: "1.2."'],
    ['5mm', '1:1: parse error: bad number or duration syntax: "5mm"'],
    ['1e400', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e400": value out of range'],
    ['a\n + bool b', '2:2: parse error: bool modifier can only be used on comparison operators'],
    ['sum(a))', "1:8: parse error: unexpected right parenthesis ')'"],
    ['a{b="c"}}', "1:9: parse error: unexpected character: '}'"],
    [String.raw`"a\qb"`, "1:1: parse error: unknown escape sequence U+0071 'q'"],
    [String.raw`"\xZZ"`, "1:1: parse error: illegal character U+005A 'Z' in escape sequence"],
    [String.raw`"\ud800"`, '1:1: parse error: escape sequence is an invalid Unicode code point'],
    ['"a\\', '1:1: parse error: escape sequence not terminated'],
    ['sum(a b)', '1:7: parse error: unexpected identifier "b" in aggregation'],
    ['sum(abs((a b)))', '1:12: parse error: unexpected identifier "b" in aggregation'],
    ['sum(a) b', '1:8: parse error: unexpected identifier "b"'],
    ['a start', '1:3: parse error: unexpected "start"'],
    ['round(foo,)', '1:10: parse error: trailing commas not allowed in function call args'],
  ];
  for (const [source, message] of cases) {
    assert.throws(
      () => parseExpr(source, ALL_FEATURES),
      (error) => error instanceof ParseError && error.message === message,
      `${source} => ${tryMessage(source)}`,
    );
  }
});

function tryMessage(source: string): string {
  try {
    parseExpr(source, ALL_FEATURES);
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
}

test('experimental parts are refused by name unless switched on', () => {
  const cases: [string, RegExp][] = [
    ['info(a)', /function "info" is not enabled/],
    [
      'limitk(1, a)',
      /limitk\(\) is experimental and must be enabled with --enable-feature=promql-experimental-functions/,
    ],
    ['rate(a[1m+1m])', /experimental duration expression is not enabled/],
    ['rate(a[5m] smoothed)', /smoothed modifier is experimental and not enabled/],
    ['a + fill(0) b', /binop fill modifiers are experimental and not enabled/],
  ];
  for (const [source, message] of cases) {
    assert.throws(() => parseExpr(source, DEFAULT_FEATURES), message);
    parseExpr(source, ALL_FEATURES);
  }
});

test('strings take Go escapes, quotes of three kinds and UTF-8 names', () => {
  const value = (source: string): string => {
    const expr = parseExpr(source);
    assert.equal(expr.type, 'string');
    return expr.type === 'string' ? expr.value : '';
  };
  assert.equal(value(String.raw`"a\n\x41\u00e9\101"`), 'a\nAéA');
  assert.equal(value("'it\\'s'"), "it's");
  assert.equal(value('`raw\\n`'), 'raw\\n');
  assert.deepEqual(parseMetricSelector('{"http.requests", "net.peer"="x"}'), [
    { name: '__name__', op: '=', value: 'http.requests' },
    { name: 'net.peer', op: '=', value: 'x' },
  ]);
});

test('a chain of thousands of operators ends in an error, one of a thousand does not', () => {
  assert.throws(() => parseExpr(`1${' + 1'.repeat(25_000)}`), /more than 1500 binary operators/);
  assert.equal(parseExpr(`up${' or up'.repeat(1_000)}`).type, 'binary');
});

test('deep nesting ends in an error, not in a broken stack', () => {
  const source = '('.repeat(20_000) + '1' + ')'.repeat(20_000);
  assert.throws(() => parseExpr(source), /nested deeper than/);
});

test('what is deep by several means together, or by durations, ends in an error as well', () => {
  const both = `${'abs('.repeat(480)}up${' + up'.repeat(1_400)}${')'.repeat(480)}`;
  assert.throws(() => parseExpr(both), /nested too deeply/);
  assert.throws(() => parseExpr(`up${'[5m:1m]'.repeat(20_000)}`), /nested too deeply/);
  const parens = `up[${'('.repeat(20_000)}5m${')'.repeat(20_000)}]`;
  assert.throws(() => parseExpr(parens, ALL_FEATURES), /nested deeper than/);
  assert.throws(() => parseExpr(`up[5m${' + 5m'.repeat(20_000)}]`, ALL_FEATURES), /more than 1500 binary operators/);
});
