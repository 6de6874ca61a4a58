// Configurations as users write them: what is refused, with which words, and where.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formatIssue } from '@mario/service';
import { checkCollectorConfig } from '../check.ts';
import { expand } from './expand.ts';

const folder = mkdtempSync(join(tmpdir(), 'mario-collector-config-'));
after(() => rmSync(folder, { recursive: true }));

const root = fileURLToPath(new URL('../../../', import.meta.url));

let files = 0;

function check(...texts: string[]) {
  const paths = texts.map((text) => {
    const path = join(folder, `${++files}.yaml`);
    writeFileSync(path, text);
    return path;
  });
  const { issues, unsupported } = checkCollectorConfig(paths, {});
  const line = (issue: (typeof issues)[number]) => formatIssue({ ...issue, file: 'c' });
  return {
    errors: issues.filter((issue) => issue.severity === 'error').map(line),
    warnings: issues.filter((issue) => issue.severity === 'warning').map(line),
    unsupported,
  };
}

const minimal = `
receivers:
  otlp:
    protocols:
      grpc:
exporters:
  debug:
service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [debug]
`;

test('a minimal configuration with empty bodies is fine', () => {
  assert.deepEqual(check(minimal).errors, []);
});

test('the shipped configuration is fine and fully supported', () => {
  const { issues, unsupported } = checkCollectorConfig([join(root, 'deploy/otel-collector/config.yaml')], {});
  assert.deepEqual(issues, []);
  assert.deepEqual(unsupported, []);
});

test('unknown keys, components, signals and references are refused with their line and key', () => {
  const text = `
receivers:
  otlp:
    protocols:
      grpc:
        endpont: 0.0.0.0:4317
  nosuch:
exporters:
  debug:
    verbosity: loud
processors:
  batch/one two:
  memory_limiter:
    limit_mib: 10
    spike_limit_mib: 20
service:
  pipelines:
    spans:
      receivers: [otlp]
      exporters: [debug]
    traces:
      receivers: [otlp, other]
      processors: [batch]
      exporters: [debug, debug]
`;
  assert.deepEqual(check(text).errors, [
    'c:6: receivers.otlp.protocols.grpc.endpont: unknown key, did you mean endpoint?',
    'c:7: receivers.nosuch: unknown type: "nosuch" for id: "nosuch" (valid values: [otlp]; 139 more are known and not run here)',
    "c:14: processors.memory_limiter: 'check_interval' must be greater than zero",
    "c:15: processors.memory_limiter.spike_limit_mib: 'spike_limit_mib' must be smaller than 'limit_mib'",
    'c:10: exporters.debug.verbosity: must be one of basic, normal, detailed, is "loud"',
    'c:19: service.pipelines.spans: unknown signal "spans"',
    'c:22: service.pipelines.traces.receivers[1]: service::pipelines::traces: references receiver "other" which is not configured',
    'c:23: service.pipelines.traces.processors[0]: service::pipelines::traces: references processor "batch" which is not configured',
    'c:24: service.pipelines.traces.exporters[1]: references exporter "debug" multiple times',
  ]);
});

test('a component that the real Collector has is told from one that nobody has', () => {
  const text = minimal
    .replace('receivers: [otlp]', 'receivers: [otlp, kafka]')
    .replace('exporters:\n', '  kafka:\nexporters:\n');
  const { errors, unsupported, warnings } = check(text);
  assert.deepEqual(errors, []);
  assert.match(warnings[0]!, /kafka is not supported by the embedded collector/);
  assert.match(unsupported[0]!.message, /needs receiver kafka/);
});

test('components may be defined and unused, and carry old names', () => {
  const text = minimal.replace(
    '  debug:\n',
    '  debug:\n  otlphttp/a: {endpoint: "http://a"}\n  otlp_http/b: {endpoint: "http://b"}\n  otlp/c: {endpoint: "c:4317"}\n  kafka:\n',
  );
  const { errors, unsupported } = check(text);
  assert.deepEqual(errors, []);
  assert.deepEqual(unsupported, []);
});

test('later files lie over earlier ones, lists are replaced whole', () => {
  const over = 'exporters:\n  debug/two:\nservice:\n  pipelines:\n    traces:\n      exporters: [debug/two]\n';
  assert.deepEqual(check(minimal, over).errors, []);
  const broken = 'service:\n  pipelines:\n    traces:\n      exporters: [gone]\n';
  const { errors } = check(minimal, broken);
  assert.equal(errors.length, 1);
  assert.match(errors[0]!, /^c:4: service\.pipelines\.traces\.exporters\[0\]/);
});

test('connectors join pipelines; half a connection and a circle are refused', () => {
  const connected = (middle: string) => `
receivers: {otlp: {protocols: {grpc: }}}
exporters: {debug: }
connectors: {forward: }
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [forward]}
    ${middle}
`;
  assert.deepEqual(check(connected('traces/2: {receivers: [forward], exporters: [debug]}')).errors, []);
  assert.match(
    check(connected('')).errors[0]!,
    /used as exporter in \[traces\] pipeline but not used in any supported receiver/,
  );
  assert.match(check(connected('traces/2: {receivers: [forward], exporters: [forward]}')).errors[0]!, /cycle detected/);
  assert.match(check(connected('logs: {receivers: [forward], exporters: [debug]}')).errors[0]!, /cannot take traces/);
});

test('what only an unset variable makes wrong is a warning', () => {
  const { errors, warnings } = check(minimal.replace('grpc:', 'grpc: {endpoint: "${env:HOST}${PORT}"}'));
  assert.deepEqual(errors, []);
  assert.equal(warnings.filter((warning) => /HOST is not set|PORT is not set/.test(warning)).length, 2);
  assert.ok(warnings.some((warning) => /must be host:port/.test(warning)));
});

test('references expand as the Collector expands them', () => {
  const env = { A: 'a', EMPTY: '', NESTED: 'n' };
  const complaints: string[] = [];
  const place = { file: '', line: 1, column: 1, key: '' };
  const expansion = {
    env,
    error: (_: unknown, message: string) => complaints.push(message),
    unset: (_: unknown, name: string) => complaints.push(`unset ${name}`),
  };
  const cases: [string, string][] = [
    ['${env:A}:1', 'a:1'],
    ['${A}', 'a'],
    ['$$A $${A} $$$$', '$A ${A} $$'],
    ['${env:B:-x}', 'x'],
    ['${env:B:-}', ''],
    ['${env:B:-http://h:1/}', 'http://h:1/'],
    ['${env:B:-${env:NESTED}}', 'n'],
    ['${env:EMPTY:-x}', ''],
    ['$A $ {', '$A $ {'],
  ];
  for (const [value, expected] of cases) assert.equal(expand(value, place, expansion), expected, value);
  assert.deepEqual(complaints, []);
  expand('${env:GONE} ${file:/etc/passwd} ${env:1X}', place, expansion);
  assert.equal(complaints.length, 3);
});

test('a layer of a configuration may lack what other layers bring, a whole one may not', () => {
  const layer = 'exporters: {debug: }\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}\n';
  const { errors, warnings } = check(layer);
  assert.deepEqual(errors, []);
  assert.equal(warnings.filter((warning) => /one layer of several/.test(warning)).length, 2);
  assert.equal(check(`receivers: {}\n${layer}`).errors.length, 2);
});

test('configurations inside Kubernetes objects are found, with their lines', () => {
  const wrapped = `apiVersion: v1
kind: ConfigMap
data:
  relay: |
    receivers: {otlp: {protocols: {grpc: }}}
    exporters: {debug: }
    service:
      pipelines:
        traces: {receivers: [otlp], exporters: [gone]}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
spec:
  config:
    receivers: {otlp: {protocols: {grpc: }}}
    exporters: {nosuch: }
    service: {pipelines: {traces: {receivers: [otlp], exporters: [nosuch]}}}
`;
  const { errors } = check(wrapped);
  assert.match(errors[0]!, /^c:9: service\.pipelines\.traces\.exporters\[0\]: .* "gone" which is not configured/);
  assert.match(errors[1]!, /^c:16: exporters\.nosuch: unknown type/);
});

const realInput = join(root, '../shared/real-input/collector-configs');
const skip = existsSync(realInput) ? false : 'skipped: ../shared/real-input is not here';

test('real configurations are read; only what their own Collector would refuse is refused', { skip }, () => {
  const names = readdirSync(realInput);
  assert.ok(names.length > 20);
  for (const name of names) {
    const { issues } = checkCollectorConfig([join(realInput, name)], {});
    assert.deepEqual(issues.filter((issue) => issue.severity === 'error').map(formatIssue), [], name);
  }
  const demo = [
    'demo-otelcol.yml',
    'demo-otelcol-full.yml',
    'demo-otelcol-observability.yml',
    'demo-otelcol-extras.yml',
  ];
  const layered = checkCollectorConfig(
    demo.map((name) => join(realInput, name)),
    {},
  );
  assert.deepEqual(layered.issues.filter((issue) => issue.severity === 'error').map(formatIssue), []);
});
