// Slows down whoever guesses passwords: so many failures per login and per address, then a pause.
//
// Successes are not counted, so a busy office behind one address never notices.

import type { Clock } from '../clock.ts';
import { TooManyAttempts } from '../failure.ts';

/** Ten guesses a quarter of an hour for one login: a year of them is a third of a million. */
const LOGIN_FAILURES_MAX = 10;
/** An address may be many people. */
const ADDRESS_FAILURES_MAX = 100;
const WINDOW_MS = 15 * 60_000;
/** Keys remembered; an attacker with more addresses than this is not stopped by remembering them. */
const KEYS_MAX = 10_000;

interface Failures {
  count: number;
  readonly untilMs: number;
}

export class LoginGuard {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `TooManyAttempts` before a password is even looked at. */
  requireRoom(login: string, address: string): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, max] of keysOf(login, address)) {
      const failures = this.#failures.get(key);
      if (failures === undefined) continue;
      if (failures.untilMs <= nowMs) this.#failures.delete(key);
      else if (failures.count >= max) throw new TooManyAttempts(Math.ceil((failures.untilMs - nowMs) / 1000));
    }
  }

  noteFailure(login: string, address: string): void {
    const nowMs = this.#clock.nowMs();
    for (const [key] of keysOf(login, address)) {
      const failures = this.#failures.get(key);
      if (failures !== undefined && failures.untilMs > nowMs) {
        failures.count += 1;
        continue;
      }
      // The oldest window is nearly over anyway.
      if (this.#failures.size >= KEYS_MAX) this.#failures.delete(this.#failures.keys().next().value!);
      this.#failures.delete(key);
      this.#failures.set(key, { count: 1, untilMs: nowMs + WINDOW_MS });
    }
  }
}

function keysOf(login: string, address: string): readonly (readonly [string, number])[] {
  return [
    [`login ${login}`, LOGIN_FAILURES_MAX],
    [`address ${address}`, ADDRESS_FAILURES_MAX],
  ];
}
