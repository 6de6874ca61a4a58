// The order and its life: pending → confirmed → cooking → ready → delivering → delivered, or cancelled with a refund.
//
// `decide` is a pure function of command and state, `evolve` folds an event into the state (the decider pattern).
// Time, identity and payment come in with the command.

import { requireRule } from './business-rule.ts';
import type { ContactDetails } from './customer.ts';
import { isOnTime } from './delivery.ts';
import { type Cents, formatCents, ORDER_TOTAL_CENTS_MAX } from './money.ts';
import type { OrderLine } from './order-line.ts';
import { plainText } from './plain-text.ts';

export const ORDER_STATUSES = [
  'pending',
  'confirmed',
  'cooking',
  'ready',
  'delivering',
  'delivered',
  'cancelled',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Orders that somebody still works on. */
export const ACTIVE_STATUSES: readonly OrderStatus[] = ['pending', 'confirmed', 'cooking', 'ready', 'delivering'];

export const PAYMENT_METHODS = ['card', 'cash'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** Where an order came from: the pizzeria's own pages or a program. */
export type OrderChannel = 'web' | 'api';

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  /** Grows by one with every event; optimistic concurrency compares it. */
  readonly version: number;
  readonly customerId: string;
  /** The profile of the account that ordered; null for guests. */
  readonly profileId: string | null;
  readonly contact: ContactDetails;
  readonly lines: readonly OrderLine[];
  readonly totalCents: Cents;
  readonly paymentMethod: PaymentMethod;
  /** What the payment provider calls the payment; null while unpaid and for cash. */
  readonly paymentReference: string | null;
  readonly refundCents: Cents;
  readonly notes: string | null;
  /** Who put it into the oven; null before, and where nobody said. */
  readonly cookId: string | null;
  readonly driverId: string | null;
  readonly cancelReason: string | null;
  readonly placedAtMs: number;
  /** Until when the pizzeria promises to be at the door. */
  readonly promisedAtMs: number;
  readonly confirmedAtMs: number | null;
  readonly cookingAtMs: number | null;
  readonly readyAtMs: number | null;
  readonly deliveringAtMs: number | null;
  readonly deliveredAtMs: number | null;
  readonly cancelledAtMs: number | null;
}

interface PlaceOrder {
  readonly kind: 'place';
  readonly id: string;
  readonly customerId: string;
  readonly profileId?: string | null;
  readonly contact: ContactDetails;
  readonly lines: readonly OrderLine[];
  readonly paymentMethod: string;
  readonly channel: OrderChannel;
  readonly notes?: string | undefined;
  /** `PROMISE_MS` when absent. */
  readonly promiseMs?: number;
}

export type OrderCommand =
  | PlaceOrder
  | { readonly kind: 'confirm'; readonly paymentReference: string | null }
  | { readonly kind: 'cook'; readonly cookId?: string | null | undefined }
  | { readonly kind: 'ready' }
  | { readonly kind: 'assign'; readonly driverId: string }
  | { readonly kind: 'deliver' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'charge-late'; readonly paymentReference: string };

interface Dated {
  readonly orderId: string;
  readonly atMs: number;
}

export type OrderEvent =
  | (Dated & {
      readonly type: 'OrderPlaced';
      readonly customerId: string;
      /** Absent in events of older versions. */
      readonly profileId?: string | null;
      readonly contact: ContactDetails;
      readonly lines: readonly OrderLine[];
      readonly totalCents: Cents;
      readonly paymentMethod: PaymentMethod;
      readonly channel: OrderChannel;
      readonly notes: string | null;
      readonly promisedAtMs: number;
    })
  | (Dated & {
      readonly type: 'OrderConfirmed';
      readonly paymentReference: string | null;
      readonly paymentMethod: PaymentMethod;
      readonly totalCents: Cents;
    })
  | (Dated & { readonly type: 'CookingStarted'; readonly queuedMs: number; readonly cookId?: string | null })
  | (Dated & { readonly type: 'OrderReady'; readonly cookingMs: number })
  | (Dated & { readonly type: 'OrderAssigned'; readonly driverId: string })
  | (Dated & {
      readonly type: 'OrderDelivered';
      readonly drivingMs: number;
      readonly sincePlacedMs: number;
      readonly onTime: boolean;
    })
  | (Dated & {
      readonly type: 'OrderCancelled';
      readonly reason: string;
      readonly refundCents: Cents;
      /** The status that the order had before. */
      readonly stage: OrderStatus;
    })
  | (Dated & {
      /** The card was charged when the order had been cancelled already. */
      readonly type: 'ChargedTooLate';
      readonly paymentReference: string;
      readonly refundCents: Cents;
    });

/** A table seats so many; an order with more different lines than this is split. */
export const ORDER_LINES_MAX = 50;
const NOTES_CHARACTERS_MAX = 500;
/** From the click to the door, the promise printed on the menu. */
export const PROMISE_MS = 45 * 60_000;

/** The statuses from which each step may be taken, and the one it leads to. */
const STEPS = {
  confirm: { from: ['pending'], to: 'confirmed' },
  cook: { from: ['confirmed'], to: 'cooking' },
  ready: { from: ['cooking'], to: 'ready' },
  assign: { from: ['ready'], to: 'delivering' },
  deliver: { from: ['delivering'], to: 'delivered' },
  // Once a driver is on the road, the food is on the customer's side of the deal.
  cancel: { from: ['pending', 'confirmed', 'cooking', 'ready'], to: 'cancelled' },
  'charge-late': { from: ['cancelled'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly OrderStatus[]; to: OrderStatus }>;

/** True when the order could take the step now; pages use it to offer only what works. */
export function mayTake(step: keyof typeof STEPS, status: OrderStatus): boolean {
  return (STEPS[step].from as readonly OrderStatus[]).includes(status);
}

/** Decides what happens; throws a `RuleViolation` and changes nothing when a rule forbids it. */
export function decideOrder(command: OrderCommand, state: Order | undefined, atMs: number): OrderEvent {
  if (command.kind === 'place') {
    if (state !== undefined) throw new Error(`BUG: order ${command.id} was placed already`);
    return decidePlace(command, atMs);
  }
  if (state === undefined) throw new Error('BUG: a step was decided without an order');
  requireStep(command.kind, state);
  const dated = { orderId: state.id, atMs };
  switch (command.kind) {
    case 'confirm':
      return {
        type: 'OrderConfirmed',
        ...dated,
        paymentReference: command.paymentReference,
        paymentMethod: state.paymentMethod,
        totalCents: state.totalCents,
      };
    case 'cook':
      return {
        type: 'CookingStarted',
        ...dated,
        queuedMs: atMs - (state.confirmedAtMs ?? atMs),
        cookId: command.cookId ?? null,
      };
    case 'ready':
      return { type: 'OrderReady', ...dated, cookingMs: atMs - (state.cookingAtMs ?? atMs) };
    case 'assign':
      return { type: 'OrderAssigned', ...dated, driverId: command.driverId };
    case 'deliver':
      return {
        type: 'OrderDelivered',
        ...dated,
        drivingMs: atMs - (state.deliveringAtMs ?? atMs),
        sincePlacedMs: atMs - state.placedAtMs,
        onTime: isOnTime(state.promisedAtMs, atMs),
      };
    case 'cancel':
      return {
        type: 'OrderCancelled',
        ...dated,
        reason: command.reason,
        refundCents: refundOf(state),
        stage: state.status,
      };
    case 'charge-late':
      return {
        type: 'ChargedTooLate',
        ...dated,
        paymentReference: command.paymentReference,
        refundCents: state.totalCents,
      };
  }
}

/** The order after the event. */
export function evolveOrder(state: Order | undefined, event: OrderEvent): Order {
  if (event.type === 'OrderPlaced') return placed(event);
  if (state === undefined) throw new Error(`BUG: ${event.type} for an order that was never placed`);
  const next = { ...state, version: state.version + 1 };
  switch (event.type) {
    case 'OrderConfirmed':
      return { ...next, status: 'confirmed', confirmedAtMs: event.atMs, paymentReference: event.paymentReference };
    case 'CookingStarted':
      return { ...next, status: 'cooking', cookingAtMs: event.atMs, cookId: event.cookId ?? null };
    case 'OrderReady':
      return { ...next, status: 'ready', readyAtMs: event.atMs };
    case 'OrderAssigned':
      return { ...next, status: 'delivering', deliveringAtMs: event.atMs, driverId: event.driverId };
    case 'OrderDelivered':
      return { ...next, status: 'delivered', deliveredAtMs: event.atMs };
    case 'OrderCancelled':
      return {
        ...next,
        status: 'cancelled',
        cancelledAtMs: event.atMs,
        cancelReason: event.reason,
        refundCents: event.refundCents,
      };
    case 'ChargedTooLate':
      return { ...next, paymentReference: event.paymentReference, refundCents: event.refundCents };
  }
}

/** A short name for people on boards and receipts, taken from the random end of the id. */
export function orderCode(id: string): string {
  return id.slice(-5).toUpperCase();
}

function decidePlace(command: PlaceOrder, atMs: number): OrderEvent {
  const { lines, paymentMethod } = command;
  requireRule(lines.length > 0, 'order-not-empty', 'The order has no items; add at least one pizza.');
  requireRule(
    lines.length <= ORDER_LINES_MAX,
    'order-not-too-large',
    `The order has ${lines.length} lines; ${ORDER_LINES_MAX} are allowed. Split it into several orders.`,
  );
  const totalCents = lines.reduce((sum, line) => sum + line.totalCents, 0);
  requireRule(
    totalCents <= ORDER_TOTAL_CENTS_MAX,
    'order-not-too-large',
    `The order comes to ${formatCents(totalCents)}; ${formatCents(ORDER_TOTAL_CENTS_MAX)} is the limit. Please call us.`,
  );
  requireRule(
    (PAYMENT_METHODS as readonly string[]).includes(paymentMethod),
    'payment-method-known',
    `Payment is by ${PAYMENT_METHODS.join(' or ')}.`,
  );
  const notes = plainText((command.notes ?? '').slice(0, NOTES_CHARACTERS_MAX));
  return {
    type: 'OrderPlaced',
    orderId: command.id,
    atMs,
    customerId: command.customerId,
    profileId: command.profileId ?? null,
    contact: command.contact,
    lines,
    totalCents,
    paymentMethod: paymentMethod as PaymentMethod,
    channel: command.channel,
    notes: notes === '' ? null : notes,
    promisedAtMs: atMs + (command.promiseMs ?? PROMISE_MS),
  };
}

function requireStep(step: keyof typeof STEPS, state: Order): void {
  const { from, to } = STEPS[step];
  requireRule(
    mayTake(step, state.status),
    'order-transition-allowed',
    `Order ${orderCode(state.id)} is ${state.status}; it becomes ${to} only from ${from.join(', ')}.`,
  );
}

/** What was paid by card comes back in full; cash has not been paid before the door. */
function refundOf(state: Order): Cents {
  return state.paymentReference === null ? 0 : state.totalCents;
}

function placed(event: Extract<OrderEvent, { type: 'OrderPlaced' }>): Order {
  return {
    id: event.orderId,
    status: 'pending',
    version: 1,
    customerId: event.customerId,
    profileId: event.profileId ?? null,
    contact: event.contact,
    lines: event.lines,
    totalCents: event.totalCents,
    paymentMethod: event.paymentMethod,
    paymentReference: null,
    refundCents: 0,
    notes: event.notes,
    cookId: null,
    driverId: null,
    cancelReason: null,
    placedAtMs: event.atMs,
    promisedAtMs: event.promisedAtMs,
    confirmedAtMs: null,
    cookingAtMs: null,
    readyAtMs: null,
    deliveringAtMs: null,
    deliveredAtMs: null,
    cancelledAtMs: null,
  };
}
