import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigIssues, formatIssue } from '@mario/service';
import { Labels } from '../model/labels.ts';
import { ALL_FEATURES } from '../promql/index.ts';
import { readRuleFile } from './rule-file.ts';
import { expandRuleTemplate, parseRuleTemplate } from './template.ts';

const NOW = Date.UTC(2026, 0, 1);

async function expand(source: string, value = 0.25): Promise<string> {
  const labels = Labels.from({ instance: 'host:9100', job: 'node', code: '500' });
  const data = { labels, externalLabels: Labels.from({ cluster: 'c' }), externalUrl: 'http://p:9090/x', value };
  return expandRuleTemplate(parseRuleTemplate('t', source), data, {
    query: async (expression) =>
      expression === 'none' ? [] : [2, 1].map((n) => ({ labels: new Map([['i', `h${n}`]]), value: n * 10 })),
    externalUrl: 'http://p:9090/x',
    nowMs: NOW,
  });
}

const CASES: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['{{ $labels.instance }} is {{ $value }}', 'host:9100 is 0.25'],
  ['{{ .Labels.job }}{{.Value}} {{ $labels.missing }}|', 'node0.25 |'],
  ['{{ $externalLabels.cluster }} {{ externalURL }} {{ pathPrefix }}', 'c http://p:9090/x /x'],
  ['{{ printf "%.2f" $value }}% {{ $value | printf "%5.1f|" }}', '0.25%   0.2|'],
  ['{{ $value | humanizePercentage }} {{ humanize 1234567.0 }} {{ 1048576.0 | humanize1024 }}', '25% 1.235M 1Mi'],
  ['{{ humanizeDuration 93784.0 }} {{ humanizeDuration 0.01 }} {{ humanizeDuration 61 }}', '1d 2h 3m 4s 10ms 1m 1s'],
  [
    '{{ humanize 0.0012 }} {{ "1500" | humanize }} {{ humanizeTimestamp 1435065584.128 }}',
    '1.2m 1.5k 2015-06-23 13:19:44.128 +0000 UTC',
  ],
  ['{{ with query "up" }}{{ . | first | value }} {{ . | first | label "i" }}{{ end }}', '20 h2'],
  ['{{ range query "up" | sortByLabel "i" }}{{ .Labels.i }}={{ .Value }};{{ end }}', 'h1=10;h2=20;'],
  ['{{ with query "none" }}x{{ else }}nothing{{ end }}', 'nothing'],
  ['{{ (toTime 1435065584.128).Format "15:04:05" }} {{ (now | toTime).Year }}', '13:19:44 2026'],
  ['{{ if eq $labels.code "500" }}bad{{ else if eq $labels.code "404" }}lost{{ else }}ok{{ end }}', 'bad'],
  [
    '{{ if and (gt $value 0.1) (lt $value 1.0) }}in{{ end }}{{ if not (match "2.." $labels.code) }} no{{ end }}',
    'in no',
  ],
  ['{{- /* a comment */ -}}  x {{- " y" -}}  z', 'x yz'],
  ['{{ $x := "a" }}{{ $x = "b" }}{{ $x | toUpper }}{{ title "a b" }}', 'BA B'],
  ['{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" $labels.job }}', '<node>'],
  ['{{ reReplaceAll "(.*):(.*)" "$2-${1}" $labels.instance }} {{ stripPort $labels.instance }}', '9100-host host'],
  ['{{ range $i, $s := query "up" }}{{ $i }}:{{ $s.Value }} {{ end }}{{ len (query "up") }}', '0:20 1:10 2'],
  ['{{ printf "%s %d %v %q" "a" 3 true "x" }} {{ print 1 2 "x" }}', 'a 3 true "x" 1 2x'],
  ['{{ (query "up" | first).Value }} {{ index (query "up") 1 | value }}', '20 10'],
  ['{{ `raw "text"` }} {{ urlQueryEscape "a b&c" }} {{ parseDuration "1h" }}', 'raw "text" a+b%26c 3600'],
];

test('what templates write', async () => {
  for (const [source, expected] of CASES) assert.equal(await expand(source), expected, source);
});

test('what is wrong is told with the line', async () => {
  assert.throws(() => parseRuleTemplate('t', '{{ nothing }}'), /template: t:1: function "nothing" not defined/);
  assert.throws(() => parseRuleTemplate('t', 'a\n{{ $x }}'), /template: t:2: undefined variable "\$x"/);
  assert.throws(() => parseRuleTemplate('t', '{{ if true }}'), /unexpected EOF/);
  assert.throws(() => parseRuleTemplate('t', '{{ "a }}'), /unterminated quoted string/);
  assert.throws(() => parseRuleTemplate('t', '{{ end }}'), /unexpected \{\{end\}\}/);
  await assert.rejects(
    expand('{{ query "none" | first }}'),
    /template: t:1:\d+: executing "t" at <first>: error calling first: first\(\) called on vector with no elements/,
  );
  await assert.rejects(
    expand('{{ humanize "x" }}'),
    /error calling humanize: strconv.ParseFloat: parsing "x": invalid syntax/,
  );
  for (const [duration, why] of [
    ['1.2y', 'unknown unit "." in duration "1.2y"'],
    ['1m1h', 'not a valid duration string: "1m1h"'],
    ['400y', 'duration out of range'],
  ]) {
    await assert.rejects(expand(`{{ parseDuration "${duration}" }}`), ({ message }: Error) => message.endsWith(why!));
  }
  await assert.rejects(expand('{{ $value.foo }}'), /can't evaluate field foo/);
});

const folder = fileURLToPath(new URL('../../../../shared/real-input/prometheus-configs/rules', import.meta.url));

test('real rule files', { skip: existsSync(folder) ? false : 'skipped: no real input beside the repository' }, () => {
  for (const file of readdirSync(folder)) {
    // A Kubernetes resource that holds rules, not a rule file.
    if (file.startsWith('strimzi')) continue;
    const issues = new ConfigIssues();
    const groups = readRuleFile(join(folder, file), ALL_FEATURES, issues);
    assert.deepEqual(issues.errors.map(formatIssue), [], file);
    assert.ok(groups.length > 0, file);
  }
});
