// UpdateOrderStatus: brings an order into a status by the one step that leads there, with the rules of that step.

import { requireRule } from '../../domain/business-rule.ts';
import type { Order } from '../../domain/order.ts';
import { command, type HandlerContext } from '../operation.ts';
import type { OrderReference } from '../order-step.ts';
import { AssignOrderToDelivery } from './assign-order-to-delivery.ts';
import { CancelOrder } from './cancel-order.ts';
import { CompleteOrder } from './complete-order.ts';
import { DeliverOrder } from './deliver-order.ts';
import { StartCooking } from './start-cooking.ts';

export interface UpdateOrderStatusInput extends OrderReference {
  readonly status: string;
  readonly cookId?: string | undefined;
  readonly driverId?: string | undefined;
  readonly reason?: string | undefined;
}

type Step = (input: UpdateOrderStatusInput) => {
  check?(): void;
  take(context: HandlerContext): Promise<Order>;
};

/** Orders become pending by being placed and confirmed by being paid; nobody sets that by hand. */
const STEPS: Readonly<Record<string, Step>> = {
  cooking: (input) => ({ take: (context) => StartCooking.handle(input, context) }),
  ready: (input) => ({ take: (context) => CompleteOrder.handle(input, context) }),
  delivering: (input) => {
    const step = { ...input, driverId: input.driverId ?? '' };
    return {
      check: () => AssignOrderToDelivery.check?.(step),
      take: (context) => AssignOrderToDelivery.handle(step, context),
    };
  },
  delivered: (input) => ({ take: (context) => DeliverOrder.handle(input, context) }),
  cancelled: (input) => {
    const step = { ...input, reason: input.reason ?? '' };
    return { check: () => CancelOrder.check?.(step), take: (context) => CancelOrder.handle(step, context) };
  },
};

export const UpdateOrderStatus = command<UpdateOrderStatusInput, Order>('UpdateOrderStatusCommand', {
  check(input) {
    stepOf(input).check?.();
  },
  handle: (input, context) => stepOf(input).take(context),
});

function stepOf(input: UpdateOrderStatusInput): ReturnType<Step> {
  const step = Object.hasOwn(STEPS, input.status) ? STEPS[input.status] : undefined;
  requireRule(
    step !== undefined,
    'status-known',
    `An order can be set to ${Object.keys(STEPS).join(', ')}; it becomes confirmed by being paid.`,
  );
  return step(input);
}
