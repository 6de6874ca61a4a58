// Routes for those who work here: the kitchen, and deliveries with their tours.

import type { FastifyInstance } from 'fastify';
import { DELIVERY, KITCHEN } from '../application/identity/access.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetDeliveries } from '../application/queries/get-deliveries.ts';
import { GetKitchen } from '../application/queries/get-kitchen.ts';
import { GetKitchenPerformance } from '../application/queries/get-kitchen-performance.ts';
import { GetTour } from '../application/queries/get-tour.ts';
import { documented } from './openapi.ts';
import { orderView } from './order-view.ts';
import { type PeriodQuery, periodOf } from './query-parameters.ts';
import * as schemas from './schemas-house.ts';

const TAGS = ['House'];

export function boardRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  kitchenRoutes(app, pizzeria);
  deliveryRoutes(app, pizzeria);
}

function kitchenRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get(
    '/kitchen/',
    {
      schema: documented({
        summary: 'Ovens and the queue before them',
        tags: TAGS,
        response: { 200: schemas.kitchen },
      }),
      config: { access: KITCHEN },
    },
    async () => {
      const { queue, cooking, ready, ...kitchen } = await mediator.send(GetKitchen, undefined);
      return {
        ...kitchen,
        queue: queue.map(orderView),
        cooking: cooking.map(orderView),
        ready: ready.map(orderView),
      };
    },
  );

  app.get<{ Querystring: PeriodQuery }>(
    '/kitchen/performance',
    {
      schema: documented({
        summary: 'How fast the kitchen was',
        description: 'Of the orders placed in the period.',
        tags: TAGS,
        querystring: schemas.periodQuery,
        response: { 200: schemas.kitchenPerformance },
      }),
      config: { access: KITCHEN, problems: [400, 422] },
    },
    async (request) => {
      const { sinceMs, ...performance } = await mediator.send(GetKitchenPerformance, periodOf(request.query));
      return { since: new Date(sinceMs).toISOString(), ...performance };
    },
  );
}

function deliveryRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Querystring: { driver?: string } }>(
    '/deliveries/',
    {
      schema: documented({
        summary: 'Orders that wait for a driver, and the tours on the road',
        tags: TAGS,
        querystring: { type: 'object', properties: { driver: { type: 'string', description: 'Only this driver' } } },
        response: { 200: schemas.deliveries },
      }),
      config: { access: DELIVERY, problems: [422] },
    },
    async (request) => {
      const { driver } = request.query;
      const input = driver === undefined ? {} : { driverId: driver };
      const { waiting, tours } = await mediator.send(GetDeliveries, input);
      return {
        waiting: waiting.map(orderView),
        tours: tours.map(({ driverId, orders }) => ({ driverId, orders: orders.map(orderView) })),
      };
    },
  );

  app.get<{ Params: { driver: string } }>(
    '/deliveries/tours/:driver',
    {
      schema: documented({
        summary: "A driver's tour, stop by stop",
        description: 'Whom the pizzeria promised the earliest time comes first.',
        tags: TAGS,
        params: { properties: { driver: { type: 'string' } } },
        response: { 200: schemas.tour },
      }),
      config: { access: DELIVERY, problems: [422] },
    },
    async (request) => {
      const { stops, ...tour } = await mediator.send(GetTour, { driverId: request.params.driver });
      return { ...tour, stops: stops.map((order, index) => ({ position: index + 1, order: orderView(order) })) };
    },
  );
}
