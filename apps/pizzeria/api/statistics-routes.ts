// Routes of the numbers that the house is run by.

import type { FastifyInstance, FastifyReply } from 'fastify';
import { MANAGEMENT, OFFICE } from '../application/identity/access.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetOrderTimeSeries } from '../application/queries/get-order-time-series.ts';
import { GetSales } from '../application/queries/get-sales.ts';
import { GetStaffPerformance } from '../application/queries/get-staff-performance.ts';
import { GetStatistics } from '../application/queries/get-statistics.ts';
import { GetStatusDistribution } from '../application/queries/get-status-distribution.ts';
import { GetTopCustomers } from '../application/queries/get-top-customers.ts';
import { documented } from './openapi.ts';
import { problem, sendProblem } from './problem.ts';
import { instantOf, limitOf, type PeriodQuery, periodOf } from './query-parameters.ts';
import * as schemas from './schemas-house.ts';

const TAGS = ['Statistics'];
const TOP_CUSTOMERS = 10;

export function statisticsRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  overviewRoutes(app, pizzeria);
  seriesRoute(app, pizzeria);
  peopleRoutes(app, pizzeria);
}

function overviewRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get(
    '/statistics/',
    {
      schema: documented({ summary: "The day's numbers", tags: TAGS, response: { 200: schemas.statistics } }),
      config: { access: OFFICE },
    },
    async () => {
      const { sinceMs, ...statistics } = await mediator.send(GetStatistics, undefined);
      return { since: iso(sinceMs), ...statistics };
    },
  );

  app.get(
    '/statistics/sales',
    {
      schema: documented({
        summary: 'The sales of the last 24 hours, by hour and by pizza',
        tags: TAGS,
        response: { 200: schemas.sales },
      }),
      config: { access: OFFICE },
    },
    async () => {
      const { hours, pizzas } = await mediator.send(GetSales, undefined);
      return { hours: hours.map(({ hourMs, ...sales }) => ({ hour: iso(hourMs), ...sales })), pizzas };
    },
  );

  app.get<{ Querystring: PeriodQuery }>(
    '/statistics/status',
    {
      schema: documented({
        summary: 'How many orders of a period are in which status',
        tags: TAGS,
        querystring: schemas.periodQuery,
        response: { 200: schemas.statusDistribution },
      }),
      config: { access: OFFICE, problems: [400, 422] },
    },
    async (request) => {
      const { sinceMs, ordersByStatus } = await mediator.send(GetStatusDistribution, periodOf(request.query));
      return { since: iso(sinceMs), ordersByStatus };
    },
  );
}

interface SeriesQuery {
  from?: string;
  to?: string;
  bucket?: 'hour' | 'day';
}

function seriesRoute(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Querystring: SeriesQuery }>(
    '/statistics/series',
    {
      schema: documented({
        summary: 'Orders and money in steps of an hour or a day',
        tags: TAGS,
        querystring: schemas.seriesQuery,
        response: { 200: schemas.series },
      }),
      config: { access: OFFICE, problems: [400, 422] },
    },
    async (request, reply) => {
      const { from, to, bucket = 'hour' } = request.query;
      const [fromMs, toMs] = [instantOf(from), instantOf(to)];
      if (fromMs === null || toMs === null) return refuseInstant(reply);
      const points = await mediator.send(GetOrderTimeSeries, { fromMs, toMs, bucket });
      return points.map(({ startMs, ...sales }) => ({ start: iso(startMs), ...sales }));
    },
  );
}

function peopleRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Querystring: PeriodQuery & { limit?: string } }>(
    '/statistics/customers',
    {
      schema: documented({
        summary: 'Who spent most in a period',
        tags: TAGS,
        querystring: schemas.topQuery,
        response: { 200: schemas.topCustomers },
      }),
      config: { access: MANAGEMENT, problems: [400, 422] },
    },
    async (request) => {
      const limit = limitOf(request.query, TOP_CUSTOMERS);
      const customers = await mediator.send(GetTopCustomers, { ...periodOf(request.query), limit });
      return customers.map(({ latestAtMs, ...customer }) => ({ ...customer, latestAt: iso(latestAtMs) }));
    },
  );

  app.get<{ Querystring: PeriodQuery }>(
    '/statistics/staff',
    {
      schema: documented({
        summary: 'What each cook and each driver did in a period',
        tags: TAGS,
        querystring: schemas.periodQuery,
        response: { 200: schemas.staffPerformance },
      }),
      config: { access: MANAGEMENT, problems: [400, 422] },
    },
    async (request) => {
      const { sinceMs, ...staff } = await mediator.send(GetStaffPerformance, periodOf(request.query));
      return { since: iso(sinceMs), ...staff };
    },
  );
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function refuseInstant(reply: FastifyReply): FastifyReply {
  const detail = 'query/from and query/to are instants since 1970 such as 2026-11-22T18:00:00Z.';
  return sendProblem(reply, problem('malformed-request', 400, detail));
}
