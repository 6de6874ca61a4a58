// The manager: looks at the boards and the numbers from time to time.

import type { Pace } from './pace.ts';
import type { PizzeriaApi } from './pizzeria-client.ts';

/** In simulated milliseconds. */
const ROUND_MS = 300_000;
const SCREEN_PAUSE_MS = 30_000;
/** Real: the wall screen's stream is a socket, and a socket knows no faster day. */
const SCREEN_REAL_MS = 60_000;
const PATHS = [
  '/kitchen',
  '/kitchen/board',
  '/delivery',
  '/delivery/board',
  '/api/kitchen/',
  '/api/deliveries/',
  '/api/statistics/',
  '/api/statistics/sales',
  '/today',
  '/api/docs/json',
  '/health',
  '/ready',
];

export async function manage(client: PizzeriaApi, pace: Pace): Promise<void> {
  // The wall screen of the kitchen: one stream for the whole day, opened again when it ends.
  const screen = (async () => {
    while (await pace.wait(SCREEN_PAUSE_MS)) await client.watch('/api/orders/events', SCREEN_REAL_MS);
  })();
  do {
    for (const path of PATHS) await client.get(path);
  } while (await pace.wait(ROUND_MS));
  await screen;
}
