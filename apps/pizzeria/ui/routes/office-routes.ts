// The office: the day, the sales, the staff, and the events that were set aside.

import type { FastifyInstance } from 'fastify';
import { ReplayParkedEvent } from '../../application/commands/replay-parked-event.ts';
import { MANAGEMENT, OFFICE } from '../../application/identity/access.ts';
import { DAY_MS } from '../../application/period.ts';
import type { Pizzeria } from '../../application/pizzeria.ts';
import { GetKitchenPerformance } from '../../application/queries/get-kitchen-performance.ts';
import { GetOrderTimeSeries } from '../../application/queries/get-order-time-series.ts';
import { GetParkedEvents } from '../../application/queries/get-parked-events.ts';
import { GetSales } from '../../application/queries/get-sales.ts';
import { GetStaffPerformance } from '../../application/queries/get-staff-performance.ts';
import { GetStatistics } from '../../application/queries/get-statistics.ts';
import { GetTopCustomers } from '../../application/queries/get-top-customers.ts';
import { wholeNumberOf } from '../form.ts';
import type { PageSender } from '../page-sender.ts';
import { ANALYTICS_DAYS, analyticsPage } from '../pages/analytics-page.ts';
import { parkedEventsPage } from '../pages/parked-events-page.ts';
import { todayPage } from '../pages/today-page.ts';
import { mayEnter } from '../visitor.ts';

interface OfficeParts {
  readonly pizzeria: Pizzeria;
  readonly pages: PageSender;
}

const TOP_CUSTOMERS = 10;

export function officeRoutes(app: FastifyInstance, { pizzeria, pages }: OfficeParts): void {
  const { mediator, clock } = pizzeria;

  app.get('/today', { config: { access: OFFICE } }, async (request, reply) => {
    const statistics = await mediator.send(GetStatistics, undefined);
    const sales = await mediator.send(GetSales, undefined);
    return pages.page(reply, todayPage(statistics, sales, pages.visitor(request)));
  });

  app.get<{ Querystring: { days?: string } }>('/manage', { config: { access: OFFICE } }, async (request, reply) => {
    const visitor = pages.visitor(request);
    const asked = wholeNumberOf(request.query.days);
    const days = ANALYTICS_DAYS.find((each) => each === asked) ?? 7;
    const fromMs = clock.nowMs() - days * DAY_MS;
    const maySeePeople = mayEnter(visitor, MANAGEMENT);
    const analytics = {
      days,
      hours: await mediator.send(GetOrderTimeSeries, { fromMs, bucket: 'hour' }),
      sales: await mediator.send(GetSales, undefined),
      kitchen: await mediator.send(GetKitchenPerformance, { days }),
      staff: maySeePeople ? await mediator.send(GetStaffPerformance, { days }) : undefined,
      customers: maySeePeople ? await mediator.send(GetTopCustomers, { days, limit: TOP_CUSTOMERS }) : undefined,
    };
    return pages.page(reply, analyticsPage(analytics, visitor));
  });

  app.get('/manage/events', { config: { access: MANAGEMENT } }, async (request, reply) =>
    pages.page(reply, parkedEventsPage(await mediator.send(GetParkedEvents, undefined), pages.visitor(request))),
  );

  app.post<{ Params: { position: string } }>(
    '/manage/events/:position/replay',
    { config: { access: MANAGEMENT } },
    async (request, reply) => {
      const work = async () => {
        await mediator.send(ReplayParkedEvent, { position: wholeNumberOf(request.params.position) ?? -1 });
        return '/manage/events';
      };
      return pages.form(reply, work, async (refusal) =>
        parkedEventsPage(await mediator.send(GetParkedEvents, undefined), pages.visitor(request), refusal),
      );
    },
  );
}
