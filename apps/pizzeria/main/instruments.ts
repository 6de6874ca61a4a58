// What the three web apps need of telemetry, so that a test can run them without any.

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Exposition } from '../api/api-app.ts';
import type { Observer } from '../application/observer.ts';
import type { PaymentProvider } from '../application/payment.ts';
import type { Reaction } from '../application/reaction.ts';
import type { Database } from '../application/session.ts';
import type { FlagEvaluation } from '../faults/flags.ts';
import type { CircuitState } from '../infrastructure/circuit-breaker.ts';
import type { DatabaseOptions } from '../infrastructure/database.ts';
import type { PageTelemetry } from '../ui/web-telemetry.ts';

export type WebApp = 'main-app' | 'api-app' | 'ui-app';

export interface Instruments {
  readonly logger: FastifyBaseLogger;
  readonly observer: Observer;
  readonly reactions: readonly Reaction[];
  readonly instrumentDialect?: DatabaseOptions['instrument'];
  readonly exposition?: Exposition;
  /** Where the pages send what they measure in the browser. */
  readonly pages?: PageTelemetry;
  /** Measures every request of the app; called on the app's own instance before its routes are registered. */
  measureHttp(app: FastifyInstance, name: WebApp): Promise<void>;
  /** A customer took a step towards a pizza. */
  onFunnelStep(step: 'menu_seen' | 'basket'): void;
  /** Starts to sample what can only be asked for (queue, ovens, backlog); returns how to stop. */
  watchDatabase(database: Database): Promise<() => void>;
  /** Counts what the provider answers. */
  measurePayment(payment: PaymentProvider): PaymentProvider;
  /** The circuit to the payment provider is in this state now. */
  onCircuit(state: CircuitState): void;
  /** Puts a flag that acts on the active span. */
  noteFlag(evaluation: FlagEvaluation): void;
  /** The menu was asked for. */
  onMenuLookup(outcome: 'hit' | 'miss' | 'failure'): void;
}
