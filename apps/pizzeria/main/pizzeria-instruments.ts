// The pizzeria's telemetry: binds the application's seams to packages/instrumentation.

import {
  activeTraceparent,
  businessMetrics,
  createLogger,
  httpTelemetry,
  instrumentDatabase,
  instrumentOperation,
  type LoggerOptions,
  linksToCause,
  measureConnectionPool,
  recordDomainEvent,
  recordFlagEvaluation,
  recordValidationFailure,
  type Telemetry,
} from '@mario/instrumentation';
import type { FastifyBaseLogger } from 'fastify';
import { PaymentUnreachable } from '../application/failure.ts';
import type { Observer } from '../application/observer.ts';
import type { PaymentProvider } from '../application/payment.ts';
import { recordBusiness } from '../application/reactions/record-business.ts';
import type { PageTelemetry } from '../ui/web-telemetry.ts';
import { HouseSampler } from './house-sampler.ts';
import type { Instruments } from './instruments.ts';

/** Instruments over a telemetry that was configured before (`configureTelemetry`). Call it once per process. */
export function pizzeriaInstruments(
  telemetry: Pick<Telemetry, 'prometheus'>,
  logOptions: Pick<LoggerOptions, 'destination' | 'level'> = {},
  browser?: { readonly otlpUrl: string | undefined; readonly serviceVersion: string },
  speed = 1,
): Instruments {
  const metrics = businessMetrics();
  const logger = createLogger({ name: 'pizzeria', ...logOptions });
  const sampler = new HouseSampler(metrics, (error) => logger.warn({ err: error }, 'the house could not be sampled'));
  return {
    logger: logger as FastifyBaseLogger,
    observer: OBSERVER,
    reactions: [recordBusiness(metrics, speed), sampler.reaction],
    instrumentDialect: (dialect, system, name) => instrumentDatabase(dialect, { system, name }),
    exposition: (accept) => telemetry.prometheus(accept),
    ...(browser?.otlpUrl && { pages: pageTelemetry(browser.otlpUrl, browser.serviceVersion) }),
    measureHttp: async (app, name) => {
      await app.register(httpTelemetry, { app: name });
    },
    onFunnelStep: (step) => metrics.orderFunnel.add(1, { step }),
    watchDatabase: async (database) => {
      const stopPool = database.pool && measureConnectionPool(database.pool);
      const stopSampler = await sampler.start(database);
      return () => {
        stopSampler();
        stopPool?.();
      };
    },
    measurePayment: (payment) => measuredPayment(payment, metrics),
    onCircuit: (state) => metrics.paymentCircuit.record(CIRCUIT_STATES[state]),
    noteFlag: ({ name, attributes }) => recordFlagEvaluation(name, attributes),
    onMenuLookup: (outcome) => metrics.menuLookups.add(1, { outcome }),
  };
}

/** Throws when the address is not one that a browser could send to. */
function pageTelemetry(otlpUrl: string, serviceVersion: string): PageTelemetry {
  if (!/^https?:$/.test(URL.parse(otlpUrl)?.protocol ?? '')) {
    throw new Error('BROWSER_OTLP_URL must be the http:// or https:// address of the collector as browsers reach it.');
  }
  return {
    otlpUrl,
    serviceName: 'mario-pizzeria-web',
    serviceVersion,
    traceparent: activeTraceparent,
  };
}

const OBSERVER: Observer = {
  operation(name, work, cause, tally) {
    // An event is handled after the request that caused it: its span stands alone and links to the cause.
    const links = name.operation === 'event' ? { links: linksToCause(cause) } : {};
    return instrumentOperation({ operation: name.operation, type: name.type, ...links, ...(tally && { tally }) }, work);
  },
  validationFailed: recordValidationFailure,
  eventRaised: (type) => recordDomainEvent(type),
  traceparent: activeTraceparent,
};

/** As the metric's description says. */
const CIRCUIT_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

function measuredPayment(payment: PaymentProvider, metrics: ReturnType<typeof businessMetrics>): PaymentProvider {
  const count = (outcome: string) => metrics.paymentsAttempted.add(1, { payment_method: 'card', outcome });
  return {
    voidCharge: (orderId) => payment.voidCharge(orderId),
    refund: (orderId, reference, amountCents) => payment.refund(orderId, reference, amountCents),
    async charge(orderId, amountCents) {
      try {
        const result = await payment.charge(orderId, amountCents);
        count(result.accepted ? 'accepted' : 'declined');
        if (!result.accepted) metrics.paymentsFailed.add(1, { reason: 'declined' });
        return result;
      } catch (error) {
        if (error instanceof PaymentUnreachable) {
          count('unreachable');
          metrics.paymentsFailed.add(1, { reason: error.reason });
        }
        throw error;
      }
    },
  };
}
