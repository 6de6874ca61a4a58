// The API app: everything below /api, in JSON.

import type { FastifyInstance } from 'fastify';
import { OFFICE } from '../application/identity/access.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { faultRoutes } from '../faults/fault-routes.ts';
import type { Faults } from '../faults/faults.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { type AuthOptions, authRoutes } from './auth-routes.ts';
import { boardRoutes } from './board-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { type DocsPage, docsRoutes } from './docs-routes.ts';
import { takeForms } from './form-body.ts';
import { menuRoutes } from './menu-routes.ts';
import { type ConsentPage, oauthRoutes } from './oauth-routes.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { OpenApiDocument } from './openapi.ts';
import { orderRoutes } from './order-routes.ts';
import { outboxRoutes } from './outbox-routes.ts';
import { pathOf, problem, replyWithProblem, sendProblem } from './problem.ts';
import { statisticsRoutes } from './statistics-routes.ts';
import { stepRoutes } from './step-routes.ts';
import { streamRoutes } from './stream-routes.ts';

/** What a scrape gets: Prometheus text or OpenMetrics, as its Accept header asks. */
export type Exposition = (accept: string | undefined) => Promise<{ contentType: string; body: string }>;

export interface ApiOptions {
  readonly pizzeria: Pizzeria;
  /** Absent when the process has no telemetry. */
  readonly exposition?: Exposition | undefined;
  readonly docsPage: DocsPage;
  readonly consentPage: ConsentPage;
  /** How customers reach the pizzeria; without it, as each request says. */
  readonly publicUrl: string | undefined;
  readonly faults: Faults;
}

/** Registers the API on an instance that is mounted at `/api`. */
export function apiApp(app: FastifyInstance, options: ApiOptions): void {
  const { pizzeria, exposition, docsPage, faults } = options;
  const document = new OpenApiDocument(pizzeria.access);
  const allowed = new AllowedMethods();
  app.addHook('onRoute', (route) => {
    document.add(route);
    allowed.add(route);
  });
  // Fastify takes plain text for a body of its own; here it is as foreign as any other.
  app.removeContentTypeParser('text/plain');
  // Answers are built by our own code; compiling a serialiser per route would only make the start slower.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => {
    const instance = pathOf(request);
    const methods = allowed.of(instance);
    if (methods.length > 0) {
      const detail = `${request.method} is not for this address; it takes ${methods.join(', ')}.`;
      reply.header('Allow', methods.join(', '));
      return sendProblem(reply, { ...problem('method-not-allowed', 405, detail), instance });
    }
    const detail = `The API has nothing at ${request.method} ${instance.slice(0, 200)}; see /api/docs.`;
    return sendProblem(reply, { ...problem('not-found', 404, detail), instance });
  });

  menuRoutes(app, pizzeria);
  streamRoutes(app, pizzeria);
  orderRoutes(app, pizzeria);
  stepRoutes(app, pizzeria);
  boardRoutes(app, pizzeria);
  faultRoutes(app, { faults, config: { access: OFFICE } });
  statisticsRoutes(app, pizzeria);
  outboxRoutes(app, pizzeria);
  customerRoutes(app, pizzeria);
  accountRoutes(app, options);
  docsRoutes(app, document, docsPage);

  if (exposition !== undefined) {
    app.get('/metrics', async (request, reply) => {
      const { contentType, body } = await exposition(request.headers.accept);
      return reply.type(contentType).send(body);
    });
  }
}

/** In a place of their own: only here are forms taken. */
function accountRoutes(app: FastifyInstance, { pizzeria, consentPage, publicUrl }: ApiOptions): void {
  const isSecure = publicUrl?.startsWith('https:') === true;
  void app.register(async (accounts) => {
    takeForms(accounts);
    const options: AuthOptions = { pizzeria, isSecure };
    authRoutes(accounts, options);
    oauthRoutes(accounts, { pizzeria, consentPage, publicUrl });
    oidcRoutes(accounts, { pizzeria, isSecure, publicUrl });
  });
}
