// The time that statistics look back over.

import { requireRule } from '../domain/business-rule.ts';

export const DAY_MS = 24 * 60 * 60_000;
/** Orders are kept for ever, but more than a quarter of a year is a question for a report. */
export const PERIOD_DAYS_MAX = 92;

export interface Period {
  /** Whole days back from now; 1 unless said. */
  readonly days?: number | undefined;
}

export function checkPeriod({ days }: Period): void {
  requireRule(
    days === undefined || (Number.isInteger(days) && days >= 1 && days <= PERIOD_DAYS_MAX),
    'period-valid',
    `The period is a whole number of days from 1 to ${PERIOD_DAYS_MAX}.`,
  );
}

/** The instant at which the period begins. */
export function sinceOf({ days = 1 }: Period, nowMs: number): number {
  return nowMs - days * DAY_MS;
}
