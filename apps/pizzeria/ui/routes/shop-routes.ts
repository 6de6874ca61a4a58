// What customers see: the menu, the checkout, their order on its way.

import type { FastifyInstance } from 'fastify';
import type { Pizzeria } from '../../application/pizzeria.ts';
import { GetCustomerProfile } from '../../application/queries/get-customer-profile.ts';
import { GetMenu } from '../../application/queries/get-menu.ts';
import { GetOrder } from '../../application/queries/get-order.ts';
import { monthOf, toppingsOfMonth } from '../../domain/topping.ts';
import type { PageSender } from '../page-sender.ts';
import { checkoutPage } from '../pages/checkout-page.ts';
import { menuPage } from '../pages/menu-page.ts';
import { trackingPage } from '../pages/tracking-page.ts';

export type FunnelStep = 'menu_seen' | 'basket';

export interface ShopParts {
  readonly pizzeria: Pizzeria;
  readonly pages: PageSender;
  readonly onFunnelStep: (step: FunnelStep) => void;
}

export function shopRoutes(app: FastifyInstance, { pizzeria, pages, onFunnelStep }: ShopParts): void {
  const { mediator } = pizzeria;

  app.get('/', async (_request, reply) => {
    const menu = await mediator.send(GetMenu, undefined);
    onFunnelStep('menu_seen');
    return pages.page(reply, menuPage(pages.assets, menu, toppingsOfMonth(monthOf(pizzeria.clock.nowMs()))));
  });

  app.get('/checkout', async (request, reply) => {
    const menu = await mediator.send(GetMenu, undefined);
    const { principal } = request;
    const profile =
      principal?.profileId == null
        ? undefined
        : await mediator.send(GetCustomerProfile, { accountId: principal.accountId });
    onFunnelStep('basket');
    return pages.page(reply, checkoutPage(menu, profile));
  });

  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) =>
    pages.page(reply, trackingPage(await mediator.send(GetOrder, { orderId: request.params.id }))),
  );
}
