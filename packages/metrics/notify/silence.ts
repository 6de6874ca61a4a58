/** A silence: alerts that it matches are not told while it lasts (silence.Silence of Alertmanager). */
import type { Labels } from '../model/labels.ts';
import { type AlertMatcher, compareMatchers, createMatcher, type MatcherOperator, matchesAll } from './matcher.ts';

export interface Silence {
  readonly id: string;
  readonly matchers: readonly AlertMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export function silenceState({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs < startsAtMs) return 'pending';
  return nowMs >= endsAtMs ? 'expired' : 'active';
}

export function isSilencing(silence: Silence, labels: Labels, nowMs: number): boolean {
  return silenceState(silence, nowMs) === 'active' && matchesAll(silence.matchers, labels);
}

/** Whether a change is the same silence going on; otherwise the old one ends and a new one begins. */
export function canUpdate(old: Silence, next: Silence, nowMs: number): boolean {
  if (!sameMatchers(old, next)) return false;
  switch (silenceState(old, nowMs)) {
    case 'active':
      return Math.floor(old.startsAtMs / 1000) === Math.floor(next.startsAtMs / 1000) && next.endsAtMs >= nowMs;
    case 'pending':
      return next.startsAtMs >= nowMs;
    case 'expired':
      return false;
  }
}

function sameMatchers(a: Silence, b: Silence): boolean {
  const text = ({ matchers }: Silence) =>
    JSON.stringify(matchers.toSorted(compareMatchers).map(({ name, operator, value }) => [name, operator, value]));
  return text(a) === text(b);
}

/** Active ones first, those that end soonest on top; then the coming ones; then the ended ones, the latest on top. */
export function compareSilences(a: Silence, b: Silence, nowMs: number): number {
  const order = { active: 0, pending: 1, expired: 2 } as const;
  const [stateA, stateB] = [silenceState(a, nowMs), silenceState(b, nowMs)];
  if (stateA !== stateB) return order[stateA] - order[stateB];
  if (stateA === 'pending') return a.startsAtMs - b.startsAtMs;
  return stateA === 'active' ? a.endsAtMs - b.endsAtMs : b.endsAtMs - a.endsAtMs;
}

/** As it is kept on disk. */
export interface StoredSilence extends Omit<Silence, 'matchers'> {
  readonly matchers: readonly (readonly [name: string, operator: MatcherOperator, value: string])[];
}

export function storeSilence(silence: Silence): StoredSilence {
  return {
    ...silence,
    matchers: silence.matchers.map(({ name, operator, value }) => [name, operator, value] as const),
  };
}

export function restoreSilence(stored: StoredSilence): Silence {
  return { ...stored, matchers: stored.matchers.map((matcher) => createMatcher(...matcher)) };
}
