// When which fault is on during a day: the same seed gives the same day of faults.
//
// Alerts live on the real clock, so a fault lasts as long as its alert needs, whatever the speed of the simulated day:
// the time until the damage shows, the alert's window, its `for`, and half a minute for two rounds of rules.

import { type Random, randomOf } from './random.ts';

export interface FaultSlot {
  readonly name: string;
  /** Real milliseconds after the beginning of the day. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** In the fault's unit; its default when absent. */
  readonly value?: number | undefined;
}

/** Real seconds for which each fault is on. */
const SECONDS: Readonly<Record<string, number>> = {
  'slow-oven': 450,
  'payment-failing': 330,
  'payment-unreachable': 240,
  'slow-database': 390,
  'menu-cache-failing': 300,
  'memory-leak': 330,
  'cpu-burn': 330,
  'event-backlog': 270,
  'failing-readiness': 240,
  'slow-delivery': 450,
};

/** One would hide what the other does. */
const APART: readonly (readonly [string, string])[] = [
  ['payment-failing', 'payment-unreachable'],
  // No paid orders, no queue before the ovens.
  ['payment-unreachable', 'slow-oven'],
  ['payment-failing', 'slow-oven'],
  // Both make everything slow; together they make everything stand still.
  ['cpu-burn', 'slow-database'],
  // Nothing is late at the door that never leaves the oven.
  ['slow-delivery', 'slow-oven'],
  // Punctuality is counted by the handlers of the events that do not arrive.
  ['slow-delivery', 'event-backlog'],
];

/** More at a time would be a catastrophe and no exercise. */
const AT_A_TIME_MAX = 3;
/** Before the first fault the rates need a history, after the last one the alerts a quiet end. */
const QUIET_START_MS = 120_000;
const QUIET_END_MS = 60_000;
const STEP_MS = 5_000;
/** Orders of faults that are tried until one fits; the usual seed needs one or two. */
const TRIES_MAX = 200;

/** In simulated seconds: so long that the ovens cannot keep up even in the night, and that no door is reached in time. */
const SLOW_SIMULATED_S: Readonly<Record<string, number>> = { 'slow-oven': 21_600, 'slow-delivery': 5_400 };

export const FAULTY_DAY_MS_MIN = 24 * 60_000;

/**
 * Places all faults in a day of so many real milliseconds. Throws when the day is shorter than 24 minutes, because then
 * there is no order in which every alert has its time.
 */
export function scheduleOf(seed: number, dayMs: number, speed: number): readonly FaultSlot[] {
  if (dayMs < FAULTY_DAY_MS_MIN)
    throw new Error('a day with every fault takes 24 minutes at least: --speed 60 or less');
  const random = randomOf(seed, 5);
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const slots = place(shuffled(Object.keys(SECONDS), random), speed);
    const lastMs = Math.max(...slots.map(({ untilMs }) => untilMs));
    if (lastMs <= FAULTY_DAY_MS_MIN - QUIET_END_MS) return spread(slots, dayMs);
  }
  throw new Error(`BUG: no order of the faults fits into a day for the seed ${seed}`);
}

/** Each fault as early as its neighbours allow. */
function place(names: readonly string[], speed: number): FaultSlot[] {
  const slots: FaultSlot[] = [];
  const waiting = [...names];
  for (let nowMs = QUIET_START_MS; waiting.length > 0; nowMs += STEP_MS) {
    const running = slots.filter((slot) => slot.untilMs > nowMs).map(({ name }) => name);
    if (running.length >= AT_A_TIME_MAX) continue;
    const next = waiting.findIndex((name) => running.every((other) => !areApart(name, other)));
    if (next < 0) continue;
    const [name] = waiting.splice(next, 1) as [string];
    const slow = SLOW_SIMULATED_S[name];
    slots.push({
      name,
      fromMs: nowMs,
      untilMs: nowMs + SECONDS[name]! * 1000,
      value: slow === undefined ? undefined : Math.max(1, Math.round(slow / speed)),
    });
  }
  return slots;
}

/** A slower day has longer pauses and the same faults. */
function spread(slots: readonly FaultSlot[], dayMs: number): readonly FaultSlot[] {
  const factor = dayMs / FAULTY_DAY_MS_MIN;
  return slots
    .map((slot) => {
      const fromMs = Math.round(slot.fromMs * factor);
      return { ...slot, fromMs, untilMs: fromMs + slot.untilMs - slot.fromMs };
    })
    .sort((left, right) => left.fromMs - right.fromMs);
}

function areApart(left: string, right: string): boolean {
  return APART.some((pair) => pair.includes(left) && pair.includes(right) && left !== right);
}

function shuffled(names: readonly string[], random: Random): string[] {
  const result = [...names];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = random.whole(0, at);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
