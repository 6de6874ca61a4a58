/** Evaluates one rule at one time: what it records, or which alerts hold. */
import type { FloatHistogram } from '../model/histogram.ts';
import { Labels, METRIC_NAME, quoteGo } from '../model/labels.ts';
import type { Engine, InstantSample } from '../promql/index.ts';
import type { Queryable } from '../queryable.ts';
import { type Alert, evolveAlerts, type FoundAlert } from './alert-lifecycle.ts';
import type { AlertingRuleConfig, RecordingRuleConfig, RuleGroupConfig } from './rule-file.ts';
import {
  expandRuleTemplate,
  type Template,
  type TemplateData,
  type TemplateEnvironment,
  TemplateError,
} from './template.ts';

/** A sample that an evaluation stores. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number | FloatHistogram;
}

export interface EvaluationContext {
  readonly engine: Engine;
  readonly queryable: Queryable;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly signal: AbortSignal;
}

export const ALERT_NAME = 'alertname';
const ALERTS = 'ALERTS';
export const ALERTS_FOR_STATE = 'ALERTS_FOR_STATE';

export async function evaluateRecording(
  rule: RecordingRuleConfig,
  group: RuleGroupConfig,
  timeMs: number,
  context: EvaluationContext,
): Promise<readonly RuleSample[]> {
  const samples = await vectorOf(rule.expr, timeMs, context);
  const own = [...group.labels, ...rule.labels];
  const results = samples.map(({ labels, value }) => {
    const pairs = new Map<string, string>(labels);
    pairs.set(METRIC_NAME, rule.record);
    for (const [name, template] of own) pairs.set(name, template.source);
    return { labels: Labels.from(pairs), value };
  });
  checkDistinct(results, 'rule');
  checkLimit(results.length, group.limit, 'series');
  return results;
}

/** The alerts after this evaluation. */
export async function evaluateAlerting(
  rule: AlertingRuleConfig,
  group: RuleGroupConfig,
  timeMs: number,
  nowMs: number,
  before: ReadonlyMap<string, Alert>,
  context: EvaluationContext,
): Promise<Map<string, Alert>> {
  const samples = await vectorOf(rule.expr, timeMs, context);
  const found: FoundAlert[] = [];
  for (const sample of samples) found.push(await expandAlert(rule, group, sample, timeMs, context));
  checkDistinct(found, 'alert');
  const alerts = evolveAlerts(before, found, nowMs, { forMs: rule.forMs, keepFiringForMs: rule.keepFiringForMs });
  checkLimit([...alerts.values()].filter(({ phase }) => phase !== 'inactive').length, group.limit, 'alerts');
  return alerts;
}

/** `ALERTS` and `ALERTS_FOR_STATE`: the latter is what a restart reads. */
export function alertSamples(alerts: Iterable<Alert>): readonly RuleSample[] {
  const samples: RuleSample[] = [];
  for (const { phase, labels, activeAtMs } of alerts) {
    if (phase === 'inactive') continue;
    samples.push({ labels: labels.with(METRIC_NAME, ALERTS).with('alertstate', phase), value: 1 });
    samples.push({ labels: labels.with(METRIC_NAME, ALERTS_FOR_STATE), value: Math.floor(activeAtMs / 1000) });
  }
  return samples;
}

async function expandAlert(
  rule: AlertingRuleConfig,
  group: RuleGroupConfig,
  sample: InstantSample,
  timeMs: number,
  context: EvaluationContext,
): Promise<FoundAlert> {
  const source = sample.labels.dropOne(METRIC_NAME);
  const value = typeof sample.value === 'number' ? sample.value : sample.value.count;
  const { externalLabels, externalUrl } = context;
  const data: TemplateData = { labels: source, externalLabels, externalUrl, value };
  const environment = environmentAt(timeMs, context);
  const pairs = new Map<string, string>(source);
  for (const [name, template] of [...group.labels, ...rule.labels])
    pairs.set(name, await expand(template, data, environment));
  pairs.set(ALERT_NAME, rule.alert);
  const annotations = new Map<string, string>();
  for (const [name, template] of rule.annotations) annotations.set(name, await expand(template, data, environment));
  return { labels: Labels.from(pairs), annotations: Labels.from(annotations), value };
}

function environmentAt(timeMs: number, context: EvaluationContext): TemplateEnvironment {
  return {
    externalUrl: context.externalUrl,
    nowMs: timeMs,
    query: async (expression) =>
      (await vectorOf(expression, timeMs, context)).map(({ labels, value }) => ({
        labels: new Map(labels),
        value: typeof value === 'number' ? value : value.count,
      })),
  };
}

/** A template that fails must not keep an alert from firing: its text says what is wrong. */
async function expand(template: Template, data: TemplateData, environment: TemplateEnvironment): Promise<string> {
  try {
    return await expandRuleTemplate(template, data, environment);
  } catch (error) {
    const { message } = error as Error;
    const name = error instanceof TemplateError ? /^template: ([^:\s]*)/.exec(message)?.[1] : undefined;
    return `<error expanding template: ${name === undefined ? '' : `error executing template ${name}: `}${message}>`;
  }
}

async function vectorOf(
  expression: string,
  timeMs: number,
  { engine, queryable, signal }: EvaluationContext,
): Promise<readonly InstantSample[]> {
  const { data } = await engine.instant(queryable, expression, timeMs, { signal });
  if (data.type === 'vector') return data.samples;
  if (data.type === 'scalar') return [{ labels: Labels.EMPTY, value: data.value }];
  throw new Error('rule result is not a vector or scalar');
}

function checkDistinct(results: readonly { readonly labels: Labels }[], what: 'rule' | 'alert'): void {
  if (new Set(results.map(({ labels }) => labels.key)).size < results.length) {
    throw new Error(`vector contains metrics with the same labelset after applying ${what} labels`);
  }
}

/** A rule gives more than its group's `limit`. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
}

function checkLimit(count: number, limit: number, what: string): void {
  if (limit > 0 && count > limit) throw new LimitExceeded(`exceeded limit of ${limit} with ${count} ${what}`);
}

/** A selector for the state series of an alert. */
export function stateSelector(rule: AlertingRuleConfig): string {
  return `${ALERTS_FOR_STATE}{${ALERT_NAME}=${quoteGo(rule.alert)}}`;
}
