// Turns domain events into the business's numbers. Nothing here says who the customer is.

import type { BusinessMetrics } from '@mario/instrumentation';
import type { OrderEvent } from '../../domain/order.ts';
import type { Reaction } from '../reaction.ts';
import type { DomainEvent } from '../session.ts';

const CENTS_PER_USD = 100;
const MS_PER_S = 1_000;
/** The kitchen's own promise: a pizza is out of the oven after a quarter of an hour. */
const COOKING_PROMISE_MS = 15 * 60_000;

/** `speed`: the world around runs so many times as fast, and the kitchen's promise is as much shorter. */
export function recordBusiness(metrics: BusinessMetrics, speed = 1): Reaction {
  const cookingPromiseMs = COOKING_PROMISE_MS / speed;
  return {
    name: 'record-business',
    events: 'all',
    tell: ({ event }) => record(metrics, event, cookingPromiseMs),
  };
}

function record(metrics: BusinessMetrics, event: DomainEvent, cookingPromiseMs: number): void {
  switch (event.type) {
    case 'CustomerRegistered':
      metrics.customersRegistered.add(1);
      break;
    case 'CustomerReturned':
      metrics.customersReturning.add(1);
      break;
    case 'OrderPlaced':
      recordPlaced(metrics, event);
      break;
    case 'OrderConfirmed':
      metrics.orderFunnel.add(1, { step: 'paid' });
      metrics.revenue.add(event.totalCents / CENTS_PER_USD, { payment_method: event.paymentMethod });
      break;
    case 'CookingStarted':
      metrics.kitchenWaitDuration.record(event.queuedMs / MS_PER_S);
      break;
    case 'OrderReady':
      metrics.kitchenCookingDuration.record(event.cookingMs / MS_PER_S, {
        within_promise: event.cookingMs <= cookingPromiseMs,
      });
      break;
    case 'OrderAssigned':
      break;
    case 'OrderDelivered':
      recordDelivered(metrics, event);
      break;
    case 'OrderCancelled':
      recordCancelled(metrics, event);
      break;
  }
  const kind = NOTIFICATION_KINDS[event.type];
  if (kind !== undefined) metrics.notificationsSent.add(1, { kind });
}

const NOTIFICATION_KINDS: Partial<Record<DomainEvent['type'], string>> = {
  OrderConfirmed: 'order_confirmed',
  CookingStarted: 'cooking_started',
  OrderReady: 'order_ready',
  OrderAssigned: 'order_on_its_way',
  OrderDelivered: 'order_delivered',
  OrderCancelled: 'order_cancelled',
};

function recordPlaced(metrics: BusinessMetrics, event: Extract<OrderEvent, { type: 'OrderPlaced' }>): void {
  const payment = { payment_method: event.paymentMethod };
  metrics.ordersCreated.add(1, { ...payment, channel: event.channel });
  metrics.ordersInProgress.add(1);
  metrics.orderValue.record(event.totalCents / CENTS_PER_USD, payment);
  metrics.orderFunnel.add(1, { step: 'checkout' });
  for (const line of event.lines) {
    metrics.pizzasOrdered.add(line.quantity, { pizza_name: line.pizza });
    metrics.pizzasBySize.add(line.quantity, { size: line.size });
    for (const topping of line.toppings) metrics.toppingsOrdered.add(line.quantity, { topping });
  }
}

function recordDelivered(metrics: BusinessMetrics, event: Extract<OrderEvent, { type: 'OrderDelivered' }>): void {
  metrics.ordersCompleted.add(1);
  metrics.ordersInProgress.add(-1);
  metrics.orderFunnel.add(1, { step: 'delivered' });
  metrics.deliveryDuration.record(event.drivingMs / MS_PER_S);
  metrics.orderToDoorDuration.record(event.sincePlacedMs / MS_PER_S);
  metrics.deliveryOnTime.add(1, { on_time: event.onTime });
}

function recordCancelled(metrics: BusinessMetrics, event: Extract<OrderEvent, { type: 'OrderCancelled' }>): void {
  const reason = reasonClass(event.reason);
  metrics.ordersCancelled.add(1, { reason, stage: event.stage });
  metrics.ordersInProgress.add(-1);
  if (event.refundCents > 0) metrics.refunds.add(event.refundCents / CENTS_PER_USD, { reason });
}

/** Reasons are free text; a metric's attribute must not be. The first word that fits decides. */
function reasonClass(reason: string): string {
  const text = reason.toLowerCase();
  if (text.includes('payment')) return 'payment';
  if (/wait|late|long|slow/.test(text)) return 'too_late';
  if (/mind|customer/.test(text)) return 'changed_mind';
  if (/mistake|wrong|double|twice/.test(text)) return 'mistake';
  if (/kitchen|oven|sold out|ingredient/.test(text)) return 'kitchen';
  return 'other';
}
