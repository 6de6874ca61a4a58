// Switches one fault of the day on and off by the pizzeria's API, also while other faults keep it from answering.

import type { FaultSlot } from './fault-schedule.ts';
import type { PizzeriaApi } from './pizzeria-client.ts';
import type { TrafficLog } from './traffic-log.ts';

export interface FaultyHours {
  /** Real milliseconds since the beginning of the day. */
  sinceBegin(): number;
  /** Resolves after so many milliseconds, or earlier when the day is broken off. */
  pauseMs(ms: number): Promise<void>;
  readonly log: TrafficLog;
  readonly signal: AbortSignal;
}

/** The time limit ends the fault also when whoever switched it on is gone by then. */
export async function switchFault(slot: FaultSlot, client: Pick<PizzeriaApi, 'put'>, day: FaultyHours): Promise<void> {
  const { name, fromMs, untilMs, value } = slot;
  const { log, signal } = day;
  const url = `/api/faults/${name}`;
  await day.pauseMs(fromMs - day.sinceBegin());
  // No answer may mean a pizzeria that is too slow to give one; the fault is switched on as soon as it does.
  let status = 0;
  while (status === 0 && day.sinceBegin() < untilMs && !signal.aborted) {
    const forSeconds = Math.max(1, Math.round((untilMs - day.sinceBegin()) / 1000));
    ({ status } = await client.put(url, { on: true, forSeconds, ...(value && { value }) }));
    if (status === 200) log.info('a fault begins', { fault: name, forSeconds, value });
  }
  if (signal.aborted) return;
  if (status !== 200) log.warn('a fault could not be switched on', { fault: name, status });
  await day.pauseMs(untilMs - day.sinceBegin());
  await client.put(url, { on: false });
}
