/** A rule file: groups of recording and alerting rules, checked as the real server and promtool check them. */
import { readFileSync } from 'node:fs';
import { type ConfigIssues, type ConfigNode, type Place, readYamlText } from '@mario/service';
import { isClassicLabelName, METRIC_NAME } from '../model/labels.ts';
import { parseExpr } from '../promql/parse/parser.ts';
import type { LanguageFeatures } from '../promql/parse/token-stream.ts';
import { parseRuleTemplate, type Template } from './template.ts';

interface RuleConfigBase {
  readonly expr: string;
  readonly labels: ReadonlyMap<string, Template>;
  /** Where it stands, for messages. */
  readonly place: Place;
}

export interface RecordingRuleConfig extends RuleConfigBase {
  readonly kind: 'recording';
  readonly record: string;
}

export interface AlertingRuleConfig extends RuleConfigBase {
  readonly kind: 'alerting';
  readonly alert: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: ReadonlyMap<string, Template>;
}

export type RuleConfig = RecordingRuleConfig | AlertingRuleConfig;

export interface RuleGroupConfig {
  readonly file: string;
  readonly name: string;
  /** Undefined: the server's evaluation interval. */
  readonly intervalMs: number | undefined;
  /** Undefined: the server's. Evaluation looks this far into the past, for late samples. */
  readonly queryOffsetMs: number | undefined;
  /** Series or alerts that one rule may give; 0 is no limit. */
  readonly limit: number;
  readonly labels: ReadonlyMap<string, Template>;
  readonly rules: readonly RuleConfig[];
}

/** Groups of the file; issues are added to `issues`, and a rule with one is left out. */
export function readRuleFile(
  file: string,
  features: LanguageFeatures,
  issues: ConfigIssues,
): readonly RuleGroupConfig[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    issues.error({ file, line: 1, column: 1, key: '' }, `cannot be read: ${(error as Error).message}`);
    return [];
  }
  return readRuleText(text, file, features, issues);
}

export function readRuleText(
  text: string,
  file: string,
  features: LanguageFeatures,
  issues: ConfigIssues,
): readonly RuleGroupConfig[] {
  const root = readYamlText(text, file, { issues });
  const { groups } = root?.fields({ groups: 'used' }) ?? {};
  const names = new Set<string>();
  const read = (groups?.list() ?? []).map((node) => {
    const group = readGroup(node, file, features);
    if (names.has(group.name)) node.error(`groupname: "${group.name}" is repeated in the same file`);
    names.add(group.name);
    return group;
  });
  warnOfDuplicates(read, issues);
  return read;
}

/** As promtool's lint: rules with the same name and labels write the same series, and which one wins is chance. */
function warnOfDuplicates(groups: readonly RuleGroupConfig[], issues: ConfigIssues): void {
  const seen = new Set<string>();
  for (const rule of groups.flatMap(({ rules }) => rules)) {
    const name = rule.kind === 'recording' ? rule.record : rule.alert;
    const labels = [...rule.labels].map(([label, { source }]) => `${label}: ${source}`).sort();
    const key = JSON.stringify([name, labels]);
    if (seen.has(key)) {
      const whose = labels.length === 0 ? '' : ` with labels ${labels.join(', ')}`;
      issues.warn(rule.place, `duplicate rule: ${name}${whose}. Might cause inconsistency while recording expressions`);
    }
    seen.add(key);
  }
}

function readGroup(node: ConfigNode, file: string, features: LanguageFeatures): RuleGroupConfig {
  const fields = node.fields({
    name: 'used',
    interval: 'used',
    query_offset: 'used',
    limit: 'used',
    labels: 'used',
    rules: 'used',
  });
  const name = fields.name?.string() ?? '';
  if (name === '') (fields.name ?? node).error('groupname must not be empty');
  return {
    file,
    name,
    intervalMs: fields.interval?.prometheusDurationMs(),
    queryOffsetMs: fields.query_offset?.prometheusDurationMs(),
    limit: fields.limit?.number() ?? 0,
    labels: readTemplates(fields.labels, 'label', ''),
    rules: (fields.rules?.list() ?? []).flatMap((rule) => readRule(rule, features) ?? []),
  };
}

function readRule(node: ConfigNode, features: LanguageFeatures): RuleConfig | undefined {
  const fields = node.fields({
    record: 'used',
    alert: 'used',
    expr: 'used',
    for: 'used',
    keep_firing_for: 'used',
    labels: 'used',
    annotations: 'used',
  });
  const record = fields.record?.string();
  const alert = fields.alert?.string();
  if (record !== undefined && alert !== undefined) {
    node.error("only one of 'record' and 'alert' must be set");
    return undefined;
  }
  if (record === undefined && alert === undefined) {
    node.error("one of 'record' or 'alert' must be set");
    return undefined;
  }
  const expr = readExpr(node, fields.expr, features);
  const labels = readTemplates(fields.labels, 'label', alert);
  if (expr === undefined) return undefined;
  if (record !== undefined) {
    for (const key of ['annotations', 'for', 'keep_firing_for'] as const) {
      fields[key]?.error(`invalid field '${key}' in recording rule`);
    }
    if (record === '') fields.record!.error('invalid recording rule name: the name is empty');
    if (/[{}]/.test(record)) fields.record!.error('braces present in the recording rule name; should it be in expr?');
    return { kind: 'recording', record, expr, labels, place: node.place };
  }
  return {
    kind: 'alerting',
    alert: alert!,
    expr,
    labels,
    forMs: fields.for?.prometheusDurationMs() ?? 0,
    keepFiringForMs: fields.keep_firing_for?.prometheusDurationMs() ?? 0,
    annotations: readTemplates(fields.annotations, 'annotation', alert!),
    place: node.place,
  };
}

function readExpr(rule: ConfigNode, node: ConfigNode | undefined, features: LanguageFeatures): string | undefined {
  const expr = node?.string() ?? '';
  if (expr === '') {
    (node ?? rule).error("field 'expr' must be set in rule");
    return undefined;
  }
  try {
    parseExpr(expr, features);
    return expr;
  } catch (error) {
    node!.error(`could not parse expression: ${(error as Error).message}`);
    return undefined;
  }
}

function readTemplates(
  node: ConfigNode | undefined,
  what: 'label' | 'annotation',
  alert: string | undefined,
): ReadonlyMap<string, Template> {
  const templates = new Map<string, Template>();
  for (const [name, value] of node?.entries() ?? []) {
    if (!isClassicLabelName(name) || (what === 'label' && name === METRIC_NAME)) {
      value.error(`invalid ${what} name: ${name}`);
      continue;
    }
    try {
      const source = value.string() ?? '';
      // Labels of recording rules are texts, whatever they look like.
      const isText = what === 'label' && alert === undefined;
      templates.set(name, isText ? { source, parsed: undefined } : parseRuleTemplate(`__alert_${alert}`, source));
    } catch (error) {
      value.error(`${what} ${JSON.stringify(name)}: ${(error as Error).message}`);
    }
  }
  return templates;
}
