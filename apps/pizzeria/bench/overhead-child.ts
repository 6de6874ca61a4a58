/**
 * The pizzeria over SQLite in a folder of its own, with the telemetry that the first argument names: `off`, `stock` (set
 * up by what was preloaded, see bench/overhead/stock-telemetry.mjs) or `shipped`. Its log goes to the null device in all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configureTelemetry, type Telemetry } from '@mario/instrumentation';
import { pino } from 'pino';
import { type Instruments, PIZZERIA_SERVICE_NAME, QUIET_INSTRUMENTS, startPizzeria } from '../index.ts';
import { pizzeriaInstruments } from '../main/pizzeria-instruments.ts';

const destination = pino.destination({ dest: '/dev/null', sync: false });
let telemetry: Telemetry | undefined;
let instruments: Instruments = { ...QUIET_INSTRUMENTS, logger: pino(destination) };
if (process.argv[2] === 'shipped') {
  telemetry = configureTelemetry({ serviceName: PIZZERIA_SERVICE_NAME });
  instruments = pizzeriaInstruments(telemetry, { destination });
}

const dataDir = await mkdtemp(join(tmpdir(), 'mario-overhead-'));
const pizzeria = await startPizzeria({ host: '127.0.0.1', port: 0, dataDir, instruments });

async function stop(): Promise<void> {
  await pizzeria.close();
  await telemetry?.shutdown();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(0);
}

process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
process.send?.({ address: pizzeria.address });
