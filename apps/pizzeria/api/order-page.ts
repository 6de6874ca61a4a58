// Pages of orders: a cursor that continues where the last page ended, in the Link header (RFC 8288).

import type { FastifyReply, FastifyRequest } from 'fastify';
import { cursorAfter, type OrderCursor, parseCursor } from '../application/order-cursor.ts';
import type { Order } from '../domain/order.ts';
import { orderView } from './order-view.ts';
import { pathOf } from './problem.ts';
import { limitOf } from './query-parameters.ts';

/** Orders per page unless said otherwise. */
const PAGE_ORDERS = 100;

export interface PageQuery {
  limit?: string;
  before?: string;
}

/** Thrown for a `before` that no Link header of ours had. */
export class NoCursor extends Error {
  readonly statusCode = 400;

  constructor() {
    super('query/before is not a cursor of this API.');
  }
}

export function pageOf(query: PageQuery) {
  const { before } = query;
  return {
    limit: limitOf(query, PAGE_ORDERS),
    before: before === undefined ? undefined : cursorOf(before),
  };
}

/** Sends the orders; a full page may have another one behind it. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  orders: readonly Order[],
  limit: number,
): FastifyReply {
  const last = orders.at(-1);
  if (orders.length === limit && last !== undefined) {
    const next = new URLSearchParams(request.query as Record<string, string>);
    next.set('before', cursorAfter(last));
    reply.header('Link', `<${pathOf(request)}?${next.toString()}>; rel="next"`);
  }
  return reply.send(orders.map(orderView));
}

function cursorOf(text: string): OrderCursor {
  const cursor = parseCursor(text);
  if (cursor === undefined) throw new NoCursor();
  return cursor;
}
