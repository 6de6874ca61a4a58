// Mario's Pizzeria as one function: opens the database, the application and its three web apps on one address.

import type { AddressInfo } from 'node:net';
import type { Telemetry } from '@mario/instrumentation';
import { type Clock, SYSTEM_CLOCK } from './application/clock.ts';
import type { PaymentProvider } from './application/payment.ts';
import { openPizzeria } from './application/pizzeria.ts';
import { openDatabase } from './infrastructure/database.ts';
import { HttpPayment } from './infrastructure/http-payment.ts';
import { localPayment } from './infrastructure/local-payment.ts';
import type { Instruments } from './main/instruments.ts';
import { rootApp } from './main/root-app.ts';

export type { Instruments } from './main/instruments.ts';
export { QUIET_INSTRUMENTS } from './main/quiet-instruments.ts';

export interface PizzeriaOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the SQLite file; without it nothing is kept. */
  readonly dataDir?: string | undefined;
  /** PostgreSQL instead of SQLite: `postgresql://user:password@host:port/name`. */
  readonly databaseUrl?: string | undefined;
  /** Configured already; otherwise it is configured here, from OTEL_*, and shut down on close. */
  readonly telemetry?: Telemetry;
  /** Instead of telemetry: `QUIET_INSTRUMENTS` measures nothing. */
  readonly instruments?: Instruments;
  /** The payment provider's address (`http://host:port`); without it every card is accepted here. */
  readonly paymentUrl?: string | undefined;
  /** Instead of `paymentUrl`. */
  readonly payment?: PaymentProvider;
  readonly clock?: Clock;
}

export interface RunningPizzeria {
  /** `http://host:port` */
  readonly address: string;
  /** Finishes the requests in work, then the events, then closes the database. Closing twice is harmless. */
  close(): Promise<void>;
}

/** As in the telemetry, unless OTEL_SERVICE_NAME says otherwise. */
export const PIZZERIA_SERVICE_NAME = 'mario-pizzeria';
export const PIZZERIA_VERSION = '0.1.0';

/** Resolves when customers can order. Throws when the port is taken or the database cannot be opened. */
export async function startPizzeria(options: PizzeriaOptions): Promise<RunningPizzeria> {
  const { instruments, release } = await prepareInstruments(options);
  try {
    const house = await openHouse(options, instruments);
    let closing: Promise<void> | undefined;
    return {
      address: house.address,
      close: () => {
        closing ??= house.close().finally(release);
        return closing;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Prepared {
  readonly instruments: Instruments;
  /** Ends what was begun here. */
  readonly release: () => Promise<void>;
}

async function prepareInstruments(options: PizzeriaOptions): Promise<Prepared> {
  if (options.instruments !== undefined) return { instruments: options.instruments, release: async () => {} };
  // Loaded only when wanted: the OpenTelemetry SDK is the larger half of a start.
  const { pizzeriaInstruments } = await import('./main/pizzeria-instruments.ts');
  const { configureTelemetry } = await import('@mario/instrumentation');
  const given = options.telemetry;
  const telemetry =
    given ?? configureTelemetry({ serviceName: PIZZERIA_SERVICE_NAME, serviceVersion: PIZZERIA_VERSION });
  return {
    instruments: pizzeriaInstruments(telemetry),
    release: async () => {
      if (given === undefined) await telemetry.shutdown();
    },
  };
}

async function openHouse(options: PizzeriaOptions, instruments: Instruments): Promise<RunningPizzeria> {
  const { logger } = instruments;
  const database = await openDatabase({
    dataDir: options.dataDir ?? ':memory:',
    databaseUrl: options.databaseUrl,
    ...(instruments.instrumentDialect && { instrument: instruments.instrumentDialect }),
    onConnectionError: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
  const pizzeria = openPizzeria({
    database,
    payment: instruments.measurePayment(paymentOf(options)),
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
    return {
      address: addressOf(options.host, app.server.address()),
      close: async () => {
        stopWatching();
        await app.close();
        await pizzeria.stop();
      },
    };
  } catch (error) {
    await pizzeria.stop();
    throw error;
  }
}

function paymentOf({ payment, paymentUrl, clock }: PizzeriaOptions): PaymentProvider {
  if (payment !== undefined) return payment;
  if (paymentUrl === undefined || paymentUrl === '') return localPayment;
  if (!/^https?:/.test(URL.parse(paymentUrl)?.protocol ?? '')) {
    throw new Error('PAYMENT_URL must be the http:// or https:// address of the payment provider.');
  }
  return new HttpPayment(paymentUrl, clock ?? SYSTEM_CLOCK);
}

function addressOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
