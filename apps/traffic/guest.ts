// The people of the town: each has a name, a phone, a street, and habits. Every name is made up.

import { type Habits, habitsOf, mealAt } from './habits.ts';
import { type Random, randomOf } from './random.ts';

export interface Guest {
  /** Their number in town. */
  readonly number: number;
  readonly contact: Contact;
  /** Undefined for those who never tell a shop more than it must know. */
  readonly account: GuestAccount | undefined;
  readonly habits: Habits;
}

/** What a box needs to find its way. */
export interface Contact {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email?: string;
}

export interface GuestAccount {
  readonly login: string;
  readonly password: string;
  /** By what they order: with a browser, or with a program that shows a token. */
  readonly by: 'pages' | 'program';
}

const FIRST_NAMES = [
  'Ada',
  'Bruno',
  'Carla',
  'Dario',
  'Elena',
  'Fabio',
  'Gina',
  'Hugo',
  'Ines',
  'Jonas',
  'Kim',
  'Luca',
];
const LAST_NAMES = [
  'Bianchi',
  'Conti',
  'Esposito',
  'Ferrari',
  'Greco',
  'Lombardi',
  'Marino',
  'Ricci',
  'Russo',
  'Villa',
];
const STREETS = [
  'Via Toledo',
  'Via Roma',
  'Corso Umberto',
  'Harbour Lane',
  'Mill Street',
  'Station Road',
  'Park Avenue',
];
/** So many have an account, and so many of these use a program. */
const ACCOUNT_SHARE = 0.6;
const PROGRAM_SHARE = 0.08;
/** Long enough for any house; nobody but the seed knows it, and nobody real lives behind it. */
const PASSWORD_PARTS = 4;

/** The guest with this number; always the same one for the same seed. The phone is from a range kept for fiction. */
export function guestOf(seed: number, number: number): Guest {
  const random = randomOf(seed, 1_000_000 + number);
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  const contact = {
    name: `${first} ${last}`,
    phone: `+1 555 01${String(number % 100_000).padStart(5, '0')}`,
    address: addressOf(random),
    ...(random.chance(0.4) && { email: `${first}.${last}${number}@example.com`.toLowerCase() }),
  };
  const habits = habitsOf(random);
  // The town of another seed has other people, so they have other logins.
  const login = `${first}.${last}.${seed}.${number}`.toLowerCase();
  return { number, contact, account: accountOf(random, login), habits };
}

/** Everybody but those whose program talks to the house for them. */
export function seesPages({ account }: Guest): boolean {
  return account?.by !== 'program';
}

export function addressOf(random: Random): string {
  return `${random.whole(1, 180)} ${random.pick(STREETS)}`;
}

function accountOf(random: Random, login: string): GuestAccount | undefined {
  if (!random.chance(ACCOUNT_SHARE)) return undefined;
  const parts = Array.from({ length: PASSWORD_PARTS }, () => random.whole(0, 0xffff_ffff).toString(36));
  return { login, password: parts.join(' '), by: random.chance(PROGRAM_SHARE) ? 'program' : 'pages' };
}

/** New in town are so many of those who order. */
const NEW_SHARE = 0.35;
/** Looks through the known guests for somebody whose meal it is; then whoever is hungry comes. */
const LOOKS = 4;

/** Who comes now. A person who comes back has a number below the newest one, and mostly comes for the usual meal. */
export function guestFor(seed: number, random: Random, newest: number, hour: number): { guest: Guest; isNew: boolean } {
  if (newest === 0 || random.chance(NEW_SHARE)) return { guest: guestOf(seed, newest), isNew: true };
  const meal = mealAt(hour);
  let guest = guestOf(seed, random.whole(0, newest - 1));
  for (let look = 1; look < LOOKS && meal !== 'any' && !eatsAt(guest, meal); look += 1) {
    guest = guestOf(seed, random.whole(0, newest - 1));
  }
  return { guest, isNew: false };
}

function eatsAt({ habits }: Guest, meal: Habits['meal']): boolean {
  return habits.meal === 'any' || habits.meal === meal;
}
