import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadAlertmanagerConfig, parseAlertmanagerConfig } from './alertmanager-config.ts';

const A = 'receivers: [{name: a}]';
const intervals = (inner: string) =>
  `route: {receiver: a}\n${A}\ntime_intervals: [{name: w, time_intervals: [{${inner}}]}]`;
const webhook = (inner: string) => `route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{${inner}}]}]`;

/** Files that `amtool check-config` refuses, with its texts. */
const REFUSED: readonly (readonly [yaml: string, key: string, message: string])[] = [
  ['receivers: []', '', 'no routes provided'],
  [`route: {}\n${A}`, 'route', 'root route must specify a default receiver'],
  [`route: {receiver: b}\n${A}`, 'route.receiver', 'undefined receiver "b" used in route'],
  [`route: {receiver: a, matchers: [a=b]}\n${A}`, 'route.matchers', 'root route must not have any matchers'],
  [`route: {receiver: a, routes: [{matchers: [a b]}]}\n${A}`, 'route.routes[0].matchers[0]', 'bad matcher format: a b'],
  [
    `route: {receiver: a, routes: [{match_re: {a: '('}}]}\n${A}`,
    'route.routes[0].match_re.a',
    'error parsing regexp: missing closing ): `^(?:()$`',
  ],
  [`route: {receiver: a, group_by: [x, x]}\n${A}`, 'route.group_by[1]', 'duplicated label "x" in group_by'],
  [`route: {receiver: a, group_by: [1x]}\n${A}`, 'route.group_by[0]', 'invalid label name "1x" in group_by list'],
  [`route: {receiver: a, group_interval: 0s}\n${A}`, 'route.group_interval', 'group_interval cannot be zero'],
  [
    `route: {receiver: a, routes: [{mute_time_intervals: [w]}]}\n${A}`,
    'route.routes[0].mute_time_intervals[0]',
    'undefined time interval "w" used in route',
  ],
  [
    'route: {receiver: a}\nreceivers: [{name: a}, {name: a}]',
    'receivers[1]',
    'notification config name "a" is not unique',
  ],
  [webhook('send_resolved: true'), 'receivers[0].webhook_configs[0]', 'one of url or url_file must be configured'],
  [webhook("url: 'ftp://x'"), 'receivers[0].webhook_configs[0].url', 'unsupported scheme "ftp" for URL'],
  [webhook("url: 'http://'"), 'receivers[0].webhook_configs[0].url', 'missing host for URL'],
  [
    intervals("times: [{start_time: '10:00', end_time: '09:00'}]"),
    'time_intervals[0].time_intervals[0].times[0]',
    'start time cannot be equal or greater than end time',
  ],
  [
    intervals('weekdays: [caturday]'),
    'time_intervals[0].time_intervals[0].weekdays[0]',
    'caturday is not a valid weekday',
  ],
  [
    intervals("days_of_month: ['40']"),
    'time_intervals[0].time_intervals[0].days_of_month[0]',
    '40 is not a valid day of the month: out of range',
  ],
  [intervals('location: Mars/Base'), 'time_intervals[0].time_intervals[0].location', 'unknown time zone Mars/Base'],
  [
    `route: {receiver: a}\n${A}\ninhibit_rules: [{source_matchers: [a=b], target_matchers: [c=d], equal: [1x]}]`,
    'inhibit_rules[0].equal[0]',
    '"1x" is not a valid label name',
  ],
];

test('what amtool refuses is refused with its text, at its key', () => {
  for (const [yaml, key, message] of REFUSED) {
    const { issues } = parseAlertmanagerConfig(yaml, 'a.yml');
    assert.deepEqual(
      issues.errors.map((issue) => [issue.key, issue.message]),
      [[key, message]],
      yaml,
    );
  }
});

test('receivers that are no webhooks are refused by name, with a way out', () => {
  const yaml = 'route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{channel: x}]}]';
  const { issues, unsupported } = parseAlertmanagerConfig(yaml, 'a.yml');
  assert.deepEqual(issues.errors, []);
  assert.match(unsupported.errors[0]!.key, /slack_configs/);
  assert.match(unsupported.errors[0]!.message, /run the real Alertmanager with this file/);
});

test('proxies other than http are refused by name, wherever a client is configured', () => {
  const global = (url: string) => `global: {http_config: {proxy_url: '${url}'}}\nroute: {receiver: a}\n${A}`;
  for (const [yaml, key] of [
    [webhook("url: 'http://x', http_config: {proxy_url: 'socks5://p:1'}"), 'receivers[0].webhook_configs[0]'],
    [webhook("url: 'http://x', http_config: {proxy_url: 'https://p:1'}"), 'receivers[0].webhook_configs[0]'],
    [global('socks5://p:1'), 'global'],
  ] as const) {
    const { issues, unsupported } = parseAlertmanagerConfig(yaml, 'a.yml');
    assert.deepEqual(issues.errors, []);
    assert.deepEqual(
      unsupported.errors.map((issue) => issue.key),
      [`${key}.http_config.proxy_url`],
    );
    assert.match(unsupported.errors[0]!.message, /proxies by (socks5|https) are not supported by the embedded engine/);
  }
  assert.deepEqual(parseAlertmanagerConfig(global('http://p:1'), 'a.yml').unsupported.all, []);
});

test('the deployed file is good, and routes inherit what they do not say', () => {
  const file = fileURLToPath(new URL('../../../../deploy/alertmanager/alertmanager.yml', import.meta.url));
  const { config, issues, unsupported } = loadAlertmanagerConfig(file);
  assert.deepEqual([...issues.all, ...unsupported.all], []);
  const [critical] = config!.route.routes;
  assert.equal(critical!.receiver, 'on-duty');
  assert.deepEqual(critical!.groupBy, ['alertname']);
  assert.equal(critical!.key, '{}/{severity="critical"}');
});
