// Editing the menu: pizzas are added, changed, taken off, and marked as sold out.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AddPizza } from '../../application/commands/add-pizza.ts';
import { RemovePizza } from '../../application/commands/remove-pizza.ts';
import { UpdatePizza } from '../../application/commands/update-pizza.ts';
import { MANAGEMENT } from '../../application/identity/access.ts';
import type { Pizzeria } from '../../application/pizzeria.ts';
import { GetMenu } from '../../application/queries/get-menu.ts';
import type { PizzaDetails } from '../../domain/menu.ts';
import { centsOf, type Form, readForm, wholeNumberOf } from '../form.ts';
import type { PageSender } from '../page-sender.ts';
import { menuEditingPage } from '../pages/menu-editing-page.ts';

interface MenuEditingParts {
  readonly pizzeria: Pizzeria;
  readonly pages: PageSender;
}

const MENU_PATH = '/manage/menu';
type PizzaRequest = { Params: { id: string } };

export function menuEditingRoutes(app: FastifyInstance, { pizzeria, pages }: MenuEditingParts): void {
  const { mediator } = pizzeria;
  const manager = { config: { access: MANAGEMENT } };

  const show = async (request: FastifyRequest, refusal?: string) => {
    const { done } = request.query as { done?: string };
    const menu = await mediator.send(GetMenu, undefined);
    return menuEditingPage({ menu, visitor: pages.visitor(request), done, refusal });
  };
  const again = (request: FastifyRequest) => (refusal: string) => show(request, refusal);

  app.get(MENU_PATH, manager, async (request, reply) => pages.page(reply, await show(request)));

  app.post(MENU_PATH, manager, async (request, reply) => {
    const form = readForm(request.body);
    const work = async () => {
      const pizza = await mediator.send(AddPizza, detailsOf(form));
      return `${MENU_PATH}?done=added#pizza-${pizza.id}`;
    };
    return pages.form(reply, work, again(request));
  });

  app.post<PizzaRequest>(`${MENU_PATH}/:id`, manager, async (request, reply) => {
    const form = readForm(request.body);
    const work = async () => {
      await mediator.send(UpdatePizza, { ...referenceOf(request.params.id, form), change: detailsOf(form) });
      return `${MENU_PATH}?done=saved#pizza-${encodeURIComponent(request.params.id)}`;
    };
    return pages.form(reply, work, again(request));
  });

  app.post<PizzaRequest>(`${MENU_PATH}/:id/availability`, manager, async (request, reply) => {
    const form = readForm(request.body);
    const work = async () => {
      const change = { available: form('available') === 'yes' };
      await mediator.send(UpdatePizza, { ...referenceOf(request.params.id, form), change });
      return `${MENU_PATH}#pizza-${encodeURIComponent(request.params.id)}`;
    };
    return pages.form(reply, work, again(request));
  });

  app.post<PizzaRequest>(`${MENU_PATH}/:id/remove`, manager, async (request, reply) => {
    const form = readForm(request.body);
    const work = async () => {
      await mediator.send(RemovePizza, referenceOf(request.params.id, form));
      return `${MENU_PATH}?done=removed`;
    };
    return pages.form(reply, work, again(request));
  });
}

/** The version is the one that the manager saw: of two who edit the same pizza, the second is told. */
function referenceOf(pizzaId: string, form: Form) {
  return { pizzaId, expectedVersion: wholeNumberOf(form('version')) };
}

function detailsOf(form: Form): PizzaDetails {
  const toppings = form('toppings')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    name: form('name'),
    description: form('description'),
    priceCents: centsOf(form('price')),
    toppings,
    available: form('available') === 'yes',
  };
}
