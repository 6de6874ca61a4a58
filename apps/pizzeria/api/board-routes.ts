// Routes for those who work here: the kitchen, deliveries, the day's numbers.

import type { FastifyInstance } from 'fastify';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetDeliveries } from '../application/queries/get-deliveries.ts';
import { GetKitchen } from '../application/queries/get-kitchen.ts';
import { GetSales } from '../application/queries/get-sales.ts';
import { GetStatistics } from '../application/queries/get-statistics.ts';
import { documented } from './openapi.ts';
import { orderView } from './order-view.ts';
import * as schemas from './schemas.ts';

export function boardRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.get(
    '/kitchen/',
    {
      schema: documented({
        summary: 'Ovens and the queue before them',
        tags: ['House'],
        response: { 200: schemas.kitchen },
      }),
    },
    async () => {
      const { queue, cooking, ready, ...kitchen } = await pizzeria.mediator.send(GetKitchen, undefined);
      return {
        ...kitchen,
        queue: queue.map(orderView),
        cooking: cooking.map(orderView),
        ready: ready.map(orderView),
      };
    },
  );

  app.get<{ Querystring: { driver?: string } }>(
    '/deliveries/',
    {
      schema: documented({
        summary: 'Orders that wait for a driver, and the tours on the road',
        tags: ['House'],
        querystring: { type: 'object', properties: { driver: { type: 'string', description: 'Only this driver' } } },
        response: { 200: schemas.deliveries },
      }),
    },
    async (request) => {
      const { driver } = request.query;
      const input = driver === undefined ? {} : { driverId: driver };
      const { waiting, tours } = await pizzeria.mediator.send(GetDeliveries, input);
      return {
        waiting: waiting.map(orderView),
        tours: tours.map(({ driverId, orders }) => ({ driverId, orders: orders.map(orderView) })),
      };
    },
  );

  app.get(
    '/statistics/',
    { schema: documented({ summary: "The day's numbers", tags: ['House'], response: { 200: schemas.statistics } }) },
    async () => {
      const { sinceMs, ...statistics } = await pizzeria.mediator.send(GetStatistics, undefined);
      return { since: new Date(sinceMs).toISOString(), ...statistics };
    },
  );

  app.get(
    '/statistics/sales',
    {
      schema: documented({
        summary: 'The sales of the last 24 hours, by hour and by pizza',
        tags: ['House'],
        response: { 200: schemas.sales },
      }),
    },
    async () => {
      const { hours, pizzas } = await pizzeria.mediator.send(GetSales, undefined);
      return {
        hours: hours.map(({ hourMs, ...sales }) => ({ hour: new Date(hourMs).toISOString(), ...sales })),
        pizzas,
      };
    },
  );
}
