// The manager: looks at the boards and the numbers from time to time.

import type { Pace } from './pace.ts';
import type { PizzeriaClient } from './pizzeria-client.ts';

const ROUND_MS = 10_000;
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

export async function manage(client: PizzeriaClient, pace: Pace): Promise<void> {
  // The wall screen of the kitchen: one stream for the whole day, opened again when it ends.
  const screen = (async () => {
    while (await pace.wait(1_000)) await client.watch('/api/orders/events', 60_000);
  })();
  do {
    for (const path of PATHS) await client.get(path);
  } while (await pace.wait(ROUND_MS));
  await screen;
}
