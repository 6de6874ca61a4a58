// Routes of orders: place one, read them back, list them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlaceOrderInput } from '../application/commands/place-order.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetNotifications } from '../application/queries/get-notifications.ts';
import { GetOrder } from '../application/queries/get-order.ts';
import { ListOrders } from '../application/queries/list-orders.ts';
import type { Order } from '../domain/order.ts';
import { documented } from './openapi.ts';
import { orderView } from './order-view.ts';
import { problem, sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

const PAGE_ORDERS = 100;
/** A key is a UUID or something like it; the draft of the header names no limit. */
const IDEMPOTENCY_KEY_CHARACTERS_MAX = 200;

interface ListQuery {
  status?: string;
  driver?: string;
  limit?: string;
  before?: string;
}

export function orderRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  placeRoute(app, pizzeria);
  listRoute(app, pizzeria);
  readRoutes(app, pizzeria);
}

function placeRoute(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.post<{ Body: Omit<PlaceOrderInput, 'channel' | 'idempotencyKey'> }>(
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
      const { customer, items, paymentMethod, notes } = request.body;
      const { order, replayed } = await pizzeria.checkout.place({
        customer,
        items,
        paymentMethod,
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

function listRoute(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.get<{ Querystring: ListQuery }>(
    '/orders/',
    {
      schema: documented({
        summary: 'List orders, newest first',
        description: 'The Link header with rel="next" leads to the next page.',
        tags: ['Orders'],
        querystring: schemas.orderQuery,
        response: { 200: schemas.orders },
      }),
      config: { problems: [400, 422] },
    },
    async (request, reply) => {
      const { status, driver, limit, before } = request.query;
      const count = limit === undefined ? PAGE_ORDERS : Number(limit);
      const cursor = before === undefined ? undefined : cursorOf(before);
      if (cursor === null) {
        return sendProblem(reply, problem('malformed-request', 400, 'query/before is not a cursor of this API.'));
      }
      const input = { status, driverId: driver, before: cursor, limit: count };
      const orders = await pizzeria.mediator.send(ListOrders, input);
      const last = orders.at(-1);
      if (orders.length === count && last !== undefined) reply.header('Link', nextLink(request, last));
      return orders.map(orderView);
    },
  );
}

function readRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.get<{ Params: { id: string } }>(
    '/orders/:id',
    {
      schema: documented({
        summary: 'Read one order',
        tags: ['Orders'],
        params: schemas.orderPath,
        response: { 200: schemas.order },
      }),
      config: { problems: [404] },
    },
    async (request, reply) => {
      const order = await pizzeria.mediator.send(GetOrder, { orderId: request.params.id });
      if (request.headers['if-none-match'] === tagOf(order)) return withTag(reply, order).code(304).send();
      return withTag(reply, order).send(orderView(order));
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
      const told = await pizzeria.mediator.send(GetNotifications, { orderId: request.params.id });
      return told.map(({ id, text, createdAtMs }) => ({ id, text, createdAt: new Date(createdAtMs).toISOString() }));
    },
  );
}

export function withTag(reply: FastifyReply, order: Order): FastifyReply {
  return reply.header('ETag', tagOf(order));
}

function tagOf(order: Order): string {
  return `"${order.version}"`;
}

/** `<time>.<id>` of the last order of a page; null when it is not one. */
function cursorOf(text: string): { placedAtMs: number; id: string } | null {
  const match = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text);
  return match === null ? null : { placedAtMs: Number(match[1]), id: match[2]! };
}

function nextLink(request: FastifyRequest, last: Order): string {
  const next = new URLSearchParams(request.query as Record<string, string>);
  next.set('before', `${last.placedAtMs}.${last.id}`);
  return `</api/orders/?${next.toString()}>; rel="next"`;
}
