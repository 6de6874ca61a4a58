// Routes that move an order on: cook, ready, assign, deliver, cancel, or by the status that it shall have.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AssignOrderToDelivery } from '../application/commands/assign-order-to-delivery.ts';
import { CancelOrder } from '../application/commands/cancel-order.ts';
import { CompleteOrder } from '../application/commands/complete-order.ts';
import { DeliverOrder } from '../application/commands/deliver-order.ts';
import { StartCooking } from '../application/commands/start-cooking.ts';
import { UpdateOrderStatus, type UpdateOrderStatusInput } from '../application/commands/update-order-status.ts';
import { type Access, DELIVERY, KITCHEN, STAFF } from '../application/identity/access.ts';
import type { Principal } from '../application/identity/principal.ts';
import type { OrderReference } from '../application/order-step.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { requireRule } from '../domain/business-rule.ts';
import type { Order } from '../domain/order.ts';
import { expectedVersion } from './conditional.ts';
import { MissingMember } from './missing-member.ts';
import { documented } from './openapi.ts';
import { withTag } from './order-routes.ts';
import { orderView } from './order-view.ts';
import * as schemas from './schemas.ts';

interface Step {
  readonly path: string;
  readonly summary: string;
  readonly body?: object;
  /** Everybody who has the order's id when absent. */
  readonly access?: Access;
  take(
    mediator: Pizzeria['mediator'],
    reference: OrderReference,
    body: unknown,
    who: Principal | undefined,
  ): Promise<Order>;
}

const STEPS: readonly Step[] = [
  {
    path: 'cook',
    summary: 'Put a confirmed order into the oven',
    body: schemas.cooking,
    access: KITCHEN,
    take: (mediator, reference, body, who) => {
      const cookId = (body as { cookId?: string } | null)?.cookId ?? who?.login;
      return mediator.send(StartCooking, { ...reference, cookId });
    },
  },
  {
    path: 'ready',
    summary: 'Take a cooking order out of the oven',
    access: KITCHEN,
    take: (mediator, reference) => mediator.send(CompleteOrder, reference),
  },
  {
    path: 'assign',
    summary: 'Give a ready order to a driver',
    body: schemas.assignment,
    access: DELIVERY,
    take: (mediator, reference, body, who) => {
      const driverId = driverOf((body as { driverId?: string } | null)?.driverId, who);
      return mediator.send(AssignOrderToDelivery, { ...reference, driverId });
    },
  },
  {
    path: 'deliver',
    summary: 'Hand an order over at the door',
    access: DELIVERY,
    take: (mediator, reference) => mediator.send(DeliverOrder, reference),
  },
  {
    path: 'cancel',
    summary: 'Cancel an order that is not on the road yet; what was paid comes back',
    body: schemas.cancellation,
    take: (mediator, reference, body) => {
      const { reason } = body as { reason: string };
      return mediator.send(CancelOrder, { ...reference, reason });
    },
  },
  {
    path: 'status',
    summary: 'Bring an order into a status, by the step that leads there',
    body: schemas.statusChange,
    access: STAFF,
    take: (mediator, reference, body, who) => {
      const { status, cookId, driverId, reason } = body as Omit<UpdateOrderStatusInput, 'orderId'>;
      return mediator.send(UpdateOrderStatus, {
        ...reference,
        status,
        reason,
        cookId: cookId ?? who?.login,
        driverId: status === 'delivering' ? driverOf(driverId, who) : undefined,
      });
    },
  },
];

export function stepRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
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
        config: {
          problems: [400, 404, 409, 412, 413, 415, ...(step.body === undefined ? [] : [422])],
          conditional: true,
          ...(step.access !== undefined && { access: step.access }),
        },
      },
      async (request, reply) => {
        const order = await step.take(mediator, referenceOf(request), request.body, request.principal);
        request.log.info({ orderId: order.id, status: order.status }, 'order moved on');
        return withTag(reply, order).send(orderView(order));
      },
    );
  }
}

/** A driver who is logged in takes orders on the own tour; the manager gives them to anybody. */
function driverOf(wanted: string | undefined, who: Principal | undefined): string {
  const isOnlyDriver = who?.roles.includes('driver') === true && !who.roles.includes('manager');
  if (!isOnlyDriver) {
    if (wanted === undefined) throw new MissingMember('driverId');
    return wanted;
  }
  requireRule(
    wanted === undefined || wanted === who.login,
    'driver-own-tour',
    'You are logged in as a driver; leave driverId out, or ask the manager to give the order to somebody else.',
  );
  return who.login;
}

function referenceOf(request: FastifyRequest<{ Params: { id: string } }>): OrderReference {
  return { orderId: request.params.id, expectedVersion: expectedVersion(request) };
}
