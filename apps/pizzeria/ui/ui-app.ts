// The UI app: the pages that customers, cooks, drivers and managers look at.

import type { FastifyError, FastifyInstance } from 'fastify';
import { OrderNotFound, PizzaNotFound } from '../application/failure.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { RuleViolation } from '../domain/business-rule.ts';
import type { Faults } from '../faults/faults.ts';
import type { Assets } from './assets.ts';
import { PageSender } from './page-sender.ts';
import { errorPage } from './pages/error-page.ts';
import { accountRoutes } from './routes/account-routes.ts';
import { boardRoutes } from './routes/board-routes.ts';
import { faultsRoutes } from './routes/faults-routes.ts';
import { guideRoutes } from './routes/guide-routes.ts';
import { menuEditingRoutes } from './routes/menu-editing-routes.ts';
import { officeRoutes } from './routes/office-routes.ts';
import { type FunnelStep, shopRoutes } from './routes/shop-routes.ts';
import type { PageTelemetry } from './web-telemetry.ts';

export interface UiOptions {
  readonly pizzeria: Pizzeria;
  readonly assets: Assets;
  /** A customer took a step towards a pizza. */
  readonly onFunnelStep: (step: FunnelStep) => void;
  /** Without it pages tell nobody how they do. */
  readonly telemetry?: PageTelemetry | undefined;
  /** What goes wrong on purpose, for the page with the switches. */
  readonly faults: Faults;
  /** Address of the dashboards as browsers reach it, without a slash at its end. */
  readonly dashboardsUrl?: string | undefined;
  /** Folder of docs/; without it the house has no guides to show. */
  readonly docsDir?: string | undefined;
}

export function uiApp(app: FastifyInstance, options: UiOptions): void {
  const { pizzeria, assets, onFunnelStep, telemetry, faults, dashboardsUrl, docsDir } = options;
  const pages = new PageSender({ assets, policy: pizzeria.identity.policy, telemetry, dashboardsUrl });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof OrderNotFound || error instanceof PizzaNotFound) {
      return pages.page(reply.code(404), errorPage(404, error.message));
    }
    const status = error instanceof RuleViolation ? 422 : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error }, 'page failed');
    const detail = status >= 500 ? 'Our fault. Please try again in a moment.' : error.message;
    return pages.page(reply.code(status), errorPage(status, detail));
  });

  shopRoutes(app, { pizzeria, pages, onFunnelStep });
  accountRoutes(app, { pizzeria, pages });
  boardRoutes(app, { pizzeria, pages });
  officeRoutes(app, { pizzeria, pages });
  menuEditingRoutes(app, { pizzeria, pages });
  faultsRoutes(app, { pages, faults, hasGuides: docsDir !== undefined });
  if (docsDir !== undefined) guideRoutes(app, { pages, docsDir });
}
