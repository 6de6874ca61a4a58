import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Variable, VariableValue } from '../dashboard.ts';
import { addAdhocFilters } from './adhoc.ts';
import { interpolate, promqlFormat } from './interpolate.ts';
import { resolutionWaves } from './resolution-order.ts';
import { optionsFromValues, validValue } from './variable-options.ts';
import { parseVariableQuery } from './variable-query.ts';
import { createScope } from './variable-scope.ts';

const plain: Variable = {
  name: 'v',
  type: 'query',
  label: 'v',
  hide: 'nothing',
  multi: false,
  includeAll: false,
  allValue: '',
  current: '',
  options: [],
  query: '',
  regex: '',
  sort: 0,
  datasource: undefined,
  auto: false,
  autoCount: 30,
  autoMin: '10s',
  filters: [],
};

function write(text: string, value: VariableValue, settings: Partial<Variable> = {}, format = promqlFormat): string {
  const variable = { ...plain, ...settings };
  const options = ['a', 'b.c'].map((option) => ({ text: option.toUpperCase(), value: option }));
  const macros = {
    range: { fromMs: 1_000, toMs: 3_601_000 },
    intervalMs: 15_000,
    rateIntervalMs: 60_000,
    dashboard: { uid: 'u', title: 'Title' },
    timezone: 'utc',
  };
  return interpolate(text, createScope(new Map([['v', { variable, options, value }]]), macros), format);
}

test('every way of naming a variable, and names that are not known', () => {
  assert.equal(write('$v [[v]] ${v} ${v:raw} [[v:csv]] $other ${other:raw}', 'a'), 'a a a a a $other ${other:raw}');
});

test('PromQL values are escaped for the string, several become an alternation', () => {
  assert.equal(write('{x=~"$v"}', ['a', 'b.c'], { multi: true }), '{x=~"(a|b\\\\.c)"}');
  assert.equal(write('{x=~"$v"}', ['b.c'], { multi: true }), '{x=~"b\\\\.c"}');
  assert.equal(write('{x="$v"}', 'b.c'), '{x="b.c"}');
});

test("All is the list of options, or the author's own text as it is", () => {
  assert.equal(write('{x=~"$v"}', '$__all', { includeAll: true }), '{x=~"(a|b\\\\.c)"}');
  assert.equal(write('{x=~"$v"}', ['$__all'], { includeAll: true, multi: true, allValue: '.+' }), '{x=~".+"}');
  assert.equal(write('${v:text}', '$__all', { includeAll: true }), 'All');
});

test('formats', () => {
  const values = ["a'b", 'c/d'];
  const expected: Record<string, string> = {
    csv: "a'b,c/d",
    raw: "a'b,c/d",
    pipe: "a'b|c/d",
    glob: "{a'b,c/d}",
    json: '["a\'b","c/d"]',
    regex: "(a'b|c\\/d)",
    lucene: '("a\'b" OR "c\\/d")',
    distributed: "a'b,v=c/d",
    singlequote: "'a\\'b','c/d'",
    doublequote: '"a\'b","c/d"',
    sqlstring: "'a''b','c/d'",
    queryparam: 'var-v=a%27b&var-v=c%2Fd',
    percentencode: '%7Ba%27b%2Cc%2Fd%7D',
    html: 'a&#39;b, c/d',
    text: "a'b + c/d",
    'join:;': "a'b;c/d",
    'customqueryparam:k:p-': 'k=p-a%27b&k=p-c%2Fd',
  };
  for (const [format, text] of Object.entries(expected))
    assert.equal(write(`\${v:${format}}`, values, { multi: true }), text, format);
});

test('a list of one keeps its braces where it is percent-encoded', () => {
  assert.equal(write('${v:percentencode}', ['a b'], { multi: true }), '%7Ba%20b%7D');
  assert.equal(write('${v:percentencode}', 'a b'), 'a%20b');
});

test('parts of the dashboard, the user and the organisation', () => {
  assert.equal(
    write('${__dashboard.uid} ${__dashboard} ${__user.login} ${__user.id} ${__org.name} ${__org}', 'a'),
    'u Title admin 1 Main Org. 1',
  );
});

test('macros', () => {
  assert.equal(
    write(
      '[$__interval] [$__rate_interval] [$__range] $__interval_ms $__range_s ${__from} ${__from:date:seconds} $__dashboard',
      'a',
    ),
    '[15s] [1m] [1h] 15000 3600 1000 1 Title'.replace('[1h]', '[3600s]'),
  );
});

test('interval variables follow the range when automatic', () => {
  assert.equal(write('$v', '$__auto_interval_v', { type: 'interval', auto: true, autoCount: 30 }), '2m');
});

test('options are taken apart by pattern, unique and sorted', () => {
  const options = optionsFromValues({ regex: '/name="(?<text>[^"]+)",id="(?<value>\\d+)"/', sort: 1 }, [
    'x{name="b",id="2"}',
    'x{name="a",id="10"}',
    'x{name="b",id="2"}',
    'y',
  ]);
  assert.deepEqual(options, [
    { text: 'a', value: '10' },
    { text: 'b', value: '2' },
  ]);
  assert.deepEqual(
    optionsFromValues({ regex: '', sort: 3 }, ['n10', 'n9']).map((option) => option.value),
    ['n9', 'n10'],
  );
  assert.deepEqual(
    optionsFromValues({ regex: '/d_(min|max)/g', sort: 0 }, ['d_min d_max']).map((option) => option.value),
    ['min', 'max'],
  );
});

test('a choice that is gone falls back to All or the first option', () => {
  const options = [{ text: 'a', value: 'a' }];
  assert.equal(validValue(plain, options, 'gone'), 'a');
  assert.deepEqual(validValue({ ...plain, multi: true, includeAll: true }, options, ['gone']), ['$__all']);
  assert.equal(validValue(plain, [], 'gone'), '');
});

test('functions of variable queries', () => {
  assert.deepEqual(parseVariableQuery('label_values(up{a="1", b="2"}, job)'), {
    kind: 'label-values',
    label: 'job',
    selector: 'up{a="1", b="2"}',
  });
  assert.deepEqual(parseVariableQuery('label_values(job)'), {
    kind: 'label-values',
    label: 'job',
    selector: undefined,
  });
  assert.deepEqual(parseVariableQuery('label_values(up, )'), { kind: 'label-names', pattern: undefined });
  assert.deepEqual(parseVariableQuery('label_names()'), { kind: 'label-names', pattern: undefined });
  assert.deepEqual(parseVariableQuery('metrics(k6_)'), { kind: 'metrics', pattern: 'k6_' });
  assert.deepEqual(parseVariableQuery('query_result(topk(1, up))'), {
    kind: 'query-result',
    expression: 'topk(1, up)',
  });
  assert.deepEqual(parseVariableQuery('up{job="a"}'), { kind: 'series', selector: 'up{job="a"}' });
});

test('variables wait for those that they refer to, circles end', () => {
  const named = (name: string, query: string) => ({ ...plain, name, query });
  const waves = resolutionWaves([named('c', 'x{b="$b"}'), named('b', 'x{a="${a:regex}"}'), named('a', 'x')]);
  assert.deepEqual(
    waves.map((wave) => wave.map((variable) => variable.name)),
    [['a'], ['b'], ['c']],
  );
  assert.equal(resolutionWaves([named('a', '$b'), named('b', '$a')]).length, 1);
});

test('ad hoc filters reach every selector and nothing else', () => {
  const filters = [{ key: 'env', operator: '=', value: 'p"q' }];
  const added = (expression: string) => addAdhocFilters(expression, filters).replaceAll('env="p\\"q"', 'F');
  assert.equal(added('up'), 'up{F}');
  assert.equal(
    added('sum by (job) (rate(a{b="{"}[5m])) / on(job) group_left c'),
    'sum by (job) (rate(a{F,b="{"}[5m])) / on(job) group_left c{F}',
  );
  assert.equal(added('sum(a) by (x) offset 5m'), 'sum(a{F}) by (x) offset 5m');
  assert.equal(added('{__name__="a"} or vector(1)'), '{F,__name__="a"} or vector(1)');
});
