/** Inhibition: an alert that is explained by another one is not told (inhibit.InhibitRule of Alertmanager). */
import type { Labels } from '../model/labels.ts';
import { isResolved, type NotifyAlert } from './alert.ts';
import { type AlertMatcher, matchesAll } from './matcher.ts';

export interface InhibitRule {
  readonly source: readonly AlertMatcher[];
  readonly target: readonly AlertMatcher[];
  /** Labels whose values must be the same on both sides; two absent ones are the same. */
  readonly equal: readonly string[];
}

/** Gives the fingerprints of the alerts that inhibit one with these labels; at most one for each rule, as the real one tells. */
export type Inhibitor = (labels: Labels) => readonly string[];

interface SourceAlert {
  readonly fingerprint: string;
  readonly isTargetToo: boolean;
}

/** Looks at the alerts once, so that asking about each of them does not cost their number squared. */
export function createInhibitor(
  rules: readonly InhibitRule[],
  alerts: readonly NotifyAlert[],
  nowMs: number,
): Inhibitor {
  const prepared = rules.map((rule) => {
    const names = rule.equal.toSorted();
    const sources = new Map<string, SourceAlert[]>();
    for (const alert of alerts) {
      if (isResolved(alert, nowMs) || !matchesAll(rule.source, alert.labels)) continue;
      const key = alert.labels.keyOf(names);
      const source = { fingerprint: alert.fingerprint, isTargetToo: matchesAll(rule.target, alert.labels) };
      const known = sources.get(key);
      if (known === undefined) sources.set(key, [source]);
      else known.push(source);
    }
    return { rule, names, sources };
  });
  return (labels) =>
    prepared.flatMap(({ rule, names, sources }) => {
      if (!matchesAll(rule.target, labels)) return [];
      // An alert that is on both sides of a rule is not inhibited by others that are too, itself among them.
      const isSourceToo = matchesAll(rule.source, labels);
      const found = sources.get(labels.keyOf(names))?.find(({ isTargetToo }) => !(isSourceToo && isTargetToo));
      return found === undefined ? [] : [found.fingerprint];
    });
}
