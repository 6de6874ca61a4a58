// The UI app: the pages that customers, cooks and drivers look at.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OrderNotFound } from '../application/failure.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetDeliveries } from '../application/queries/get-deliveries.ts';
import { GetKitchen } from '../application/queries/get-kitchen.ts';
import { GetMenu } from '../application/queries/get-menu.ts';
import { GetOrder } from '../application/queries/get-order.ts';
import { GetSales } from '../application/queries/get-sales.ts';
import { GetStatistics } from '../application/queries/get-statistics.ts';
import { monthOf, toppingsOfMonth } from '../domain/topping.ts';
import type { Assets } from './assets.ts';
import type { Html } from './html.ts';
import { layout, type Page } from './layout.ts';
import { checkoutPage } from './pages/checkout-page.ts';
import { deliveryBoard, deliveryPage } from './pages/delivery-page.ts';
import { errorPage } from './pages/error-page.ts';
import { kitchenBoard, kitchenPage } from './pages/kitchen-page.ts';
import { menuPage } from './pages/menu-page.ts';
import { todayPage } from './pages/today-page.ts';
import { trackingPage } from './pages/tracking-page.ts';
import type { PageTelemetry } from './web-telemetry.ts';

export interface UiOptions {
  readonly pizzeria: Pizzeria;
  readonly assets: Assets;
  /** A customer took a step towards a pizza. */
  readonly onFunnelStep: (step: 'menu_seen' | 'basket') => void;
  /** Without it pages tell nobody how they do. */
  readonly telemetry?: PageTelemetry | undefined;
}

export function uiApp(app: FastifyInstance, { pizzeria, assets, onFunnelStep, telemetry }: UiOptions): void {
  const { mediator } = pizzeria;
  const sendPage = (reply: FastifyReply, page: Page) => {
    const measured = telemetry && { telemetry, route: routeOf(reply.request) };
    return sendHtml(reply, layout(assets, page, measured), telemetry?.otlpUrl);
  };

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof OrderNotFound) return sendPage(reply.code(404), errorPage(404, error.message));
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'page failed');
    const detail = status >= 500 ? 'Our fault. Please try again in a moment.' : error.message;
    return sendPage(reply.code(status), errorPage(status, detail));
  });

  app.get('/', async (_request, reply) => {
    const menu = await mediator.send(GetMenu, undefined);
    onFunnelStep('menu_seen');
    return sendPage(reply, menuPage(assets, menu, toppingsOfMonth(monthOf(pizzeria.clock.nowMs()))));
  });

  app.get('/checkout', async (_request, reply) => {
    const menu = await mediator.send(GetMenu, undefined);
    onFunnelStep('basket');
    return sendPage(reply, checkoutPage(menu));
  });

  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) =>
    sendPage(reply, trackingPage(await mediator.send(GetOrder, { orderId: request.params.id }))),
  );

  app.get('/kitchen', async (_request, reply) =>
    sendPage(reply, kitchenPage(await mediator.send(GetKitchen, undefined))),
  );
  app.get('/kitchen/board', async (_request, reply) =>
    sendFragment(reply, kitchenBoard(await mediator.send(GetKitchen, undefined))),
  );

  app.get('/today', async (_request, reply) => {
    const statistics = await mediator.send(GetStatistics, undefined);
    return sendPage(reply, todayPage(statistics, await mediator.send(GetSales, undefined)));
  });

  app.get('/delivery', async (_request, reply) =>
    sendPage(reply, deliveryPage(await mediator.send(GetDeliveries, {}))),
  );
  app.get('/delivery/board', async (_request, reply) =>
    sendFragment(reply, deliveryBoard(await mediator.send(GetDeliveries, {}))),
  );
}

/** `otlpUrl` is where the page may send its telemetry. */
export function sendHtml(reply: FastifyReply, document: string, otlpUrl?: string): FastifyReply {
  return reply
    .header('Content-Security-Policy', contentSecurityPolicy(otlpUrl))
    .header('Cache-Control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(document);
}

function sendFragment(reply: FastifyReply, fragment: Html): FastifyReply {
  return sendHtml(reply, fragment.text);
}

/**
 * Everything that a page loads comes from here; nothing in a page runs that is not a file of ours. The collector is the
 * one other address that a script may reach.
 */
function contentSecurityPolicy(otlpUrl: string | undefined): string {
  const collector = otlpUrl === undefined ? '' : ` ${new URL(otlpUrl).origin}`;
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    `connect-src 'self'${collector}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
  );
}

/** The route as telemetry names it: `/orders/:id` is `/orders/{id}`. */
function routeOf(request: FastifyRequest): string {
  return (request.routeOptions.url ?? '/{unknown}').replaceAll(/:(\w+)/g, '{$1}');
}
