// Routes that move an order on: cook, ready, assign, deliver, cancel.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AssignOrderToDelivery } from '../application/commands/assign-order-to-delivery.ts';
import { CancelOrder } from '../application/commands/cancel-order.ts';
import { CompleteOrder } from '../application/commands/complete-order.ts';
import { DeliverOrder } from '../application/commands/deliver-order.ts';
import { StartCooking } from '../application/commands/start-cooking.ts';
import type { OrderReference } from '../application/order-step.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import type { Order } from '../domain/order.ts';
import { documented } from './openapi.ts';
import { withTag } from './order-routes.ts';
import { orderView } from './order-view.ts';
import * as schemas from './schemas.ts';

interface Step {
  readonly path: string;
  readonly summary: string;
  readonly body?: object;
  take(pizzeria: Pizzeria, reference: OrderReference, body: unknown): Promise<Order>;
}

const STEPS: readonly Step[] = [
  {
    path: 'cook',
    summary: 'Put a confirmed order into the oven',
    take: (pizzeria, reference) => pizzeria.mediator.send(StartCooking, reference),
  },
  {
    path: 'ready',
    summary: 'Take a cooking order out of the oven',
    take: (pizzeria, reference) => pizzeria.mediator.send(CompleteOrder, reference),
  },
  {
    path: 'assign',
    summary: 'Give a ready order to a driver',
    body: schemas.assignment,
    take: (pizzeria, reference, body) => {
      const { driverId } = body as { driverId: string };
      return pizzeria.mediator.send(AssignOrderToDelivery, { ...reference, driverId });
    },
  },
  {
    path: 'deliver',
    summary: 'Hand an order over at the door',
    take: (pizzeria, reference) => pizzeria.mediator.send(DeliverOrder, reference),
  },
  {
    path: 'cancel',
    summary: 'Cancel an order that is not on the road yet; what was paid comes back',
    body: schemas.cancellation,
    take: (pizzeria, reference, body) => {
      const { reason } = body as { reason: string };
      return pizzeria.mediator.send(CancelOrder, { ...reference, reason });
    },
  },
];

export function stepRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  for (const step of STEPS) {
    app.put<{ Params: { id: string } }>(
      `/orders/:id/${step.path}`,
      {
        schema: documented({
          summary: step.summary,
          description: 'With If-Match, only if the order still has the version that the ETag named.',
          tags: ['Orders'],
          params: schemas.orderPath,
          ...(step.body !== undefined && { body: step.body }),
          response: { 200: schemas.order },
        }),
        config: { problems: [400, 404, 409, 412, ...(step.body === undefined ? [] : [422])], conditional: true },
      },
      async (request, reply) => {
        const order = await step.take(pizzeria, referenceOf(request), request.body);
        request.log.info({ orderId: order.id, status: order.status }, 'order moved on');
        return answer(reply, order);
      },
    );
  }
}

function answer(reply: FastifyReply, order: Order): FastifyReply {
  return withTag(reply, order).send(orderView(order));
}

function referenceOf(request: FastifyRequest<{ Params: { id: string } }>): OrderReference {
  const match = /^"(\d{1,9})"$/.exec(request.headers['if-match'] ?? '');
  return { orderId: request.params.id, expectedVersion: match === null ? undefined : Number(match[1]) };
}
