import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executeTemplate, parseTemplate, TemplateError, type Value } from './index.ts';

const data: Value = new Map<string, Value>(
  Object.entries({
    s: 'str',
    f: 3.5,
    i: 7n,
    l: ['a', 1n, null, 2.5],
    m: new Map<string, Value>([
      ['x', 'y'],
      ['n', null],
    ]),
    b: true,
    z: 0,
    e: '',
    t: { ns: 1_435_065_584_128_000_000n, zone: 'UTC' },
    old: { ns: -1_500_000_000n, zone: 'UTC' },
  }),
);

const run = (source: string): string =>
  executeTemplate(parseTemplate('t', source, { functions: new Set() }), data, { functions: new Map(), context: null });

const TIME_TEXT = '2015-06-23 13:19:44.128 +0000 UTC';

/** What Go 1.24 writes for the same data. */
const CASES: readonly (readonly [source: string, expected: string])[] = [
  [
    '{{.s}} {{.f}} {{.i}} {{.l}} {{.b}} {{.nope}} {{.m.x}} {{.m.n}}',
    'str 3.5 7 [a 1 <nil> 2.5] true <no value> y <no value>',
  ],
  ['{{.m}} {{.m.q.r}}', 'map[n:<nil> x:y] <no value>'],
  ['{{range .l}}[{{.}}]{{end}}', '[a][1][<no value>][2.5]'],
  ['{{range $k,$v := .m}}{{$k}}={{$v}};{{end}}', 'n=<no value>;x=y;'],
  ['{{range 3}}{{.}}{{end}}{{range .nope}}{{else}}none{{end}}', '012none'],
  ['{{range $i := 4}}{{if eq $i 2}}{{continue}}{{end}}{{$i}}{{end}}', '013'],
  ['{{with .e}}a{{else with .f}}{{.}}{{else}}c{{end}}', '3.5'],
  ['{{if .e}}a{{else if .z}}b{{else}}c{{end}}', 'c'],
  ['{{and 1 0 2}} {{or 0 "" "x"}} {{not .e}}', '0 x true'],
  [
    '{{eq .i 7}} {{eq .f 3.5}} {{ne .s "a"}} {{lt 1 2}} {{le 2 2}} {{gt .f 3.0}} {{ge "b" "a"}}',
    'true true true true true true true',
  ],
  ['{{len .s}} {{len .l}} {{index .l 1}} {{index .m "x"}} {{slice .s 1 2}} {{slice .l 1}}', '3 4 1 y t [1 <nil> 2.5]'],
  ['{{printf "%5d|%-5s|%05.1f|%q|%v|%T" .i .s .f .s .l .f}}', '    7|str  |003.5|"str"|[a 1 <nil> 2.5]|float64'],
  [
    '{{printf "%d" .f}} {{printf "%s" .i}} {{printf "%d %d" 1}} {{printf "%d" 1 2}}',
    '%!d(float64=3.5) %!s(int=7) 1 %!d(MISSING) 1%!(EXTRA int=2)',
  ],
  ['{{print 1 2 "a" "b" 3}} {{println "x" 1}}', '1 2ab3 x 1\n'],
  ['{{html "<a&\'\\">"}} {{urlquery "a b&c/d"}}', '&lt;a&amp;&#39;&#34;&gt; a+b%26c%2Fd'],
  ['{{$x := 1}}{{if true}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}', '2'],
  ['{{define "a"}}A{{.}}{{end}}{{template "a" .s}}{{template "a"}}', 'AstrA<no value>'],
  ['{{block "b" .f}}B{{.}}{{end}}', 'B3.5'],
  ['{{/* c */}}x{{- /* d */ -}} y a {{- "b" -}} c', 'xy abc'],
  ["{{1.5}} {{1e3}} {{0x10}} {{1_000}} {{'a'}} {{-3}} {{.5}}", '1.5 1000 16 1000 97 -3 0.5'],
  ['{{printf "%v %v %v" 1e6 123456789.0 0.00001}}', '1e+06 1.23456789e+08 1e-05'],
  [
    '{{printf "%.3g %.2e %6.1f %+d %x %X %o %b %c %U" 1234.5 1234.5 2.25 5 255 255 8 5 65 65}}',
    '1.23e+03 1.23e+03    2.2 +5 ff FF 10 101 A U+0041',
  ],
  ['{{printf "%.4g %.4g %.4g %.3f %.0f %.0f" 10.125 1234.5 1235.5 1.0005 2.5 0.5}}', '10.12 1234 1236 1.000 2 0'],
  ['{{printf "%*d|%-*d|" 5 42 5 42}}', '   42|42   |'],
  ['{{with $v := .f}}{{$v}}{{$.s}}{{end}} {{(.m).x}} {{(index .l 0)}}', '3.5str y a'],
  ['{{"\\x41\\u00e9\\n"}}{{`raw \\n`}}', 'Aé\nraw \\n'],
  ['{{.t.Format "15:04 Jan _2"}}|{{(.t).Format "2006"}}|{{"02.01." | .t.Format}}', '13:19 Jun 23|2015|23.06.'],
  ['{{.t.String}} {{.t.UTC.Year}} {{.t.Unix}} {{.t.UnixMilli}}', `${TIME_TEXT} 2015 1435065584 1435065584128`],
  ['{{.t.Year}} {{.t.Month}} {{.t.Day}} {{.t.YearDay}} {{.t.Weekday}}', '2015 June 23 174 Tuesday'],
  ['{{.t.Hour}}:{{.t.Minute}}:{{.t.Second}} {{.t.Nanosecond}} {{.t}}', `13:19:44 128000000 ${TIME_TEXT}`],
  ['{{.old.Unix}} {{.old.UnixMilli}} {{.old.Nanosecond}} {{.old.Second}}', '-2 -1500 500000000 58'],
  ['{{.t.After .old}} {{.t.Before .old}} {{.t.Equal .t}} {{.t.IsZero}}', 'true false true false'],
  [
    '{{if gt .t.Hour 9}}late{{end}} {{with .t}}{{.Format "Mon"}}{{end}} {{$x := .t}}{{$x.Format "MST"}}',
    'late Tue UTC',
  ],
];

for (const [source, expected] of CASES) test(source, () => assert.equal(run(source), expected));

const REFUSED: readonly (readonly [source: string, message: string])[] = [
  ['{{nofunc}}', 'template: t:1: function "nofunc" not defined'],
  ['{{$x}}', 'template: t:1: undefined variable "$x"'],
  ['a\n{{if .s}}x', 'template: t:2: unexpected EOF'],
  ['{{end}}', 'template: t:1: unexpected {{end}}'],
  ['{{1 | 2}}', 'template: t:1: non executable command in pipeline stage 2'],
  ['{{.s.}}', 'template: t:1: unexpected <.> in operand'],
  ['{{', 'template: t:1: unclosed action'],
  ['{{}}', 'template: t:1: missing value for command'],
  ['{{break}}', 'template: t:1: {{break}} outside {{range}}'],
  ['{{"a".x}}', 'template: t:1: unexpected . after term "\\"a\\""'],
  [
    '{{eq .s 1}}',
    'template: t:1:2: executing "t" at <eq .s 1>: error calling eq: incompatible types for comparison: string and int',
  ],
  [
    '{{.s\n}}\n  {{index .l 10}}',
    'template: t:3:4: executing "t" at <index .l 10>: error calling index: index out of range: 10',
  ],
  ['{{.s 1}}', 'template: t:1:2: executing "t" at <.s>: s is not a method but has arguments'],
  ['{{range .f}}x{{end}}', 'template: t:1:8: executing "t" at <.f>: range can\'t iterate over 3.5'],
  ['{{.t.Format}}', 'template: t:1:2: executing "t" at <.t.Format>: wrong number of args for Format: want 1 got 0'],
  ['{{.t.Nope 1}}', 'template: t:1:2: executing "t" at <.t.Nope>: can\'t evaluate field Nope in type time.Time'],
  ['{{index}}', 'template: t:1:2: executing "t" at <index>: wrong number of args for index: want at least 1 got 0'],
];

test('what is wrong is told as Go tells it', () => {
  for (const [source, message] of REFUSED) {
    assert.throws(
      () => run(source),
      (error: unknown) => error instanceof TemplateError && error.message === message,
    );
  }
});

test('no template runs for ever, nests for ever or fills the memory', () => {
  const harmful = [
    '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}',
    '{{range 999999999}}x{{end}}',
    '{{printf "%999999999d" 1}}',
    '('.repeat(500).replace(/^/, '{{') + '1' + ')'.repeat(500) + '}}',
    '{{if 1}}'.repeat(500) + '{{end}}'.repeat(500),
    '{{define "x"}}{{range 90000}}{{.}}-----------{{end}}{{end}}{{template "x"}}{{template "x"}}',
  ];
  for (const source of harmful) assert.throws(() => run(source), TemplateError, source.slice(0, 40));
});
