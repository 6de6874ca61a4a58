import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemplateError } from '@mario/gotemplate';
import { parseEntryTemplate, runEntryTemplate } from './entry-template.ts';

const labels = new Map(
  Object.entries({
    app: 'foo',
    level: 'error',
    n: '42',
    f: '3.7',
    json: '{"a":{"b":[1,"two",true]}}',
    msg: 'Hello World',
    dur: '1m30s',
    size: '2KB',
  }),
);
const input = { labels, line: 'the line', timeNs: 1_700_000_000_123_456_789n };
const run = (text: string): string => runEntryTemplate(parseEntryTemplate('line', text), input);

const cases: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['{{.app}}-{{ .missing }}-', 'foo--'],
  ['{{ .msg | lower | trunc 5 }}', 'hello'],
  ['{{ if eq .level "error" }}E{{ else if eq .level "warn" }}W{{ else }}-{{ end }}', 'E'],
  ['{{ if and .app (not .missing) }}yes{{ end }}', 'yes'],
  ['{{- "a" -}}  b  {{- "c" }}', 'abc'],
  ['{{ with .missing }}x{{ else }}none{{ end }}', 'none'],
  ['{{ $x := .n }}{{ add (int $x) 1 }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod 7 2 }}', '43 6 3 1'],
  ['{{ addf 1.5 2 }} {{ divf 1 4 }} {{ round .f 0 }} {{ floor .f }} {{ ceil .f }}', '3.5 0.25 4 3 4'],
  ['{{ printf "%-5s|%5.2f|%03d|%q|%v%%" .app (float64 .f) (int .n) "x" true }}', 'foo  | 3.70|042|"x"|true%'],
  [
    '{{ __line__ }} {{ __timestamp__ | unixEpoch }} {{ __timestamp__ | unixEpochMillis }}',
    'the line 1700000000 1700000000123',
  ],
  ['{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }}', '2023-11-14T22:13:20.123Z'],
  ['{{ toDate "2006-01-02 15:04" "2024-02-29 12:30" | unixEpoch }}', '1709209800'],
  ['{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2024-07-01 12:00" | unixEpoch }}', '1719828000'],
  ['{{ unixToTime "1700000000" | date "Mon Jan _2 3PM" }}', 'Tue Nov 14 10PM'],
  ['{{ range $i, $v := (fromJson .json).a.b }}{{ $i }}={{ $v }};{{ end }}', '0=1;1=two;2=true;'],
  ['{{ range fromJson "[3,4]" }}{{ if eq . 4.0 }}{{ break }}{{ end }}{{ . }}{{ end }}', '3'],
  ['{{ duration .dur }} {{ bytes .size }} {{ len .app }} {{ index (fromJson .json) "a" "b" 1 }}', '90 2000 3 two'],
  [
    '{{ regexReplaceAll "(o+)" .app "<$1>" }} {{ count "l" .msg }} {{ .app | repeat 2 }} {{ substr 1 3 .msg }}',
    'f<oo> 3 foofoo el',
  ],
  ['{{ alignLeft 5 .app }}|{{ alignRight 5 .app }}|{{ default "d" .missing }}|{{ b64enc .app }}', 'foo  |  foo|d|Zm9v'],
  [
    '{{ Replace .msg "l" "L" 1 }} {{ replace "l" "L" .msg }} {{ TrimPrefix .app "f" }} {{ title "a bc" }}',
    'HeLlo World HeLLo WorLd oo A Bc',
  ],
  ['{{ urlencode "a b&c" }} {{ urldecode "a+b%26c" }} {{/* nothing */}}{{ contains "or" .msg }}', 'a+b%26c a b&c true'],
  [
    '{{ bytes "2MB" }} {{ mulf 123456789 1 }} {{ mulf 123456 1 }} {{ divf 1 100000 }}',
    '2e+06 1.23456789e+08 123456 1e-05',
  ],
  ['{{ if gt (int .n) 40 }}big{{ end }} {{ max 1 5 3 }} {{ minf 1.5 0.5 }}', 'big 5 0.5'],
];

for (const [template, expected] of cases) test(template, () => assert.equal(run(template), expected));

test('what cannot be read is refused with its place', () => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ['{{', /unclosed action/],
    ['{{ nosuch }}', /function "nosuch" not defined/],
    ['{{ if .a }}x', /unexpected EOF/],
    ['{{ end }}', /unexpected \{\{end\}\}/],
    ['{{ $x }}', /undefined variable/],
  ];
  for (const [template, message] of bad) assert.throws(() => parseEntryTemplate('line', template), message);
});

test('a template cannot fill the memory or run for ever', () => {
  for (const template of [
    '{{ repeat 999999999 "x" }}',
    '{{ printf "%999999999d" 1 }}',
    '{{ range 999999999 }}x{{ end }}',
    '{{ .app.b }}',
    '{{ add }}',
  ]) {
    assert.throws(() => run(template), TemplateError);
  }
});
