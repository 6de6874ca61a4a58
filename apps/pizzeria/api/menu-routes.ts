// Routes of the menu: pizzas and extra toppings.

import type { FastifyInstance } from 'fastify';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetMenu } from '../application/queries/get-menu.ts';
import { EXTRA_TOPPING_CENTS, PIZZA_SIZES, type Pizza, unitPriceCents } from '../domain/pizza.ts';
import { monthOf, toppingsOfMonth } from '../domain/topping.ts';
import { documented } from './openapi.ts';
import * as schemas from './schemas.ts';

export function menuRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  app.get(
    '/menu/',
    { schema: documented({ summary: 'The menu', tags: ['Menu'], response: { 200: schemas.menu } }) },
    async () => {
      const menu = await pizzeria.mediator.send(GetMenu, undefined);
      return menu.map(pizzaView);
    },
  );

  app.get(
    '/toppings/',
    {
      schema: documented({
        summary: 'Extra toppings of the season',
        tags: ['Menu'],
        response: { 200: schemas.toppings },
      }),
    },
    async () =>
      toppingsOfMonth(monthOf(pizzeria.clock.nowMs())).map(({ name, months }) => ({
        name,
        priceCents: EXTRA_TOPPING_CENTS,
        seasonal: months !== undefined,
      })),
  );
}

function pizzaView(pizza: Pizza) {
  return { ...pizza, sizes: PIZZA_SIZES.map((size) => ({ size, priceCents: unitPriceCents(pizza, size, 0) })) };
}
