// The checkout: an order is placed, its payment is taken, and only then is it confirmed.
//
// The payment happens between two transactions, never inside one: a slow provider must not hold a database lock, and
// a crash between the two leaves a pending order, which `settlePending` finds and finishes. When that order was cancelled
// meanwhile, `settleCancelled` asks the provider whether it was charged.

import { RuleViolation } from '../domain/business-rule.ts';
import type { Order } from '../domain/order.ts';
import type { Clock } from './clock.ts';
import { CancelOrder } from './commands/cancel-order.ts';
import { ConfirmOrder } from './commands/confirm-order.ts';
import { NoteLateCharge } from './commands/note-late-charge.ts';
import { PlaceOrder, type PlaceOrderInput } from './commands/place-order.ts';
import { PaymentDeclined, PaymentUnreachable } from './failure.ts';
import type { Mediator } from './mediator.ts';
import type { PaymentProvider } from './payment.ts';
import { ListOrders } from './queries/list-orders.ts';

/** A pending order older than this has lost the request that was paying for it. */
const PENDING_GRACE_MS = 10_000;
/** Orders settled per sweep; the next sweep takes the rest. */
const SETTLE_ORDERS_MAX = 100;
const DECLINED = 'payment declined';
/** A house that was closed for a night still finds what it left behind. */
const CANCELLED_LOOK_BACK_MS = 24 * 60 * 60_000;

export class Checkout {
  readonly #mediator: Mediator;
  readonly #payment: PaymentProvider;
  readonly #clock: Clock;
  /** Of all orders cancelled until then it is known whether they were charged. */
  #cancelledSettledMs: number;

  constructor(mediator: Mediator, payment: PaymentProvider, clock: Clock) {
    this.#mediator = mediator;
    this.#payment = payment;
    this.#clock = clock;
    this.#cancelledSettledMs = clock.nowMs() - CANCELLED_LOOK_BACK_MS;
  }

  /**
   * Places and pays. The order comes back confirmed, or pending when the provider cannot be reached now (the payment
   * is tried again). Throws `PaymentDeclined` after cancelling the order.
   */
  async place(input: PlaceOrderInput): Promise<{ order: Order; replayed: boolean }> {
    const { order, replayed } = await this.#mediator.send(PlaceOrder, input);
    if (order.status !== 'pending') return { order, replayed };
    try {
      return { order: await this.#settle(order), replayed };
    } catch (error) {
      if (error instanceof PaymentUnreachable) return { order, replayed };
      throw error;
    }
  }

  /** Finishes orders that a crash or an absent provider left pending. Returns how many are settled now. */
  async settlePending(): Promise<number> {
    const orders = await this.#mediator.send(ListOrders, {
      status: 'pending',
      placedBeforeMs: this.#clock.nowMs() - PENDING_GRACE_MS,
      limit: SETTLE_ORDERS_MAX,
    });
    let settled = 0;
    for (const order of orders) {
      try {
        await this.#settle(order);
        settled += 1;
      } catch (error) {
        if (error instanceof PaymentUnreachable) break;
        // Somebody cancelled it meanwhile; the others are not to wait for that.
        if (!(error instanceof PaymentDeclined) && !isTooLate(error)) throw error;
      }
    }
    return settled;
  }

  /**
   * Gives money back that was taken for a cancelled order by a request that did not live to note it. The provider
   * charges no such order from then on. Returns how many orders were charged.
   */
  async settleCancelled(): Promise<number> {
    let charged = 0;
    const untilMs = this.#clock.nowMs() - PENDING_GRACE_MS;
    let page: readonly Order[];
    let before: { placedAtMs: number; id: string } | undefined;
    do {
      page = await this.#mediator.send(ListOrders, {
        status: 'cancelled',
        unchargedCancelledMs: [this.#cancelledSettledMs, untilMs],
        limit: SETTLE_ORDERS_MAX,
        before,
      });
      for (const order of page) if (await this.#findLateCharge(order)) charged += 1;
      before = page.at(-1);
    } while (page.length === SETTLE_ORDERS_MAX);
    this.#cancelledSettledMs = untilMs;
    return charged;
  }

  async #findLateCharge(order: Order): Promise<boolean> {
    // The provider itself has said that this card is not charged.
    if (order.cancelReason === DECLINED) return false;
    const reference = await this.#payment.voidCharge(order.id);
    if (reference === undefined) return false;
    await this.#mediator.send(NoteLateCharge, { orderId: order.id, paymentReference: reference });
    return true;
  }

  async #settle(order: Order): Promise<Order> {
    if (order.paymentMethod === 'cash') {
      return this.#mediator.send(ConfirmOrder, { orderId: order.id, paymentReference: null });
    }
    const result = await this.#payment.charge(order.id, order.totalCents);
    if (result.accepted) {
      return this.#confirmPaid(order, result.reference);
    }
    await this.#mediator.send(CancelOrder, { orderId: order.id, reason: DECLINED }).catch((error) => {
      if (!isTooLate(error)) throw error;
    });
    throw new PaymentDeclined(order.id, result.reason);
  }

  /** An order that was cancelled while its card was charged gets its money back. */
  async #confirmPaid(order: Order, reference: string): Promise<Order> {
    try {
      return await this.#mediator.send(ConfirmOrder, { orderId: order.id, paymentReference: reference });
    } catch (error) {
      if (isTooLate(error)) {
        await this.#mediator.send(NoteLateCharge, { orderId: order.id, paymentReference: reference });
      }
      throw error;
    }
  }
}

function isTooLate(error: unknown): boolean {
  return error instanceof RuleViolation && error.rule === 'order-transition-allowed';
}
