// Live updates: one order for the customer who waits, all of them for the boards.

import type { FastifyInstance } from 'fastify';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetOrder } from '../application/queries/get-order.ts';
import { EventStream } from './event-stream.ts';
import { documented } from './openapi.ts';
import { orderProgressView } from './order-view.ts';
import { problem, sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

/** A board is told at most this often that something changed; it then reads once. */
const BOARD_INTERVAL_MS = 500;

/** Open streams are ended when the server closes, otherwise it would wait for them for ever. */
export function streamRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  const streams = new Set<EventStream>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.close();
  });
  const keep = (stream: EventStream, stopWatching: () => void): void => {
    streams.add(stream);
    stream.onClose(() => {
      streams.delete(stream);
      stopWatching();
    });
  };
  const full = problem('too-many-streams', 503, 'Read the order from time to time instead.');

  app.get<{ Params: { id: string } }>(
    '/orders/:id/events',
    {
      schema: documented({
        summary: 'Watch one order (server-sent events)',
        description: 'An event named "order" with the progress of the order, at once and after each change.',
        tags: ['Live'],
        params: schemas.orderPath,
      }),
      config: { problems: [404, 503], stream: true },
    },
    async (request, reply) => {
      const orderId = request.params.id;
      const read = () => pizzeria.mediator.send(GetOrder, { orderId });
      let sent = await read();
      if (!pizzeria.feed.hasRoom()) return sendProblem(reply, full);
      // The heartbeat reads as well: another process may have moved the order on.
      const update = () => {
        read().then(
          (order) => {
            if (order.version <= sent.version) return;
            sent = order;
            stream.send('order', orderProgressView(order));
          },
          (error) => request.log.warn({ err: error }, 'could not read a watched order'),
        );
      };
      const stream = new EventStream(request, reply, update);
      stream.send('order', orderProgressView(sent));
      keep(
        stream,
        pizzeria.feed.watch((changed) => {
          if (changed === orderId) update();
        }),
      );
      return reply;
    },
  );

  app.get(
    '/orders/events',
    {
      schema: documented({
        summary: 'Watch all orders (server-sent events)',
        description: 'An event named "changed" when any order changed, at most twice a second.',
        tags: ['Live'],
      }),
      config: { problems: [503], stream: true },
    },
    async (request, reply) => {
      if (!pizzeria.feed.hasRoom()) return sendProblem(reply, full);
      const stream = new EventStream(request, reply);
      let pending: NodeJS.Timeout | undefined;
      keep(
        stream,
        pizzeria.feed.watch(() => {
          pending ??= setTimeout(() => {
            pending = undefined;
            stream.send('changed', {});
          }, BOARD_INTERVAL_MS).unref();
        }),
      );
      stream.onClose(() => clearTimeout(pending));
      return reply;
    },
  );
}
