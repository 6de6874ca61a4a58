/**
 * The life of alerts as a pure function: what an evaluation found turns the alerts of before into those of after
 * (rules/alerting.go of the real server). Inactive alerts are kept for a while, because the receiver must hear that
 * they are resolved even when one message is lost.
 */
import type { Labels } from '../model/labels.ts';

export type AlertPhase = 'pending' | 'firing' | 'inactive';

export interface Alert {
  readonly phase: AlertPhase;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
  /** When the condition began to hold. */
  readonly activeAtMs: number;
  /** 0 until it fires. */
  readonly firedAtMs: number;
  /** 0 until it is resolved. */
  readonly resolvedAtMs: number;
  /** When it was last sent to a receiver; 0 never. */
  readonly lastSentMs: number;
  /** Since when it fires only because of `keep_firing_for`; 0 while the condition holds. */
  readonly keepFiringSinceMs: number;
}

/** One element of the expression's result with its labels and annotations expanded. */
export interface FoundAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
}

export interface AlertTimes {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/** As long as the real server remembers resolved alerts, to tell their receivers again. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/** Alerts by the key of their labels. Neither argument is changed. */
export function evolveAlerts(
  before: ReadonlyMap<string, Alert>,
  found: readonly FoundAlert[],
  nowMs: number,
  times: AlertTimes,
): Map<string, Alert> {
  const after = new Map<string, Alert>();
  const holding = new Set<string>();
  for (const { labels, annotations, value } of found) {
    holding.add(labels.key);
    const known = before.get(labels.key);
    const alert = known === undefined || known.phase === 'inactive' ? newAlert(labels, nowMs) : known;
    after.set(labels.key, advance({ ...alert, annotations, value, keepFiringSinceMs: 0 }, nowMs, times));
  }
  for (const [key, alert] of before) {
    if (holding.has(key)) continue;
    const next = released(alert, nowMs, times);
    if (next !== undefined) after.set(key, next);
  }
  return after;
}

function newAlert(labels: Labels, nowMs: number): Alert {
  return {
    phase: 'pending',
    labels,
    annotations: labels,
    value: 0,
    activeAtMs: nowMs,
    firedAtMs: 0,
    resolvedAtMs: 0,
    lastSentMs: 0,
    keepFiringSinceMs: 0,
  };
}

function advance(alert: Alert, nowMs: number, { forMs }: AlertTimes): Alert {
  if (alert.phase !== 'pending' || nowMs - alert.activeAtMs < forMs) return alert;
  return { ...alert, phase: 'firing', firedAtMs: nowMs };
}

/** The condition does not hold any more; undefined when the alert is forgotten. */
function released(alert: Alert, nowMs: number, { keepFiringForMs }: AlertTimes): Alert | undefined {
  if (alert.phase === 'firing' && keepFiringForMs > 0) {
    const sinceMs = alert.keepFiringSinceMs || nowMs;
    if (nowMs - sinceMs < keepFiringForMs) return { ...alert, keepFiringSinceMs: sinceMs };
  }
  if (alert.phase === 'pending') return undefined;
  if (alert.phase === 'inactive') return nowMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS ? undefined : alert;
  return { ...alert, phase: 'inactive', resolvedAtMs: nowMs };
}

/** Whether a receiver must hear of it now: when it fires or is resolved anew, and again every `resendDelayMs`. */
export function needsSending(alert: Alert, nowMs: number, resendDelayMs: number): boolean {
  if (alert.phase === 'pending') return false;
  if (alert.resolvedAtMs > alert.lastSentMs) return true;
  return alert.lastSentMs + resendDelayMs < nowMs;
}

/**
 * After a restart: an alert that was active before is taken to have been active through the gap, unless the gap was
 * longer than `outageToleranceMs`. With little of its `for` left it gets at least `graceMs`, so that a server that
 * was down does not fire everything at once.
 */
export function restoreAlert(
  alert: Alert,
  was: { readonly activeAtMs: number; readonly lastSeenMs: number },
  nowMs: number,
  forMs: number,
  graceMs: number,
): Alert {
  const pendingMs = was.lastSeenMs - was.activeAtMs;
  if (pendingMs >= forMs) return { ...alert, activeAtMs: was.activeAtMs };
  const remainingMs = forMs - pendingMs;
  if (remainingMs < graceMs) return { ...alert, activeAtMs: nowMs + graceMs - forMs };
  return { ...alert, activeAtMs: was.activeAtMs + (nowMs - was.lastSeenMs) };
}
