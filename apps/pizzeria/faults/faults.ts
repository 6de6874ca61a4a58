// The faults of one pizzeria: its switches, the flags that ask for them, and what acts inside of the process.

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Clock } from '../application/clock.ts';
import type { Hindrances } from '../application/hindrances.ts';
import { CpuBurn } from './cpu-burn.ts';
import type { FaultName } from './fault-catalogue.ts';
import { type FlagEvaluation, Flags } from './flags.ts';
import { MemoryLeak } from './memory-leak.ts';
import { type FaultSetting, type FaultState, Switchboard } from './switchboard.ts';

export interface FaultsParts {
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Puts an evaluation on the span where the fault acts. */
  readonly noteFlag: (evaluation: FlagEvaluation) => void;
}

const MS_PER_S = 1_000;

export class Faults {
  readonly hindrances: Hindrances;
  readonly #switchboard: Switchboard;
  readonly #flags: Flags;
  readonly #leak = new MemoryLeak();
  readonly #burn = new CpuBurn();

  constructor({ clock, logger, noteFlag }: FaultsParts) {
    this.#switchboard = new Switchboard(clock);
    this.#flags = new Flags(this.#switchboard, noteFlag);
    this.hindrances = hindrancesOf(this.#flags);
    this.#switchboard.onChange(({ name, on, value, unit, untilMs }) => {
      if (name === 'memory-leak' && !on) this.#leak.release();
      const until = untilMs === null ? {} : { until: new Date(untilMs).toISOString() };
      if (on) logger.warn({ fault: name, value, unit, ...until }, 'a fault was switched on');
      else logger.warn({ fault: name }, 'a fault was switched off');
    });
  }

  list(): readonly FaultState[] {
    return this.#switchboard.list();
  }

  /** Throws the rule `fault-value-in-range` for a value or a time that cannot be. */
  set(name: FaultName, setting: FaultSetting): FaultState {
    return this.#switchboard.set(name, setting);
  }

  allOff(): void {
    this.#switchboard.allOff();
  }

  /** How long a slow statement waits; for `slowDialect`. */
  statementDelayMs(): number | Promise<number> {
    return this.#flags.strengthOf('slow-database');
  }

  /** Lets requests burn and leak; called on the root before the apps are registered. */
  hinderRequests(app: FastifyInstance): void {
    // With a callback: a promise for each request would be a price for a house in which nothing goes wrong.
    app.addHook('preHandler', (request, _reply, done) => {
      const percent = this.#flags.strengthOf('cpu-burn');
      const changes = request.method !== 'GET' && request.method !== 'HEAD';
      const mib = changes ? this.#flags.strengthOf('memory-leak') : 0;
      if (percent === 0 && mib === 0) done();
      else this.#hinder(percent, mib).then(() => done(), done);
    });
  }

  async #hinder(percent: number | Promise<number>, mib: number | Promise<number>): Promise<void> {
    const [share, leaked] = await Promise.all([percent, mib]);
    if (share > 0) this.#burn.burn(this.#burn.sliceMs(share));
    if (leaked > 0) this.#leak.leak(leaked);
  }

  /** Ends every fault and frees what they hold. */
  close(): void {
    this.allOff();
    this.#leak.release();
  }
}

function hindrancesOf(flags: Flags): Hindrances {
  const seconds = (name: FaultName, subject: string) => {
    const value = flags.strengthOf(name, subject);
    return typeof value === 'number' ? value * MS_PER_S : value.then((s) => s * MS_PER_S);
  };
  const acts = (name: FaultName, subject?: string) => {
    const value = flags.strengthOf(name, subject);
    return typeof value === 'number' ? value > 0 : value.then((strength) => strength > 0);
  };
  return {
    bakingMs: (orderId) => seconds('slow-oven', orderId),
    drivingMs: (orderId) => seconds('slow-delivery', orderId),
    holdsEvents: () => acts('event-backlog'),
    breaksMenuCache: () => acts('menu-cache-failing'),
    isNotReady: () => acts('failing-readiness'),
    declinesPayment: (orderId) => acts('payment-failing', orderId),
    cutsPayment: (orderId) => acts('payment-unreachable', orderId),
  };
}
