// The ten faults: what each is called, how strong it may be, which alert finds it, and where to look for its cause.
// docs/faults/ has a page for each; a test holds the pages, the rules and this list together.

export interface FaultDefinition {
  readonly title: string;
  readonly description: string;
  /** Of the value; empty for a fault that is only on or off. */
  readonly unit: '%' | 's' | 'ms' | 'MiB' | '';
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** Fires while the fault is on. */
  readonly alert: string;
  /** May fire as well: what the fault does to others when it lasts. */
  readonly consequences: readonly string[];
  readonly dashboard: string;
  readonly panel: string;
  /** Finds the cause, not only the damage. */
  readonly query: { readonly language: 'promql' | 'logql' | 'traceql'; readonly text: string };
}

const OPERATIONS = '/d/mario-operations/mario-s-pizzeria-operations';
const CQRS = '/d/mario-cqrs/mario-s-pizzeria-cqrs';
const INFRASTRUCTURE = '/d/mario-infrastructure/mario-s-pizzeria-infrastructure';
const HTTP = '/d/944f7a30-4637-4cf0-9473-4ddccd020af9/mario-s-pizzeria-http-performance';

const causedBy = (fault: string) =>
  ({
    language: 'traceql',
    text: `{ event.feature_flag.key = "${fault}" }`,
  }) as const satisfies FaultDefinition['query'];

/** What a switch without a value has as its value. */
const ONLY_ON = { unit: '', min: 1, max: 1, default: 1 } as const;

export const FAULTS = {
  'slow-oven': {
    title: 'Slow oven',
    description: 'An order stays in the oven for at least so long; taking it out earlier is refused.',
    ...{ unit: 's', min: 1, max: 3600, default: 120 },
    alert: 'KitchenOverloaded',
    consequences: ['KitchenLate', 'DeliveriesLate', 'OrdersStuck'],
    dashboard: OPERATIONS,
    panel: 'Kitchen now',
    query: {
      language: 'promql',
      text: 'sum by (rule) (rate(cqrs_validation_failures_total{type="CompleteOrderCommand"}[5m])) > 0',
    },
  },
  'payment-failing': {
    title: 'Payments failing',
    description: 'So many per cent of the cards are declined; the same order always meets the same answer.',
    ...{ unit: '%', min: 1, max: 100, default: 60 },
    alert: 'PaymentsDeclined',
    consequences: [],
    dashboard: OPERATIONS,
    panel: 'Payments by outcome',
    query: causedBy('payment-failing'),
  },
  'payment-unreachable': {
    title: 'Payment provider unreachable',
    description: 'No call reaches the payment provider. Orders by card stay pending; the circuit opens.',
    ...ONLY_ON,
    alert: 'PaymentProviderUnreachable',
    // Refunds wait for the provider as well, and are parked when it stays away for four minutes.
    consequences: ['KitchenOverloaded', 'DeliveriesLate', 'OutboxBacklog', 'OutboxParked'],
    dashboard: OPERATIONS,
    panel: 'Payments by outcome',
    query: {
      language: 'promql',
      text: 'sum by (reason) (rate(mario_payments_failed_total{reason!="declined"}[5m])) > 0',
    },
  },
  'slow-database': {
    title: 'Slow database',
    description: 'Every twelfth statement takes so much longer, as with a disk that is wearing out.',
    ...{ unit: 'ms', min: 10, max: 2_000, default: 150 },
    alert: 'DatabaseSlow',
    consequences: [
      'OrderingSlowBurnFast',
      'OrderingSlowBurnSlow',
      'KitchenOverloaded',
      'DeliveriesLate',
      'OutboxBacklog',
    ],
    dashboard: CQRS,
    panel: 'Database: slowest twentieth',
    query: causedBy('slow-database'),
  },
  'menu-cache-failing': {
    title: 'Menu cache failing',
    description: 'The cache of the menu does not answer; each visitor costs a query.',
    ...ONLY_ON,
    alert: 'MenuCacheFailing',
    consequences: [],
    dashboard: CQRS,
    panel: 'Queries by type',
    query: { language: 'promql', text: 'sum by (outcome) (rate(mario_menu_cache_requests_total[5m])) > 0' },
  },
  'memory-leak': {
    title: 'Memory leak',
    description:
      'Each request that changes something leaves so much memory behind, up to 512 MiB; switching off frees it.',
    ...{ unit: 'MiB', min: 1, max: 64, default: 4 },
    alert: 'MemoryHigh',
    consequences: [],
    dashboard: INFRASTRUCTURE,
    panel: 'Memory of the pizzeria',
    query: causedBy('memory-leak'),
  },
  'cpu-burn': {
    title: 'Processor burning',
    description: 'Requests burn so many per cent of a processor in slices of a tenth of a second.',
    ...{ unit: '%', min: 10, max: 90, default: 75 },
    alert: 'EventLoopBusy',
    consequences: [
      ...['ProcessorBusy', 'EventLoopBlocked', 'OrderingSlowBurnFast', 'OrderingSlowBurnSlow'],
      ...['KitchenOverloaded', 'DeliveriesLate', 'OutboxBacklog'],
      // On a machine without a spare processor answers from outside come too late, and so does the answer to a scrape.
      ...['PaymentProviderUnreachable', 'TargetDown'],
    ],
    dashboard: INFRASTRUCTURE,
    panel: 'CPU of the pizzeria',
    query: causedBy('cpu-burn'),
  },
  'event-backlog': {
    title: 'Event backlog',
    description: 'Nobody takes events from the outbox: no notifications, no live tracking, no business numbers.',
    ...ONLY_ON,
    alert: 'OutboxBacklog',
    consequences: ['OrdersStuck'],
    dashboard: CQRS,
    panel: 'Age of the oldest waiting event',
    query: causedBy('event-backlog'),
  },
  'failing-readiness': {
    title: 'Failing readiness',
    description: 'The readiness check says no, although everything works.',
    ...ONLY_ON,
    alert: 'PizzeriaNotReady',
    consequences: [],
    dashboard: HTTP,
    panel: 'Status codes',
    query: causedBy('failing-readiness'),
  },
  'slow-delivery': {
    title: 'Slow delivery',
    description: 'The way to each door takes at least so long; handing over earlier is refused.',
    ...{ unit: 's', min: 1, max: 7_200, default: 120 },
    alert: 'DeliveriesLate',
    consequences: ['OrdersStuck'],
    dashboard: OPERATIONS,
    panel: 'Punctuality',
    query: {
      language: 'promql',
      text: 'sum by (rule) (rate(cqrs_validation_failures_total{type="DeliverOrderCommand"}[5m])) > 0',
    },
  },
} as const satisfies Record<string, FaultDefinition>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
