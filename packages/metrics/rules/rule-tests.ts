/** Unit tests of rules in promtool's format: input series, and what alerts and expressions must give at certain times. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import {
  type Clock,
  ConfigIssues,
  type ConfigNode,
  parsePrometheusDurationMs,
  readYamlText,
  silentLog,
  systemClock,
} from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { parseTimeMs } from '../api/params.ts';
import { expandFiles } from '../config/file-pattern.ts';
import { equalHistograms, type FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { ALL_FEATURES, createEngine, formatGoF } from '../promql/index.ts';
import { parseLabelSet, parseSequence, parseSeriesLine } from '../promql/script/series-notation.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { MetricsStore } from '../store/metrics-store.ts';
import { type RuleGroupConfig, readRuleFile } from './rule-file.ts';
import { RuleGroup } from './rule-group.ts';

export interface RuleTestReport {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { readonly case: string; readonly expected: string; readonly actual: string }[];
}

interface AlertTest {
  readonly evalMs: number;
  readonly alertname: string;
  /** Labels and annotations, in one text each. */
  readonly expected: readonly string[];
  readonly place: string;
}

interface ExprTest {
  readonly expr: string;
  readonly evalMs: number;
  readonly samples: readonly { readonly labels: Labels; readonly value: number | FloatHistogram }[];
  readonly place: string;
}

interface TestCase {
  readonly name: string;
  readonly intervalMs: number;
  /** When time begins; times of evaluation count from here. */
  readonly startMs: number;
  readonly series: readonly { readonly series: string; readonly values: string }[];
  readonly alerts: readonly AlertTest[];
  readonly exprs: readonly ExprTest[];
  readonly externalLabels: Labels;
  readonly externalUrl: string;
}

/** promtool evaluates rules every minute unless told otherwise. */
const EVALUATION_INTERVAL_MS = 60_000;
/** Steps of one test: a test over a year at a minute each is a mistake. */
const STEPS_MAX = 200_000;

/** Throws MARIO_SERVICE_BAD_CONFIGURATION when the test file or a rule file of it cannot be read. */
export async function runRuleTests(path: string): Promise<RuleTestReport> {
  const issues = new ConfigIssues();
  const root = readYamlText(readFileSync(path, 'utf8'), path, { issues });
  const fields =
    root?.fields({
      rule_files: 'used',
      evaluation_interval: 'used',
      group_eval_order: 'used',
      fuzzy_compare: 'used',
      tests: 'used',
    }) ?? {};
  const files = expandFiles(
    (fields.rule_files?.strings() ?? []).map((file) => (isAbsolute(file) ? file : join(dirname(path), file))),
  );
  const groups = files.flatMap((file) => readRuleFile(file, ALL_FEATURES, issues));
  const evaluationMs = fields.evaluation_interval?.prometheusDurationMs() || EVALUATION_INTERVAL_MS;
  const cases = (fields.tests?.list() ?? []).map(readCase);
  issues.throwIfErrors();
  const order = fields.group_eval_order?.strings() ?? [];
  const sorted = groups.toSorted((a, b) => rankOf(order, a) - rankOf(order, b));
  const failures: { case: string; expected: string; actual: string }[] = [];
  let checks = 0;
  for (const each of cases) {
    const run = await runCase(each, sorted, evaluationMs, fields.fuzzy_compare?.boolean() === true ? fuzzily : exactly);
    checks += run.checks;
    failures.push(...run.failures);
  }
  return { passed: checks - failures.length, failed: failures.length, failures };
}

function rankOf(order: readonly string[], group: RuleGroupConfig): number {
  const at = order.indexOf(group.name);
  return at < 0 ? order.length : at;
}

async function runCase(test: TestCase, groups: readonly RuleGroupConfig[], evaluationMs: number, equal: EqualNumbers) {
  let nowMs = 0;
  // Time of the tests begins at zero; only reading the clock matters, nothing is scheduled.
  const clock: Clock = { ...systemClock, nowMs: () => nowMs };
  const store = await MetricsStore.open({
    directory: openMemoryDirectory(),
    clock: { ...clock, nowMs: () => Number.MAX_SAFE_INTEGER / 2 },
    log: silentLog,
    outOfOrderTimeWindowMs: 1e13,
  });
  try {
    await loadSeries(store, test);
    const engine = createEngine({ features: ALL_FEATURES });
    const context = {
      engine,
      queryable: store,
      store,
      clock,
      intervalMs: evaluationMs,
      queryOffsetMs: 0,
      externalLabels: test.externalLabels,
      externalUrl: test.externalUrl,
      observer: { evaluated() {}, iterated() {} },
      restored: true,
      send() {},
    };
    const running = groups.map((config) => ({
      group: new RuleGroup(config, context),
      everyMs: config.intervalMs || evaluationMs,
    }));
    const failures: { case: string; expected: string; actual: string }[] = [];
    const endMs = Math.max(0, ...test.alerts.map(({ evalMs }) => evalMs), ...test.exprs.map(({ evalMs }) => evalMs));
    if (endMs / evaluationMs > STEPS_MAX) throw new Error(`${test.name}: more than ${STEPS_MAX} evaluations`);
    const pending = [...test.alerts].sort((a, b) => a.evalMs - b.evalMs);
    for (let sinceMs = 0; sinceMs <= endMs; sinceMs += evaluationMs) {
      nowMs = test.startMs + sinceMs;
      for (const { group, everyMs } of running) if (sinceMs % everyMs === 0) await group.evaluate(nowMs);
      while (pending.length > 0 && pending[0]!.evalMs < sinceMs + evaluationMs) {
        const failure = checkAlerts(
          test,
          pending.shift()!,
          running.map(({ group }) => group),
        );
        if (failure !== undefined) failures.push(failure);
      }
    }
    for (const each of test.exprs) {
      const failure = await checkExpr(test, each, engine, store, equal);
      if (failure !== undefined) failures.push(failure);
    }
    return { checks: test.alerts.length + test.exprs.length, failures };
  } finally {
    await store.close();
  }
}

async function loadSeries(store: MetricsStore, test: TestCase): Promise<void> {
  const rows = new RowCollector();
  for (const { series, values } of test.series) {
    const line = parseSeriesLine(`${series} ${values}`);
    if (!('values' in line)) throw new Error(`${test.name}: ${series} has no values`);
    const ref = store.ref(line.labels);
    line.values.forEach((value, i) => {
      const timestampMs = test.startMs + i * test.intervalMs;
      if (value === 'stale') rows.addStale('input', timestampMs, ref);
      else if (typeof value === 'number') rows.add('input', timestampMs, ref, value);
      else if (value !== null) rows.addHistogram('input', timestampMs, ref, value);
    });
  }
  await store.append({ rows: rows.rows() });
}

function checkAlerts(test: TestCase, wanted: AlertTest, groups: readonly RuleGroup[]) {
  const firing: string[] = [];
  for (const rule of groups.flatMap((group) => group.state.rules)) {
    if (rule.kind !== 'alerting' || rule.name !== wanted.alertname) continue;
    for (const alert of rule.alerts) {
      if (alert.state === 'firing')
        firing.push(describeAlert(Labels.from(alert.labels), Labels.from(alert.annotations)));
    }
  }
  const expected = [...wanted.expected].sort().join('\n');
  const actual = firing.sort().join('\n');
  return expected === actual
    ? undefined
    : {
        case: `${test.name}, ${wanted.place}: alertname: ${wanted.alertname}, time: ${wanted.evalMs / 1000}s`,
        expected: expected || '[]',
        actual: actual || '[]',
      };
}

function describeAlert(labels: Labels, annotations: Labels): string {
  return `Labels:${labels} Annotations:${annotations}`;
}

async function checkExpr(
  test: TestCase,
  wanted: ExprTest,
  engine: ReturnType<typeof createEngine>,
  store: MetricsStore,
  equal: EqualNumbers,
) {
  const name = `${test.name}, ${wanted.place}: expr: ${JSON.stringify(wanted.expr)}, time: ${wanted.evalMs / 1000}s`;
  let actual: readonly { readonly labels: Labels; readonly value: number | FloatHistogram }[];
  try {
    const { data } = await engine.instant(store, wanted.expr, test.startMs + wanted.evalMs);
    actual =
      data.type === 'vector'
        ? data.samples
        : data.type === 'scalar'
          ? [{ labels: Labels.EMPTY, value: data.value }]
          : [];
  } catch (error) {
    return { case: name, expected: describe(wanted.samples), actual: (error as Error).message };
  }
  const left = new Map(actual.map((sample) => [sample.labels.key, sample.value]));
  const same =
    left.size === wanted.samples.length &&
    wanted.samples.every(({ labels, value }) => equalValue(left.get(labels.key), value, equal));
  return same ? undefined : { case: name, expected: describe(wanted.samples), actual: describe(actual) };
}

type EqualNumbers = (a: number, b: number) => boolean;

const exactly: EqualNumbers = (a, b) => a === b || Object.is(a, b);

/** `fuzzy_compare`: neighbours among the doubles are equal, because architectures round differently. */
const fuzzily: EqualNumbers = (a, b) => exactly(a, b) || (Number.isFinite(a) && distance(a, b) <= 1n);

function distance(a: number, b: number): bigint {
  const steps = ordinal(a) - ordinal(b);
  return steps < 0n ? -steps : steps;
}

/** Doubles in their order, counted. */
function ordinal(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function equalValue(
  actual: number | FloatHistogram | undefined,
  expected: number | FloatHistogram,
  equal: EqualNumbers,
): boolean {
  if (actual === undefined) return false;
  if (typeof actual === 'number' || typeof expected === 'number')
    return typeof actual === 'number' && typeof expected === 'number' && equal(actual, expected);
  return equalHistograms(actual, expected);
}

function describe(samples: readonly { readonly labels: Labels; readonly value: number | FloatHistogram }[]): string {
  const lines = samples.map(
    ({ labels, value }) => `${labels} ${typeof value === 'number' ? formatGoF(value) : '<histogram>'}`,
  );
  return lines.length === 0 ? 'nil' : lines.sort().join('\n');
}

function readCase(node: ConfigNode, i: number): TestCase {
  const fields = node.fields({
    name: 'used',
    interval: 'used',
    input_series: 'used',
    alert_rule_test: 'used',
    promql_expr_test: 'used',
    external_labels: 'used',
    external_url: 'used',
    start_timestamp: 'used',
  });
  return {
    name: fields.name?.string() ?? `test ${i + 1}`,
    intervalMs: fields.interval?.prometheusDurationMs() || EVALUATION_INTERVAL_MS,
    startMs: startTime(fields.start_timestamp),
    series: (fields.input_series?.list() ?? []).map((each) => {
      const inner = each.fields({ series: 'used', values: 'used' });
      return { series: inner.series?.string() ?? '', values: inner.values?.string() ?? '' };
    }),
    alerts: (fields.alert_rule_test?.list() ?? []).map(readAlertTest),
    exprs: (fields.promql_expr_test?.list() ?? []).map(readExprTest),
    externalLabels: Labels.from(fields.external_labels?.stringMap() ?? {}),
    externalUrl: fields.external_url?.string() ?? '',
  };
}

function readAlertTest(node: ConfigNode): AlertTest {
  const fields = node.fields({ eval_time: 'used', alertname: 'used', exp_alerts: 'used' });
  const alertname = fields.alertname?.string() ?? '';
  if (alertname === '') node.error("an item under alert_rule_test misses required attribute 'alertname'");
  return {
    evalMs: evalTime(fields.eval_time),
    alertname,
    expected: (fields.exp_alerts?.list() ?? []).map((each) => {
      const inner = each.fields({ exp_labels: 'used', exp_annotations: 'used' });
      const labels = Labels.from({ ...inner.exp_labels?.stringMap(), alertname });
      return describeAlert(labels, Labels.from(inner.exp_annotations?.stringMap() ?? {}));
    }),
    place: placeOf(node),
  };
}

function readExprTest(node: ConfigNode): ExprTest {
  const fields = node.fields({ expr: 'used', eval_time: 'used', exp_samples: 'used' });
  return {
    expr: fields.expr?.string() ?? '',
    evalMs: evalTime(fields.eval_time),
    samples: (fields.exp_samples?.list() ?? []).map((each) => {
      const inner = each.fields({ labels: 'used', value: 'used', histogram: 'used' });
      const text = inner.labels?.string() ?? '{}';
      const labels = /^\s*[{\w:]/.test(text) ? parseLabelSet(text).labels : Labels.EMPTY;
      const [histogram] = inner.histogram === undefined ? [] : parseSequence(inner.histogram.string() ?? '');
      const value =
        histogram !== undefined && histogram !== null && typeof histogram === 'object'
          ? histogram
          : (inner.value?.number() ?? 0);
      return { labels, value };
    }),
    place: placeOf(node),
  };
}

/** Seconds since 1970, or RFC 3339. */
function startTime(node: ConfigNode | undefined): number {
  const text = node?.string() ?? '0';
  const timeMs = parseTimeMs(text);
  if (timeMs === undefined) node!.error(`cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return timeMs ?? 0;
}

function evalTime(node: ConfigNode | undefined): number {
  const text = node?.string() ?? '0';
  const timeMs = parsePrometheusDurationMs(text.replace(/^0[a-z]+$/, '0'));
  if (timeMs === undefined) node!.error(`not a valid duration string: "${text}"`);
  return timeMs ?? 0;
}

function placeOf(node: ConfigNode): string {
  const { file, line } = node.place;
  return `${file}:${line}`;
}
