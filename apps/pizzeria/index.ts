// Mario's Pizzeria as one function: opens the database, the application and its three web apps on one address.

import type { AddressInfo } from 'node:net';
import type { Telemetry } from '@mario/instrumentation';
import { type Clock, SYSTEM_CLOCK } from './application/clock.ts';
import type { OidcProvider } from './application/identity/oidc.ts';
import type { PaymentProvider } from './application/payment.ts';
import { openPizzeria } from './application/pizzeria.ts';
import { Faults } from './faults/faults.ts';
import { hinderedPayment } from './faults/hindered-payment.ts';
import { slowDialect } from './faults/slow-dialect.ts';
import { argon2Password } from './infrastructure/argon2-password.ts';
import { openDatabase } from './infrastructure/database.ts';
import { HttpPayment } from './infrastructure/http-payment.ts';
import { localPayment } from './infrastructure/local-payment.ts';
import type { OpenIdSettings } from './infrastructure/openid-provider.ts';
import { accessPolicy, type IdentitySettings } from './main/identity-settings.ts';
import type { Instruments } from './main/instruments.ts';
import { rootApp } from './main/root-app.ts';

export { type IdentitySettings, identitySettings } from './main/identity-settings.ts';
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
  /** The collector's OTLP/HTTP address as browsers reach it; without it the pages send no telemetry. */
  readonly browserOtlpUrl?: string | undefined;
  /** Address of the dashboards as browsers reach it, for links from the pages; without it they have none. */
  readonly dashboardsUrl?: string | undefined;
  /** Folder of docs/, whose faults and runbooks are shown at /manage; without it the pages name the files. */
  readonly docsDir?: string | undefined;
  /** The payment provider's address (`http://host:port`); without it every card is accepted here. */
  readonly paymentUrl?: string | undefined;
  /** Instead of `paymentUrl`. */
  readonly payment?: PaymentProvider;
  readonly clock?: Clock;
  /** Accounts and limits; what is absent is as on a machine of one's own. */
  readonly identity?: IdentitySettings;
  /** The world around the house runs so many times as fast; promises to customers are as much shorter. 1 when absent. */
  readonly speed?: number | undefined;
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
    instruments: pizzeriaInstruments(
      telemetry,
      {},
      { otlpUrl: options.browserOtlpUrl, serviceVersion: PIZZERIA_VERSION },
      options.speed,
    ),
    release: async () => {
      if (given === undefined) await telemetry.shutdown();
    },
  };
}

async function openHouse(options: PizzeriaOptions, instruments: Instruments): Promise<RunningPizzeria> {
  const { logger } = instruments;
  const clock = options.clock ?? SYSTEM_CLOCK;
  const faults = new Faults({ clock, logger, noteFlag: (evaluation) => instruments.noteFlag(evaluation) });
  const database = await openDatabase({
    dataDir: options.dataDir ?? ':memory:',
    databaseUrl: options.databaseUrl,
    instrument: (dialect, kind, name) => {
      const slow = slowDialect(dialect, () => faults.statementDelayMs());
      return instruments.instrumentDialect?.(slow, kind, name) ?? slow;
    },
    onConnectionError: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
  const settings = options.identity ?? {};
  const oidc = settings.oidc && (await openIdProvider(settings.oidc));
  const pizzeria = openPizzeria({
    database,
    accounts: {
      hasher: argon2Password(),
      policy: accessPolicy(settings, options.host),
      oidc,
      ...(settings.clients && { clients: settings.clients }),
    },
    payment: instruments.measurePayment(hinderedPayment(paymentOf(options, instruments, faults), faults.hindrances)),
    observer: instruments.observer,
    reactions: instruments.reactions,
    clock,
    hindrances: faults.hindrances,
    onMenuLookup: (outcome) => instruments.onMenuLookup(outcome),
    ...(options.speed !== undefined && { speed: options.speed }),
    onEventFailure: (envelope, error, parked) =>
      logger.error({ err: error, event: envelope?.event.type, eventId: envelope?.id, parked }, 'event not handled'),
    onHousekeepingFailure: (error) => logger.error({ err: error }, 'housekeeping failed'),
  });
  try {
    if (settings.managerPassword !== undefined) {
      await pizzeria.identity.replaceDemoPassword('mario', settings.managerPassword);
    }
    if (settings.trafficSecret !== undefined) {
      await pizzeria.identity.replaceDemoPassword('traffic', settings.trafficSecret);
    }
    const { dashboardsUrl, docsDir } = options;
    const app = await rootApp(pizzeria, instruments, faults, { ...settings, dashboardsUrl, docsDir });
    await app.listen({ host: options.host, port: options.port });
    pizzeria.start();
    const stopWatching = await instruments.watchDatabase(database);
    return {
      address: addressOf(options.host, app.server.address()),
      close: async () => {
        stopWatching();
        faults.close();
        await app.close();
        await pizzeria.stop();
      },
    };
  } catch (error) {
    await pizzeria.stop();
    throw error;
  }
}

/** Its libraries are loaded only where a provider is configured. */
async function openIdProvider(settings: OpenIdSettings): Promise<OidcProvider> {
  const { OpenIdProvider } = await import('./infrastructure/openid-provider.ts');
  return new OpenIdProvider(settings);
}

function paymentOf(
  { payment, paymentUrl, clock = SYSTEM_CLOCK }: PizzeriaOptions,
  instruments: Instruments,
  { hindrances }: Faults,
): PaymentProvider {
  if (payment !== undefined) return payment;
  if (paymentUrl === undefined || paymentUrl === '') return localPayment(hindrances);
  if (!/^https?:/.test(URL.parse(paymentUrl)?.protocol ?? '')) {
    throw new Error('PAYMENT_URL must be the http:// or https:// address of the payment provider.');
  }
  return new HttpPayment({ url: paymentUrl, clock, hindrances, onCircuit: (state) => instruments.onCircuit(state) });
}

function addressOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
