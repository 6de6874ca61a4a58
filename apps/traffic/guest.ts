// The people of the town: each has a name, a phone, a street, and habits. Every name is made up.

import { type Habits, habitsOf, mealAt } from './habits.ts';
import { type Random, randomOf } from './random.ts';

export interface Guest {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email?: string;
  readonly habits: Habits;
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
/** The guest with this number; always the same one for the same seed. The phone is from a range kept for fiction. */
export function guestOf(seed: number, number: number): Guest {
  const random = randomOf(seed, 1_000_000 + number);
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  return {
    name: `${first} ${last}`,
    phone: `+1 555 01${String(number % 100_000).padStart(5, '0')}`,
    address: `${random.whole(1, 180)} ${random.pick(STREETS)}`,
    ...(random.chance(0.4) && { email: `${first}.${last}${number}@example.com`.toLowerCase() }),
    habits: habitsOf(random),
  };
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
