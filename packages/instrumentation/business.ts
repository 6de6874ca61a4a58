/**
 * What the pizzeria's business is measured by: one typed object, created once, used from event handlers.
 * No attribute ever holds who a customer is; pizzas, sizes, reasons and steps are closed or small sets.
 *
 * Names are chosen so that every OpenTelemetry-to-Prometheus translator gives the same result: where a name must end in
 * a noun (`…_orders_total`), the noun is part of the name and the unit is in braces, because translators disagree on
 * whether a unit is appended that the name already contains.
 */
import type { Counter, Gauge, Histogram, UpDownCounter } from './metrics/instrument.ts';
import type { InstrumentDefinition } from './metrics/instrument-definition.ts';
import { instruments } from './metrics/registry.ts';

const ORDER_VALUE_USD = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 250, 500];
/**
 * Up to an hour: the promise is a quarter of an hour in the oven, half an hour on the road. From five seconds on, because
 * the simulated house lives faster than a real one.
 */
const KITCHEN_S = [5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600];
const DELIVERY_S = [5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 900, 1200, 1500, 1800, 2400, 3000, 3600, 5400];
const PERCENT = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

const paymentMethod = { payment_method: 'How it is paid: card, cash' };
const reason = { reason: 'Why, from a closed list' };

export const businessDefinitions = {
  ordersCreated: {
    name: 'mario.orders.created.orders',
    kind: 'counter',
    unit: '{order}',
    meaning: 'Orders that customers placed',
    attributes: { ...paymentMethod, channel: 'Where it came from: web, api' },
  },
  ordersCompleted: {
    name: 'mario.orders.completed.orders',
    kind: 'counter',
    unit: '{order}',
    meaning: 'Orders that reached the customer',
    attributes: {},
  },
  ordersCancelled: {
    name: 'mario.orders.cancelled.orders',
    kind: 'counter',
    unit: '{order}',
    meaning: 'Orders that were cancelled',
    attributes: { ...reason, stage: 'Status from which it was cancelled: pending, confirmed, …' },
  },
  ordersInProgress: {
    name: 'mario.orders.in_progress',
    kind: 'upDownCounter',
    unit: '{order}',
    meaning: 'Orders that are neither delivered nor cancelled',
    attributes: {},
  },
  orderValue: {
    name: 'mario.orders.value',
    kind: 'histogram',
    unit: 'USD',
    meaning: 'Total of an order, tax included',
    attributes: paymentMethod,
    boundaries: ORDER_VALUE_USD,
  },
  revenue: {
    name: 'mario.revenue',
    kind: 'counter',
    unit: 'USD',
    meaning: 'Money taken for orders that were paid',
    attributes: paymentMethod,
    whole: false,
  },
  refunds: {
    name: 'mario.refunds',
    kind: 'counter',
    unit: 'USD',
    meaning: 'Money given back for cancelled orders',
    attributes: reason,
    whole: false,
    conditional: 'when a paid order is cancelled',
  },
  pizzasOrdered: {
    name: 'mario.pizzas.ordered.pizzas',
    kind: 'counter',
    unit: '{pizza}',
    meaning: 'Pizzas ordered, by name on the menu',
    attributes: { pizza_name: 'Name on the menu' },
  },
  pizzasBySize: {
    name: 'mario.pizzas.by_size.pizzas',
    kind: 'counter',
    unit: '{pizza}',
    meaning: 'Pizzas ordered, by size',
    attributes: { size: 'small, medium, large' },
  },
  toppingsOrdered: {
    name: 'mario.toppings.ordered.toppings',
    kind: 'counter',
    unit: '{topping}',
    meaning: 'Extra toppings ordered',
    attributes: { topping: 'Name on the menu' },
    conditional: 'when an order has an extra topping',
  },
  orderFunnel: {
    name: 'mario.order.funnel.steps',
    kind: 'counter',
    unit: '{step}',
    meaning: 'Steps that customers took towards a pizza',
    attributes: { step: 'menu_seen, basket, checkout, paid, delivered' },
  },
  kitchenCapacityUtilized: {
    name: 'mario.kitchen.capacity_utilized',
    kind: 'histogram',
    unit: '%',
    meaning:
      'Share of the places in the kitchen in use, measured when places are taken or freed, at most once a second',
    attributes: {},
    boundaries: PERCENT,
  },
  kitchenCapacity: {
    name: 'mario.kitchen.capacity',
    kind: 'gauge',
    unit: '{order}',
    meaning: 'Orders that the kitchen can cook at once',
    attributes: {},
  },
  kitchenCooking: {
    name: 'mario.kitchen.cooking',
    kind: 'gauge',
    unit: '{order}',
    meaning: 'Orders that are cooking now',
    attributes: {},
  },
  kitchenQueueLength: {
    name: 'mario.kitchen.queue_length',
    kind: 'gauge',
    unit: '{order}',
    meaning: 'Confirmed orders that wait for a place in the kitchen',
    attributes: {},
  },
  kitchenWaitDuration: {
    name: 'mario.kitchen.wait_duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from confirmation to the oven',
    attributes: {},
    boundaries: KITCHEN_S,
  },
  kitchenCookingDuration: {
    name: 'mario.kitchen.cooking_duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from the start of cooking until the order is ready',
    attributes: { within_promise: 'Whether it was ready in the promised time' },
    boundaries: KITCHEN_S,
  },
  deliveryDuration: {
    name: 'mario.delivery.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from leaving the shop to the door',
    attributes: {},
    boundaries: DELIVERY_S,
  },
  deliveryOnTime: {
    name: 'mario.delivery.on_time',
    kind: 'counter',
    unit: '{delivery}',
    meaning: 'Deliveries, by whether the whole order was in the promised time',
    attributes: { on_time: 'true, false' },
  },
  orderToDoorDuration: {
    name: 'mario.order.to_door_duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from placing the order to the door',
    attributes: {},
    boundaries: [...DELIVERY_S, 7200],
  },
  customersRegistered: {
    name: 'mario.customers.registered',
    kind: 'counter',
    unit: '{customer}',
    meaning: 'Customers seen for the first time',
    attributes: {},
  },
  customersReturning: {
    name: 'mario.customers.returning',
    kind: 'counter',
    unit: '{customer}',
    meaning: 'Orders by customers who had ordered before',
    attributes: {},
    conditional: 'when a known customer orders again',
  },
  notificationsSent: {
    name: 'mario.notifications.sent',
    kind: 'counter',
    unit: '{notification}',
    meaning: 'Notifications to customers',
    attributes: { kind: 'What it tells: order_confirmed, order_ready, …' },
    conditional: 'when a customer is notified',
  },
  paymentsAttempted: {
    name: 'mario.payments.attempted',
    kind: 'counter',
    unit: '{payment}',
    meaning: 'Payments asked of the provider, by outcome',
    attributes: { ...paymentMethod, outcome: 'accepted, declined, unreachable' },
  },
  paymentsFailed: {
    name: 'mario.payments.failed',
    kind: 'counter',
    unit: '{payment}',
    meaning: 'Payments that were not made, by reason',
    attributes: { reason: 'declined, timeout, refused, failing, circuit_open, confused' },
    conditional: 'when a payment is declined or the provider does not answer',
  },
  paymentCircuit: {
    name: 'mario.payments.circuit_state',
    kind: 'gauge',
    unit: '{state}',
    meaning: 'State of the circuit to the payment provider: 0 closed, 1 half-open (one probe is under way), 2 open',
    attributes: {},
    conditional: 'when there is a payment provider outside of the process',
  },
  menuLookups: {
    name: 'mario.menu_cache.requests',
    kind: 'counter',
    unit: '{request}',
    meaning: 'Lookups of the menu in its cache',
    attributes: { outcome: 'hit, miss, failure' },
  },
  outboxBacklog: {
    name: 'mario.outbox.backlog',
    kind: 'gauge',
    unit: '{event}',
    meaning: 'Domain events that wait for their handlers',
    attributes: {},
  },
  outboxParked: {
    name: 'mario.outbox.parked',
    kind: 'gauge',
    unit: '{event}',
    meaning: 'Domain events set aside because a handler kept failing',
    attributes: {},
  },
  outboxAge: {
    name: 'mario.outbox.oldest_age',
    kind: 'gauge',
    unit: 's',
    meaning: 'Age of the oldest domain event that waits for its handlers',
    attributes: {},
    whole: false,
  },
} as const satisfies Record<string, InstrumentDefinition>;

type Definitions = typeof businessDefinitions;
interface InstrumentOf {
  counter: Counter;
  upDownCounter: UpDownCounter;
  gauge: Gauge;
  histogram: Histogram;
}
export type BusinessMetrics = { readonly [K in keyof Definitions]: InstrumentOf[Definitions[K]['kind']] };

let created: BusinessMetrics | undefined;

/** The business instruments; the same object at every call. */
export function businessMetrics(): BusinessMetrics {
  created ??= Object.fromEntries(
    Object.entries(businessDefinitions).map(([key, definition]) => [key, instruments[definition.kind](definition)]),
  ) as unknown as BusinessMetrics;
  return created;
}
