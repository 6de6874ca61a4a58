import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsObject, labelsOf } from '../labels.ts';
import { parseLogSelector } from '../parser.ts';
import { baseLabels } from './labels-builder.ts';
import { compileStages, Pipeline } from './pipeline.ts';

function run(
  stages: string,
  line: string,
  metadata: Record<string, string> = {},
): { line: string | undefined; labels: Record<string, string> } {
  const pipeline = new Pipeline(compileStages(parseLogSelector(`{app="a"} ${stages}`).stages));
  if (!pipeline.accepts(line)) return { line: undefined, labels: {} };
  const result = pipeline.run(baseLabels(labelsOf({ app: 'a' })), 0n, line, labelsOf(metadata));
  const { app: _, ...labels } = labelsObject(pipeline.labels.labels());
  return { line: result, labels };
}

test('logfmt reads what it can and skips the rest', () => {
  assert.deepEqual(run('| logfmt', 'a=1 bad"x=2 c="q \\"d\\"" =e url=/x?y=z f bare g=').labels, { a: '1', c: 'q "d"' });
  assert.deepEqual(run('| logfmt --keep-empty', 'a= b').labels, { a: '', b: '' });
  const strict = run('| logfmt --strict', 'a=1 b="open').labels;
  assert.equal(strict.a, '1');
  assert.equal(strict.__error__, 'LogfmtParserErr');
  assert.match(strict.__error_details__!, /^logfmt syntax error at pos \d+ : unterminated quoted value$/);
});

test('json flattens, keeps numbers as they are written, and names what is wrong', () => {
  assert.deepEqual(run('| json', '{"a":1.0,"b":{"c d":"x\\ny"},"e":[1],"f":null,"g":12345678901234567890}').labels, {
    a: '1.0',
    b_c_d: 'x\ny',
    g: '12345678901234567890',
  });
  const broken = run('| json', '{"a":1,"b":').labels;
  assert.equal(broken.a, '1');
  assert.equal(broken.__error__, 'JSONParserErr');
  assert.equal(run('| json', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`).labels.__error__, 'JSONParserErr');
});

test('json is as lenient as Loki, and tells what is wrong in the same words', () => {
  const cases: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
    ['{"a":1,}', { a: '1' }, undefined],
    ['{"a":01,"b":[1,{bad}],"c":2} behind', { a: '01', c: '2' }, undefined],
    ['{"a":{"b":1,"c":bad},"d":2}', { a_b: '1' }, 'Unknown value type'],
    ['{"a":tru}', {}, 'Unknown value type'],
    ['{"a":"open', {}, "Value is string, but can't find closing '\"' symbol"],
    ['{"a":[1', {}, "Value is array, but can't find closing ']' symbol"],
    ['{"a":{"b":"}"', {}, "Value looks like object, but can't find closing '}' symbol"],
    ['[1]', {}, "Value looks like object, but can't find closing '}' symbol"],
    ['{"a":1,"b":', { a: '1' }, 'Malformed JSON error'],
  ];
  for (const [line, labels, details] of cases) {
    const errors = details === undefined ? {} : { __error__: 'JSONParserErr', __error_details__: details };
    assert.deepEqual(run('| json', line).labels, { ...labels, ...errors }, line);
  }
  assert.equal(run('| unpack', '[1]').labels.__error_details__, 'expecting json object(6), but it is not');
});

test('of a malformed line json expressions give what can be read', () => {
  assert.deepEqual(run('| json x="a", y="b"', '{"a":1,"b":').labels, { x: '1', y: '', __error__: 'JSONParserErr' });
  assert.deepEqual(run('| json x="c"', '{"a":tru,"c":2}').labels, { x: '' });
  assert.deepEqual(run('| json x="a"', '{bad').labels, { x: '' });
});

test('json expressions follow paths', () => {
  const line = '{"s":[{"n":"x"},{"n":"y"}],"h":{"User-Agent":"me"},"o":{"k":1}}';
  assert.deepEqual(run('| json n="s[1].n", ua=`h["User-Agent"]`, o, missing="z.y"', line).labels, {
    n: 'y',
    ua: 'me',
    o: '{"k":1}',
    missing: '',
  });
});

test('clashes of names: stream before metadata before parsed', () => {
  assert.deepEqual(run('| logfmt', 'app=x m=y p=z', { m: '1', app: '2' }).labels, {
    app_extracted: 'x',
    m: '1',
    m_extracted: 'y',
    p: 'z',
  });
});

test('pattern takes what lies between literals', () => {
  assert.deepEqual(run('| pattern `<ip> - <_> [<time>] "<method> <rest>"`', '1.2.3.4 - u [now] "GET /x HTTP"').labels, {
    ip: '1.2.3.4',
    time: 'now',
    method: 'GET',
    rest: '/x HTTP',
  });
  assert.equal(run('|> `<_> [now] <_>`', 'a [now] b').line, 'a [now] b');
  assert.equal(run('|> `a<_>b`', 'ab!').line, undefined);
});

test('formats, drop and keep', () => {
  assert.deepEqual(run('| logfmt | label_format to=a, both="{{.a}}{{.b}}" | drop b', 'a=1 b=2').labels, {
    both: '2',
    to: '1',
  });
  assert.deepEqual(run('| logfmt | drop a="1", b="9" | keep b, c=~"x.*"', 'a=1 b=2 c=y').labels, { b: '2' });
  assert.equal(run('| logfmt | line_format "{{.a}}:{{__line__}}"', 'a=1').line, '1:a=1');
  assert.equal(run('| decolorize', '\u001b[1;31mred\u001b[0m \u001b]0;title\u0007plain').line, 'red plain');
});
