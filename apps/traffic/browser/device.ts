// What people hold in their hands: how far it is from the pizzeria, and how fast it draws.

import type { Random } from '../random.ts';

export interface Device {
  readonly userAgent: string;
  readonly language: string;
  readonly roundTripMs: number;
  readonly bytesPerMs: number;
  /** So many times as long as a laptop takes for the same work. */
  readonly slowness: number;
}

/** Of a hundred: laptops, phones, and phones that should have been replaced. */
const KINDS = [
  {
    weight: 45,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36',
    roundTripMs: [8, 30],
    bytesPerMs: 3_000,
    slowness: 1,
  },
  {
    weight: 45,
    userAgent:
      'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36',
    roundTripMs: [30, 80],
    bytesPerMs: 900,
    slowness: 2.2,
  },
  {
    weight: 10,
    userAgent:
      'Mozilla/5.0 (Linux; Android 9; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
    roundTripMs: [80, 220],
    bytesPerMs: 250,
    slowness: 5.5,
  },
] as const;
const LANGUAGES = ['en-US', 'en-GB', 'it-IT', 'de-DE', 'fr-FR'] as const;

export function deviceOf(random: Random): Device {
  let left = random.next() * KINDS.reduce((sum, { weight }) => sum + weight, 0);
  const kind = KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0];
  const { userAgent, bytesPerMs, slowness } = kind;
  const [nearest, farthest] = kind.roundTripMs;
  return {
    ...{ userAgent, bytesPerMs, slowness },
    language: random.pick(LANGUAGES),
    roundTripMs: random.whole(nearest, farthest),
  };
}
