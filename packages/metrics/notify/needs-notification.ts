/** Whether a group must be told now, given what was told last (notify.DedupStage of Alertmanager): a pure decision. */

export interface Told {
  /** Fingerprints that were firing and resolved in the last message. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly atMs: number;
}

export interface GroupState {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly nowMs: number;
}

export interface ToldRules {
  readonly sendResolved: boolean;
  readonly repeatIntervalMs: number;
}

export function needsNotification(last: Told | undefined, now: GroupState, rules: ToldRules): boolean {
  if (last === undefined) return now.firing.length > 0;
  if (!isSubset(now.firing, last.firing)) return true;
  // All of them ended: worth a message only if somebody was told that they fire.
  if (now.firing.length === 0) return last.firing.length > 0;
  if (rules.sendResolved && !isSubset(now.resolved, last.resolved)) return true;
  return last.atMs < now.nowMs - rules.repeatIntervalMs;
}

function isSubset(some: readonly string[], of: readonly string[]): boolean {
  const all = new Set(of);
  return some.every((each) => all.has(each));
}
