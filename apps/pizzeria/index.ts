// Mario's Pizzeria as one function: opens the database, the application and its three web apps on one address.

import type { AddressInfo } from 'node:net';
import type { Clock } from './application/clock.ts';
import type { PaymentProvider } from './application/payment.ts';
import { openPizzeria } from './application/pizzeria.ts';
import { openDatabase } from './infrastructure/database.ts';
import { localPayment } from './infrastructure/local-payment.ts';
import type { Instruments } from './main/instruments.ts';
import { QUIET_INSTRUMENTS } from './main/quiet-instruments.ts';
import { rootApp } from './main/root-app.ts';

export type { Instruments } from './main/instruments.ts';
export { PIZZERIA_VERSION, pizzeriaInstruments } from './main/pizzeria-instruments.ts';

export interface PizzeriaOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the SQLite file, `:memory:` to keep nothing. */
  readonly dataDir: string;
  /** PostgreSQL instead of SQLite: `postgresql://user:password@host:port/name`. */
  readonly databaseUrl?: string | undefined;
  /** Without it nothing is measured and `/api/metrics` is not there. */
  readonly instruments?: Instruments;
  readonly payment?: PaymentProvider;
  readonly clock?: Clock;
}

export interface RunningPizzeria {
  /** `http://host:port` */
  readonly address: string;
  /** Finishes the requests in work, then the events, then closes the database. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Resolves when customers can order. Throws when the port is taken or the database cannot be opened. */
export async function startPizzeria(options: PizzeriaOptions): Promise<RunningPizzeria> {
  const instruments = options.instruments ?? QUIET_INSTRUMENTS;
  const { logger } = instruments;
  const database = await openDatabase({
    dataDir: options.dataDir,
    databaseUrl: options.databaseUrl,
    ...(instruments.instrumentDialect && { instrument: instruments.instrumentDialect }),
    onConnectionError: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
  const pizzeria = openPizzeria({
    database,
    payment: instruments.measurePayment(options.payment ?? localPayment),
    observer: instruments.observer,
    reactions: instruments.reactions,
    ...(options.clock && { clock: options.clock }),
    onEventFailure: (envelope, error, parked) =>
      logger.error({ err: error, event: envelope?.event.type, eventId: envelope?.id, parked }, 'event not handled'),
    onHousekeepingFailure: (error) => logger.error({ err: error }, 'housekeeping failed'),
  });
  try {
    const app = await rootApp(pizzeria, instruments);
    await app.listen({ host: options.host, port: options.port });
    pizzeria.start();
    const stopWatching = await instruments.watchDatabase(database);
    let closing: Promise<void> | undefined;
    return {
      address: addressOf(options.host, app.server.address()),
      close: () => {
        closing ??= (async () => {
          stopWatching();
          await app.close();
          await pizzeria.stop();
        })();
        return closing;
      },
    };
  } catch (error) {
    await pizzeria.stop();
    throw error;
  }
}

function addressOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
