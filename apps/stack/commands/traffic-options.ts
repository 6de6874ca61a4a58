/** The flags of the simulated world, for `mario traffic` and `mario up`. */
import type { ClientLogin } from '@mario/traffic';
import { CommandFailure } from '../command.ts';
import { wholeNumber } from '../options.ts';

export interface WorldFlags {
  /** Orders a simulated minute. */
  readonly ordersPerMinute: number;
  readonly speed: number;
  readonly seed: number;
  /** Seed of the day of faults; undefined for a day without. */
  readonly faultsSeed: number | undefined;
  readonly login: ClientLogin | undefined;
  readonly browsersMax: number;
}

/** Orders a minute as one sees them on the wall clock. */
const ORDERS_PER_MINUTE = '30';
/** A browser is a page's telemetry and a few numbers: this many tell enough, and cost a hundredth of a core. */
const BROWSERS = '25';
/** Two seconds are a minute: a pizza takes ten seconds and a day three quarters of an hour, so that dashboards move. */
export const WORLD_SPEED = '30';

export const WORLD_FLAGS = {
  rate: { type: 'string' },
  speed: { type: 'string' },
  seed: { type: 'string' },
  faults: { type: 'string' },
  login: { type: 'string' },
  browsers: { type: 'string' },
} as const;

export const WORLD_OPTION_ROWS = [
  ['--rate N', `orders a minute of the real clock (${ORDERS_PER_MINUTE})`],
  ['--speed N', `the simulated day runs N times as fast; 60 runs an hour in a minute (${WORLD_SPEED})`],
  ['--seed N', 'the same seed gives the same day (1)'],
  ['--faults seed=N', 'ten faults in the course of a day, the same for the same seed; needs --speed 60 or less'],
  ['--browsers N', `so many customers at a time come with a browser whose pages report how they do (${BROWSERS})`],
  ['--login ID:SECRET', 'of the staff, where the pizzeria asks who they are (environment: MARIO_LOGIN)'],
] as const;

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Throws CommandFailure naming the flag for a value that cannot be. */
export function worldFlags(own: Values): WorldFlags {
  const speed = wholeNumber('speed', own.speed ?? WORLD_SPEED, 1, 3_600);
  return {
    ordersPerMinute: rateOf(own.rate ?? ORDERS_PER_MINUTE) / speed,
    speed,
    seed: wholeNumber('seed', own.seed ?? '1', 0, 2 ** 31),
    faultsSeed: faultsSeedOf(own.faults, speed),
    login: loginOf(own.login),
    browsersMax: wholeNumber('browsers', own.browsers ?? BROWSERS, 0, 1_000),
  };
}

/** The same flags for a process that `mario up` starts. */
export function formatWorldFlags(own: Values): string[] {
  return Object.keys(WORLD_FLAGS).flatMap((flag) =>
    typeof own[flag] === 'string' && flag !== 'login' ? [`--${flag}`, own[flag]] : [],
  );
}

function rateOf(text: string | boolean): number {
  const rate = Number(text);
  if (typeof text === 'string' && rate > 0 && rate <= 60_000) return rate;
  throw new CommandFailure(`--rate must be a number of orders a minute from above 0 to 60000, is ${String(text)}`, 2);
}

function faultsSeedOf(text: string | boolean | undefined, speed: number): number | undefined {
  if (text === undefined) return undefined;
  const seed = /^seed=(\d{1,10})$/.exec(String(text))?.[1];
  if (seed === undefined) throw new CommandFailure(`--faults must be seed=N, is ${String(text)}`, 2);
  if (speed > 60) {
    throw new CommandFailure(`--faults needs 24 minutes for a day, so --speed may be 60 at most, is ${speed}`, 2);
  }
  return wholeNumber('faults seed=', seed, 0, 2 ** 31);
}

function loginOf(text: string | boolean | undefined): ClientLogin | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const [, id, secret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) throw new CommandFailure('--login must be ID:SECRET', 2);
  return { id, secret };
}
