// The people of the town: each has a name, a phone, a street and a favourite pizza.

import { type Random, randomOf } from './random.ts';

export interface Guest {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email?: string;
  readonly favourite: string;
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
/** What the town likes, most loved first. */
const TASTES: readonly (readonly [string, number])[] = [
  ['Margherita', 28],
  ['Pepperoni', 22],
  ['Diavola', 13],
  ['Quattro Formaggi', 11],
  ['Prosciutto e Funghi', 10],
  ['Capricciosa', 7],
  ['Ortolana', 6],
  ['Marinara', 3],
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
    favourite: favouriteOf(random),
  };
}

function favouriteOf(random: Random): string {
  let left = random.next() * TASTES.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [pizza, weight] of TASTES) if ((left -= weight) < 0) return pizza;
  return TASTES[0]![0];
}
