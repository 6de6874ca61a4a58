import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formatIssue } from '@mario/service';
import { loadPrometheusConfig, parsePrometheusConfig } from './prometheus-config.ts';

function problems(yaml: string) {
  const { issues, unsupported } = parsePrometheusConfig(yaml, 'p.yml');
  return [...issues.all, ...unsupported.all].map(formatIssue);
}

test('defaults are those of the real server', () => {
  const { config } = parsePrometheusConfig(
    'scrape_configs: [{job_name: a, static_configs: [{targets: ["b:1"]}]}]',
    'p.yml',
  );
  const [job] = config!.scrapeConfigs;
  assert.deepEqual(
    [
      job!.scrapeIntervalMs,
      job!.scrapeTimeoutMs,
      job!.metricsPath,
      job!.scheme,
      job!.honorTimestamps,
      job!.enableCompression,
    ],
    [60_000, 10_000, '/metrics', 'http', true, true],
  );
  assert.deepEqual(job!.discovery.static, [{ targets: ['b:1'], labels: {}, source: '0' }]);
});

test('a short interval shortens the default timeout; an explicit longer one is refused', () => {
  const { config } = parsePrometheusConfig('scrape_configs: [{job_name: a, scrape_interval: 5s}]', 'p.yml');
  assert.equal(config!.scrapeConfigs[0]!.scrapeTimeoutMs, 5_000);
  assert.deepEqual(problems('scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  scrape_timeout: 6s\n'), [
    'p.yml:2: scrape_configs[0]: scrape timeout greater than scrape interval for scrape config with job name "a"',
  ]);
});

test('what the real server refuses is refused with its place', () => {
  const cases: [string, RegExp][] = [
    ['scrape_configs:\n- job_name: a\n  metric_path: /x\n', /p\.yml:3: .*unknown key, did you mean metrics_path/],
    ['scrape_configs:\n- job_name: a\n- job_name: a\n', /p\.yml:3: .*found multiple scrape configs with job name "a"/],
    ['scrape_configs: [{}]', /job_name is empty/],
    ['scrape_configs: [{job_name: a, relabel_configs: [{action: hashmod, target_label: x}]}]', /non-zero modulus/],
    ['scrape_configs: [{job_name: a, relabel_configs: [{regex: "(", target_label: x}]}]', /error parsing regexp/],
    [
      'scrape_configs: [{job_name: a, relabel_configs: [{action: labeldrop, source_labels: [x]}]}]',
      /requires only 'regex'/,
    ],
    ['scrape_configs: [{job_name: a, basic_auth: {}, bearer_token: x}]', /at most one of/],
    ['scrape_configs: [{job_name: a, file_sd_configs: [{files: [a.txt]}]}]', /not valid for file discovery/],
    ['scrape_configs: [{job_name: a, dns_sd_configs: [{names: [a], type: A}]}]', /a port is required/],
    ['remote_write: [{}]', /url for remote_write is empty/],
    ['global: {scrape_interval: 5x}', /must be a duration/],
  ];
  for (const [yaml, pattern] of cases) assert.match(problems(yaml).join('\n'), pattern);
});

test('a discovery that needs an orchestrator is refused by name', () => {
  const yaml = 'scrape_configs:\n- job_name: a\n  kubernetes_sd_configs:\n  - role: pod\n';
  const { issues, unsupported } = parsePrometheusConfig(yaml, 'p.yml');
  assert.deepEqual(issues.all, []);
  assert.match(formatIssue(unsupported.all[0]!), /p\.yml:4: .*kubernetes_sd_configs needs a Kubernetes API server/);
});

test('proxies are read wherever a client is configured, other kinds than http are refused by name; OAuth 2 is read', () => {
  const refused = (yaml: string) => {
    const { issues, unsupported } = parsePrometheusConfig(yaml, 'p.yml');
    assert.deepEqual(issues.all, []);
    return unsupported.all.map(formatIssue).join('\n');
  };
  const proxied = 'proxy_url: "http://p:1", no_proxy: "a,b", proxy_connect_header: {X: [y, z]}, enable_http2: true';
  const yaml = `scrape_configs: [{job_name: a, ${proxied}}, {job_name: b, proxy_from_environment: true}]`;
  assert.equal(refused(yaml), '');
  const jobs = parsePrometheusConfig(yaml, 'p.yml').config!.scrapeConfigs;
  assert.deepEqual(
    jobs.map(({ client }) => client.proxy),
    [
      {
        url: 'http://p:1',
        noProxy: 'a,b',
        connectHeaders: [
          ['X', 'y'],
          ['X', 'z'],
        ],
      },
      { url: undefined, noProxy: '', connectHeaders: [] },
    ],
  );
  const socks = /p\.yml:1: .*proxies by socks5 are not supported by the embedded engine/;
  assert.match(refused('scrape_configs: [{job_name: a, proxy_url: "socks5://p:1"}]'), socks);
  assert.match(
    refused('scrape_configs: [{job_name: a, http_sd_configs: [{url: "http://x", proxy_url: "socks5://p"}]}]'),
    socks,
  );
  assert.match(refused('alerting: {alertmanagers: [{proxy_url: "socks5://p:1"}]}'), socks);
  const oauth2 = (more: string) =>
    `scrape_configs: [{job_name: a, oauth2: {client_id: me, token_url: "http://t", ${more}}}]`;
  assert.match(refused(oauth2('proxy_url: "socks5://p"')), socks);
  assert.match(refused(oauth2('grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"')), /use client_credentials/);
  const { config } = parsePrometheusConfig(oauth2('client_secret_file: s, scopes: [x]'), '/etc/p/p.yml');
  const { clientSecret, scopes } = config!.scrapeConfigs[0]!.client.oauth2!;
  assert.deepEqual([clientSecret.file, scopes], ['/etc/p/s', ['x']]);
  assert.match(problems('scrape_configs: [{job_name: a, oauth2: {}}]').join(), /client_id must be configured/);
  for (const [keys, problem] of [
    ['no_proxy: x', /if no_proxy is configured, proxy_url must also be configured/],
    ['proxy_url: "http://p", proxy_from_environment: true', /proxy_url must not be configured/],
    ['no_proxy: x, proxy_from_environment: true', /no_proxy must not be configured/],
    ['proxy_connect_header: {X: [y]}', /if proxy_connect_header is configured/],
    ['proxy_url: "p:1"', /invalid URL of a proxy/],
  ] as const) {
    assert.match(problems(`scrape_configs: [{job_name: a, ${keys}}]`).join(), problem);
  }
});

test('native histograms, names and their globals', () => {
  const first = (yaml: string) => parsePrometheusConfig(yaml, 'p.yml').config!.scrapeConfigs[0]!;
  const job = 'scrape_configs: [{job_name: a}]';
  assert.equal(first(job).scrapeProtocols[0], 'OpenMetricsText1.0.0');
  assert.equal(first(`global: {scrape_native_histograms: true}\n${job}`).scrapeProtocols[0], 'PrometheusProto');
  const given = first(`global: {scrape_native_histograms: true, scrape_protocols: [PrometheusText0.0.4]}\n${job}`);
  assert.deepEqual([given.scrapeProtocols, given.histograms.native], [['PrometheusText0.0.4'], true]);
  const legacy = first(`global: {metric_name_validation_scheme: legacy, keep_dropped_targets: 7}\n${job}`);
  assert.deepEqual([legacy.legacyNames, legacy.escaping, legacy.droppedTargetsMax], [true, 'underscores', 7]);
  assert.match(
    problems(
      'scrape_configs: [{job_name: a, metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8}]',
    ).join(),
    /utf8 metric names requested/,
  );
});

test('external labels take values from the environment', () => {
  const yaml = 'global: {external_labels: {a: "$REGION-${ZONE}", b: "$$5"}}';
  const { config } = parsePrometheusConfig(yaml, 'p.yml', undefined, { env: { REGION: 'eu', ZONE: '1' } });
  assert.deepEqual(config!.global.externalLabels, { a: 'eu-1', b: '$5' });
});

const folder = fileURLToPath(new URL('../../../../shared/real-input/prometheus-configs', import.meta.url));

test('real configurations', {
  skip: existsSync(folder) ? false : 'skipped: no real input beside the repository',
}, () => {
  for (const file of readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))) {
    // A Helm chart's values, which hold a configuration as text.
    if (file.startsWith('helm-')) continue;
    const { issues } = loadPrometheusConfig(join(folder, file));
    assert.deepEqual(issues.errors.map(formatIssue), [], file);
  }
});
