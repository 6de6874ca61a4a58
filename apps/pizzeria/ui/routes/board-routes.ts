// The boards of the kitchen and of the drivers, each as a page and as the part that is read again.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DELIVERY, KITCHEN } from '../../application/identity/access.ts';
import type { Pizzeria } from '../../application/pizzeria.ts';
import { GetDeliveries } from '../../application/queries/get-deliveries.ts';
import { GetKitchen } from '../../application/queries/get-kitchen.ts';
import { GetTour } from '../../application/queries/get-tour.ts';
import type { Role } from '../../domain/account.ts';
import type { PageSender } from '../page-sender.ts';
import { deliveryBoard, deliveryPage } from '../pages/delivery-page.ts';
import { kitchenBoard, kitchenPage } from '../pages/kitchen-page.ts';
import { tourPage, tourStops } from '../pages/tour-page.ts';

interface BoardParts {
  readonly pizzeria: Pizzeria;
  readonly pages: PageSender;
}

type TourRequest = { Params: { driverId: string } };

export function boardRoutes(app: FastifyInstance, { pizzeria, pages }: BoardParts): void {
  const { mediator } = pizzeria;
  const kitchen = { config: { access: KITCHEN } };
  const delivery = { config: { access: DELIVERY } };

  app.get('/kitchen', kitchen, async (request, reply) =>
    pages.page(reply, kitchenPage(await mediator.send(GetKitchen, undefined), staffOf(request, 'chef'))),
  );
  app.get('/kitchen/board', kitchen, async (_request, reply) =>
    pages.fragment(reply, kitchenBoard(await mediator.send(GetKitchen, undefined))),
  );

  app.get('/delivery', delivery, async (request, reply) =>
    pages.page(reply, deliveryPage(await mediator.send(GetDeliveries, {}), staffOf(request, 'driver'))),
  );
  app.get('/delivery/board', delivery, async (_request, reply) =>
    pages.fragment(reply, deliveryBoard(await mediator.send(GetDeliveries, {}))),
  );

  app.get<TourRequest>('/delivery/tours/:driverId', delivery, async (request, reply) =>
    pages.page(reply, tourPage(await mediator.send(GetTour, request.params))),
  );
  app.get<TourRequest>('/delivery/tours/:driverId/stops', delivery, async (request, reply) =>
    pages.fragment(reply, tourStops(await mediator.send(GetTour, request.params))),
  );
}

/** The login of whoever works here and is logged in; others say who they are on the board. */
function staffOf({ principal }: FastifyRequest, role: Role): string | undefined {
  return principal?.roles.includes(role) === true ? principal.login : undefined;
}
