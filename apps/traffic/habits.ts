// What a guest always does: the same size, the same extra, the same way to pay, and how long they wait for a pizza.

import type { Random } from './random.ts';

export interface Habits {
  /** Name on the menu. */
  readonly favourite: string;
  /** How often it is the favourite and nothing else, 0 to 1. */
  readonly loyalty: number;
  readonly size: 'small' | 'medium' | 'large';
  readonly paymentMethod: 'card' | 'cash';
  /** Likes an extra topping on it. */
  readonly likesExtras: boolean;
  /** After so many simulated minutes without an oven the guest gives up and cancels. */
  readonly patienceMinutes: number;
  /** Comes for lunch, for dinner, or whenever. */
  readonly meal: 'lunch' | 'dinner' | 'any';
}

const SIZES = ['small', 'medium', 'medium', 'large'] as const;
const MEALS = ['lunch', 'dinner', 'dinner', 'any'] as const;
/** Nobody leaves within the promised 45 minutes; who is hungry leaves soon after, who is friendly waits for hours. */
const PATIENCE_MINUTES = [60, 180] as const;
const CARD_SHARE = 0.75;
const EXTRAS_SHARE = 0.35;

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

export function habitsOf(random: Random): Habits {
  return {
    favourite: tasteOf(random),
    loyalty: 0.4 + random.next() * 0.6,
    size: random.pick(SIZES),
    paymentMethod: random.chance(CARD_SHARE) ? 'card' : 'cash',
    likesExtras: random.chance(EXTRAS_SHARE),
    patienceMinutes: random.whole(...PATIENCE_MINUTES),
    meal: random.pick(MEALS),
  };
}

export function tasteOf(random: Random): string {
  let left = random.next() * TASTES.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [pizza, weight] of TASTES) if ((left -= weight) < 0) return pizza;
  return TASTES[0]![0];
}

/** Which meal it is at this hour of the day; between the meals it is any. */
export function mealAt(hour: number): Habits['meal'] {
  if (hour >= 11 && hour < 15) return 'lunch';
  return hour >= 17 && hour < 23 ? 'dinner' : 'any';
}
