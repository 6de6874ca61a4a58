// The switches of the faults: which is on, how strong, since when and until when. They live as long as the process.

import type { Clock } from '../application/clock.ts';
import { requireRule } from '../domain/business-rule.ts';
import { FAULT_NAMES, FAULTS, type FaultDefinition, type FaultName } from './fault-catalogue.ts';

/** Longer than any exercise; what nobody switches off ends by itself when a time is given. */
export const FAULT_SECONDS_MAX = 24 * 60 * 60;

export interface FaultSetting {
  readonly on: boolean;
  /** In the fault's unit; its default when absent. */
  readonly value?: number | undefined;
  /** Switches itself off after so long. */
  readonly forSeconds?: number | undefined;
}

export interface FaultState extends FaultDefinition {
  readonly name: FaultName;
  readonly on: boolean;
  readonly value: number;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

interface Switch {
  readonly value: number;
  readonly sinceMs: number;
  readonly untilMs: number | null;
}

export class Switchboard {
  readonly #clock: Clock;
  readonly #on = new Map<FaultName, Switch>();
  readonly #listeners = new Set<(state: FaultState) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Told of every change, also of a fault that ended by itself (when somebody next asks for it). */
  onChange(listener: (state: FaultState) => void): void {
    this.#listeners.add(listener);
  }

  /** Throws the rule `fault-value-in-range` and changes nothing when the value or the time cannot be. */
  set(name: FaultName, setting: FaultSetting): FaultState {
    const { min, max, unit, default: usual }: FaultDefinition = FAULTS[name];
    const { on, value = usual, forSeconds } = setting;
    requireRule(
      Number.isFinite(value) && value >= min && value <= max,
      'fault-value-in-range',
      `${name} takes a value from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}, not ${value}.`,
    );
    requireRule(
      forSeconds === undefined || (forSeconds > 0 && forSeconds <= FAULT_SECONDS_MAX),
      'fault-value-in-range',
      `forSeconds must be more than 0 and at most ${FAULT_SECONDS_MAX}.`,
    );
    const nowMs = this.#clock.nowMs();
    const before = this.#on.get(name);
    if (on) {
      const untilMs = forSeconds === undefined ? null : nowMs + forSeconds * 1000;
      this.#on.set(name, { value, sinceMs: before?.sinceMs ?? nowMs, untilMs });
    } else {
      this.#on.delete(name);
    }
    const state = this.state(name);
    if (on || before !== undefined) for (const listener of this.#listeners) listener(state);
    return state;
  }

  allOff(): void {
    for (const name of this.#on.keys()) this.set(name, { on: false });
  }

  /** The value of a fault that is on, otherwise 0. One look into an empty map while nothing is on. */
  valueOf(name: FaultName): number {
    if (this.#on.size === 0) return 0;
    const entry = this.#on.get(name);
    if (entry === undefined) return 0;
    if (entry.untilMs === null || this.#clock.nowMs() < entry.untilMs) return entry.value;
    this.set(name, { on: false });
    return 0;
  }

  state(name: FaultName): FaultState {
    const value = this.valueOf(name);
    const entry = this.#on.get(name);
    const definition: FaultDefinition = FAULTS[name];
    return {
      name,
      ...definition,
      on: value > 0,
      value: value > 0 ? value : definition.default,
      sinceMs: entry?.sinceMs ?? null,
      untilMs: entry?.untilMs ?? null,
    };
  }

  list(): readonly FaultState[] {
    return FAULT_NAMES.map((name) => this.state(name));
  }
}
