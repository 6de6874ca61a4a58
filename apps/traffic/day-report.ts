// Compares what fired with what should have: each fault's own alert must fire while it is on (or right after), and every
// alert that fires must be some fault's alert or a consequence that the fault names.

import type { FaultSlot } from './fault-schedule.ts';

/** An alert that fired, in milliseconds since the beginning of the day. */
export interface Firing {
  readonly alert: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What the pizzeria says of a fault (`GET /api/faults/`). */
export interface KnownFault {
  readonly name: string;
  readonly alert: string;
  readonly consequences: readonly string[];
}

export interface FaultOutcome {
  readonly fault: string;
  readonly alert: string;
  readonly onMs: number;
  readonly offMs: number;
  /** Milliseconds from switching on to firing; null when it did not fire. */
  readonly firedAfterMs: number | null;
}

export interface DayReport {
  readonly seed: number;
  readonly faults: readonly FaultOutcome[];
  /** Alerts that fired as a consequence that a fault names. */
  readonly consequences: readonly Firing[];
  /** Alerts that nothing explains. */
  readonly unexpected: readonly Firing[];
  /** True when each alert that should fire fired and none other did. */
  readonly asExpected: boolean;
}

/** A rule is evaluated every 15 s and asked for every 5 s: firing may be seen so long after the fault has ended. */
const LATE_MS = 60_000;
/** Windows of up to ten minutes still hold the damage after a fault has ended. */
const AFTERMATH_MS = 12 * 60_000;

export function reportOf(
  seed: number,
  slots: readonly FaultSlot[],
  known: readonly KnownFault[],
  firings: readonly Firing[],
): DayReport {
  const definitions = new Map(known.map((fault) => [fault.name, fault]));
  const faults = slots.map(({ name, fromMs, untilMs }) => {
    const alert = definitions.get(name)?.alert ?? '';
    const firing = firings.find((each) => each.alert === alert && overlaps(each, fromMs, untilMs + LATE_MS));
    const firedAfterMs = firing === undefined ? null : Math.max(0, firing.fromMs - fromMs);
    return { fault: name, alert, onMs: fromMs, offMs: untilMs, firedAfterMs };
  });
  const explainedBy = (firing: Firing, alertsOf: (fault: KnownFault) => readonly string[]) =>
    slots.some(({ name, fromMs, untilMs }) => {
      const fault = definitions.get(name);
      return fault !== undefined && alertsOf(fault).includes(firing.alert) && starts(firing, fromMs, untilMs);
    });
  const others = firings.filter((firing) => !explainedBy(firing, ({ alert }) => [alert]));
  const consequences = others.filter((firing) => explainedBy(firing, (fault) => fault.consequences));
  const unexpected = others.filter((firing) => !consequences.includes(firing));
  const asExpected = unexpected.length === 0 && faults.every(({ firedAfterMs }) => firedAfterMs !== null);
  return { seed, faults, consequences, unexpected, asExpected };
}

function overlaps({ fromMs, untilMs }: Firing, from: number, until: number): boolean {
  return fromMs <= until && untilMs >= from;
}

function starts({ fromMs }: Firing, from: number, until: number): boolean {
  return fromMs >= from && fromMs <= until + AFTERMATH_MS;
}

/** For people, in the order of the day. */
export function formatReport({ seed, faults, consequences, unexpected, asExpected }: DayReport): string {
  const rows = faults.map(({ fault, alert, onMs, offMs, firedAfterMs }) => {
    const fired = firedAfterMs === null ? 'DID NOT FIRE' : `fired after ${clock(firedAfterMs)}`;
    return `  ${clock(onMs)}–${clock(offMs)}  ${fault.padEnd(20)} ${alert.padEnd(27)} ${fired}\n`;
  });
  const line = ({ alert, fromMs, untilMs }: Firing) => `  ${clock(fromMs)}–${clock(untilMs)}  ${alert}\n`;
  return [
    `A day of faults, seed ${seed}\n`,
    ...rows,
    consequences.length > 0 ? 'Consequences that a fault names\n' : '',
    ...consequences.map(line),
    unexpected.length > 0 ? 'Unexpected\n' : '',
    ...unexpected.map(line),
    asExpected ? 'Each alert that should fire fired, and none other did.\n' : 'The day was not as expected.\n',
  ].join('');
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
