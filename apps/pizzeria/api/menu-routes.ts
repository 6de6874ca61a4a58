// Routes of the menu: pizzas and extra toppings for everybody, changes for the manager.

import type { FastifyInstance } from 'fastify';
import { AddPizza } from '../application/commands/add-pizza.ts';
import { RemovePizza } from '../application/commands/remove-pizza.ts';
import { UpdatePizza } from '../application/commands/update-pizza.ts';
import { MANAGEMENT } from '../application/identity/access.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetMenu } from '../application/queries/get-menu.ts';
import { GetPizza } from '../application/queries/get-pizza.ts';
import type { PizzaDetails } from '../domain/menu.ts';
import { EXTRA_TOPPING_CENTS, PIZZA_SIZES, type Pizza, unitPriceCents } from '../domain/pizza.ts';
import { monthOf, toppingsOfMonth } from '../domain/topping.ts';
import { contentTag, expectedVersion, sendTagged, versionTag } from './conditional.ts';
import { documented } from './openapi.ts';
import * as schemas from './schemas.ts';

const TAGS = ['Menu'];

export function menuRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  readRoutes(app, pizzeria);
  changeRoutes(app, pizzeria);
}

function readRoutes(app: FastifyInstance, { mediator, clock }: Pizzeria): void {
  app.get(
    '/menu/',
    {
      schema: documented({ summary: 'The menu', tags: TAGS, response: { 200: schemas.menu } }),
      config: { cached: true },
    },
    async (request, reply) => {
      const menu = (await mediator.send(GetMenu, undefined)).map(pizzaView);
      return sendTagged(request, reply, contentTag(JSON.stringify(menu)), menu);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/menu/:id',
    {
      schema: documented({
        summary: 'One pizza of the menu',
        tags: TAGS,
        params: schemas.pizzaPath,
        response: { 200: schemas.pizza },
      }),
      config: { problems: [404], cached: true },
    },
    async (request, reply) => {
      const pizza = await mediator.send(GetPizza, { pizzaId: request.params.id });
      return sendTagged(request, reply, versionTag(pizza), pizzaView(pizza));
    },
  );

  app.get(
    '/toppings/',
    {
      schema: documented({ summary: 'Extra toppings of the season', tags: TAGS, response: { 200: schemas.toppings } }),
      config: { cached: true },
    },
    async (request, reply) => {
      const toppings = toppingsOfMonth(monthOf(clock.nowMs())).map(({ name, months }) => ({
        name,
        priceCents: EXTRA_TOPPING_CENTS,
        seasonal: months !== undefined,
      }));
      return sendTagged(request, reply, contentTag(JSON.stringify(toppings)), toppings);
    },
  );
}

function changeRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.post<{ Body: Partial<PizzaDetails> & Pick<PizzaDetails, 'name' | 'priceCents'> }>(
    '/menu/',
    {
      schema: documented({
        summary: 'Add a pizza to the menu',
        tags: TAGS,
        body: schemas.newPizza,
        response: { 201: schemas.pizza },
      }),
      config: { access: MANAGEMENT, problems: [400, 409, 413, 415, 422] },
    },
    async (request, reply) => {
      const { name, priceCents, description = '', toppings = [], available = true } = request.body;
      const pizza = await mediator.send(AddPizza, { name, priceCents, description, toppings, available });
      request.log.info({ pizza: pizza.id }, 'pizza added to the menu');
      const tagged = reply.code(201).header('Location', `/api/menu/${pizza.id}`).header('ETag', versionTag(pizza));
      return tagged.send(pizzaView(pizza));
    },
  );

  app.put<{ Params: { id: string }; Body: Partial<PizzaDetails> }>(
    '/menu/:id',
    {
      schema: documented({
        summary: 'Change a pizza of the menu',
        description: 'What is left out stays. Orders that were placed keep what they had.',
        tags: TAGS,
        params: schemas.pizzaPath,
        body: schemas.pizzaChange,
        response: { 200: schemas.pizza },
      }),
      config: { access: MANAGEMENT, problems: [400, 404, 409, 412, 413, 415, 422], conditional: true },
    },
    async (request, reply) => {
      const reference = { pizzaId: request.params.id, expectedVersion: expectedVersion(request) };
      const { name, description, priceCents, toppings, available } = request.body;
      const change = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(priceCents !== undefined && { priceCents }),
        ...(toppings !== undefined && { toppings }),
        ...(available !== undefined && { available }),
      };
      const pizza = await mediator.send(UpdatePizza, { ...reference, change });
      request.log.info({ pizza: pizza.id }, 'pizza of the menu changed');
      return reply.header('ETag', versionTag(pizza)).send(pizzaView(pizza));
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/menu/:id',
    {
      schema: documented({ summary: 'Take a pizza off the menu', tags: TAGS, params: schemas.pizzaPath }),
      config: { access: MANAGEMENT, problems: [404, 409, 412], conditional: true, empty: true },
    },
    async (request, reply) => {
      await mediator.send(RemovePizza, { pizzaId: request.params.id, expectedVersion: expectedVersion(request) });
      request.log.info({ pizza: request.params.id }, 'pizza taken off the menu');
      return reply.code(204).send();
    },
  );
}

function pizzaView(pizza: Pizza) {
  return { ...pizza, sizes: PIZZA_SIZES.map((size) => ({ size, priceCents: unitPriceCents(pizza, size, 0) })) };
}
