/** Alerts and silences in the shapes of Alertmanager's API v2. */
import { compareStrings, type Labels } from '../../model/labels.ts';
import type { NotifyAlert } from '../alert.ts';
import type { AlertStatus } from '../alertmanager.ts';
import { type Silence, silenceState } from '../silence.ts';

/** `2026-11-22T19:08:26.004Z`: always three decimals, unlike in messages. */
export function apiTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Keys in the order in which the real one writes them. */
export function alertJson(alert: NotifyAlert, status: AlertStatus, receivers: readonly string[]) {
  return {
    annotations: sortedObject(alert.annotations),
    endsAt: apiTime(alert.endsAtMs),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: apiTime(alert.startsAtMs),
    status: {
      inhibitedBy: status.inhibitedBy,
      mutedBy: [],
      silencedBy: status.silencedBy,
      state: status.state,
    },
    updatedAt: apiTime(alert.updatedAtMs),
    ...(alert.generatorURL === '' ? {} : { generatorURL: alert.generatorURL }),
    labels: labelsJson(alert.labels),
  };
}

export function labelsJson(labels: Labels): Readonly<Record<string, string>> {
  return labels.toObject();
}

export function silenceJson(silence: Silence, nowMs: number) {
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: apiTime(silence.updatedAtMs),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: apiTime(silence.endsAtMs),
    matchers: silence.matchers.map(({ name, operator, value }) => ({
      isEqual: operator === '=' || operator === '=~',
      isRegex: operator.includes('~'),
      name,
      value,
    })),
    startsAt: apiTime(silence.startsAtMs),
  };
}

function sortedObject(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareStrings(a, b)));
}
