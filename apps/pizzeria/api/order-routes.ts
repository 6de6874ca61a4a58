// Routes of orders: place one, read them back, list them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlaceOrderInput } from '../application/commands/place-order.ts';
import { STAFF } from '../application/identity/access.ts';
import type { ListOrdersInput } from '../application/order-listing.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetActiveOrders } from '../application/queries/get-active-orders.ts';
import { GetCustomerProfile } from '../application/queries/get-customer-profile.ts';
import { GetNotifications } from '../application/queries/get-notifications.ts';
import { GetOrder } from '../application/queries/get-order.ts';
import { GetOrdersByCustomer } from '../application/queries/get-orders-by-customer.ts';
import { GetOrdersByDriver } from '../application/queries/get-orders-by-driver.ts';
import { GetOrdersByPizza } from '../application/queries/get-orders-by-pizza.ts';
import { ListOrders } from '../application/queries/list-orders.ts';
import type { ContactDetails } from '../domain/customer.ts';
import type { Order } from '../domain/order.ts';
import { contactOf } from '../domain/profile.ts';
import { sendTagged, versionTag } from './conditional.ts';
import { MissingMember } from './missing-member.ts';
import { documented } from './openapi.ts';
import { type PageQuery, pageOf, sendPage } from './order-page.ts';
import { notificationView, orderView } from './order-view.ts';
import { problem, sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

/** A key is a UUID or something like it; the draft of the header names no limit. */
const IDEMPOTENCY_KEY_CHARACTERS_MAX = 200;

type OrderRequest = Pick<PlaceOrderInput, 'items' | 'paymentMethod' | 'notes'> & { customer?: ContactDetails };

interface ListQuery extends PageQuery {
  status?: string;
  driver?: string;
  customer?: string;
  pizza?: string;
}

export function orderRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  placeRoute(app, pizzeria);
  listRoute(app, pizzeria);
  readRoutes(app, pizzeria);
}

function placeRoute(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.post<{ Body: OrderRequest }>(
    '/orders/',
    {
      schema: documented({
        summary: 'Place an order',
        description: 'Guests may order. With an Idempotency-Key header, repeating the request returns the same order.',
        tags: ['Orders'],
        body: schemas.orderRequest,
        response: { 201: schemas.order },
      }),
      config: { problems: [400, 402, 409, 413, 415, 422], idempotent: true },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (typeof key === 'string' && (key === '' || key.length > IDEMPOTENCY_KEY_CHARACTERS_MAX)) {
        const detail = `An Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters.`;
        return sendProblem(reply, problem('malformed-request', 400, detail));
      }
      const customer = await customerOf(request, pizzeria);
      if (customer === undefined) throw new MissingMember('customer');
      const { items, paymentMethod, notes } = request.body;
      const { order, replayed } = await pizzeria.checkout.place({
        customer,
        items,
        paymentMethod,
        profileId: request.principal?.profileId ?? null,
        channel: request.headers['sec-fetch-site'] === 'same-origin' ? 'web' : 'api',
        ...(notes !== undefined && { notes }),
        ...(typeof key === 'string' && { idempotencyKey: key }),
      });
      request.log.info(
        { orderId: order.id, status: order.status, totalCents: order.totalCents, replayed },
        'order placed',
      );
      if (replayed) reply.header('Idempotency-Replayed', 'true');
      return withTag(reply, order).code(201).header('Location', `/api/orders/${order.id}`).send(orderView(order));
    },
  );
}

/** Whom the request names, else whom the account belongs to. */
async function customerOf(
  { body, principal }: FastifyRequest<{ Body: OrderRequest }>,
  { mediator }: Pizzeria,
): Promise<ContactDetails | undefined> {
  if (body.customer !== undefined) {
    const { name, phone, address, email } = body.customer;
    return { name, phone, address, ...(email !== undefined && { email }) };
  }
  if (principal === undefined || principal.profileId === null) return undefined;
  return contactOf(await mediator.send(GetCustomerProfile, principal));
}

function listRoute(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Querystring: ListQuery }>(
    '/orders/',
    {
      schema: documented({
        summary: 'List orders, newest first',
        description: 'Filters add up. The Link header with rel="next" leads to the next page.',
        tags: ['Orders'],
        querystring: schemas.orderQuery,
        response: { 200: schemas.orders },
      }),
      config: { access: STAFF, problems: [400, 422] },
    },
    async (request, reply) => {
      const { status, driver: driverId, customer: customerId, pizza } = request.query;
      const page = pageOf(request.query);
      const orders = await listBy(mediator, { status, driverId, customerId, pizza, ...page });
      return sendPage(request, reply, orders, page.limit);
    },
  );
}

/** The question that is asked by its most telling filter; the others narrow it. */
function listBy(mediator: Pizzeria['mediator'], input: ListOrdersInput): Promise<Order[]> {
  const { customerId, driverId, pizza, status } = input;
  if (customerId !== undefined) return mediator.send(GetOrdersByCustomer, { ...input, customerId });
  if (driverId !== undefined) return mediator.send(GetOrdersByDriver, { ...input, driverId });
  if (pizza !== undefined) return mediator.send(GetOrdersByPizza, { ...input, pizza });
  if (status === 'active') return mediator.send(GetActiveOrders, input);
  return mediator.send(ListOrders, input);
}

function readRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Params: { id: string } }>(
    '/orders/:id',
    {
      schema: documented({
        summary: 'Read one order',
        description: 'Whoever has the id may; nobody guesses it.',
        tags: ['Orders'],
        params: schemas.orderPath,
        response: { 200: schemas.order },
      }),
      config: { problems: [404], cached: true },
    },
    async (request, reply) => {
      const order = await mediator.send(GetOrder, { orderId: request.params.id });
      return sendTagged(request, reply, versionTag(order), orderView(order));
    },
  );

  app.get<{ Params: { id: string } }>(
    '/orders/:id/notifications',
    {
      schema: documented({
        summary: 'What the customer was told of the order',
        tags: ['Orders'],
        params: schemas.orderPath,
        response: { 200: schemas.notifications },
      }),
      config: { problems: [404] },
    },
    async (request) => {
      const told = await mediator.send(GetNotifications, { orderId: request.params.id });
      return told.map(notificationView);
    },
  );
}

export function withTag(reply: FastifyReply, order: Order): FastifyReply {
  return reply.header('ETag', versionTag(order));
}
