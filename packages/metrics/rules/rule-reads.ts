/** Which series a rule can read: a group waits for the disk only before a rule that reads what an earlier one has just written. */
import { compileMatcher } from '../model/matcher.ts';
import { children, type Expr } from '../promql/parse/ast.ts';
import { parseExpr } from '../promql/parse/parser.ts';
import type { LanguageFeatures } from '../promql/parse/token-stream.ts';
import type { RuleConfig } from './rule-file.ts';

/** Whether the rule may read series of this metric. Says yes when in doubt. */
export type Reads = (metricName: string) => boolean;

export function readsOf(rule: RuleConfig, features: LanguageFeatures): Reads {
  // A template may ask any query.
  const templates = rule.kind === 'alerting' ? [...rule.labels.values(), ...rule.annotations.values()] : [];
  if (templates.some(({ source }) => /\bquery\b/.test(source))) return () => true;
  const selectors: Reads[] = [];
  collect(parseExpr(rule.expr, features), selectors);
  return (name) => selectors.some((reads) => reads(name));
}

/** What the rule writes. */
export function writesOf(rule: RuleConfig): readonly string[] {
  return rule.kind === 'recording' ? [rule.record] : ['ALERTS', 'ALERTS_FOR_STATE'];
}

function collect(expr: Expr, selectors: Reads[]): void {
  if (expr.type === 'vector') {
    const names = expr.matchers.filter(({ name }) => name === '__name__').map(compileMatcher);
    selectors.push((name) => names.every((matches) => matches(name)));
  }
  // It reads series that its arguments do not name.
  if (expr.type === 'call' && expr.func === 'info') selectors.push(() => true);
  for (const child of children(expr)) collect(child, selectors);
}
