// The root: one Fastify server that carries health checks, static files, the pages and the API.

import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { apiApp } from '../api/api-app.ts';
import { takeForms } from '../api/form-body.ts';
import { oauthMetadata } from '../api/oauth-routes.ts';
import { pathOf, problem, replyWithProblem, sendProblem } from '../api/problem.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import type { Faults } from '../faults/faults.ts';
import { Assets } from '../ui/assets.ts';
import { layout, type Page } from '../ui/layout.ts';
import { sendHtml } from '../ui/page-sender.ts';
import { consentPage } from '../ui/pages/consent-page.ts';
import { type ApiDescription, docsPage } from '../ui/pages/docs-page.ts';
import { errorPage } from '../ui/pages/error-page.ts';
import { uiApp } from '../ui/ui-app.ts';
import type { Visitor } from '../ui/visitor.ts';
import { healthRoutes } from './health-routes.ts';
import { guardRoutes, identifyRequests } from './identify.ts';
import type { IdentitySettings } from './identity-settings.ts';
import type { Instruments } from './instruments.ts';
import { lazyValidatorCompiler } from './lazy-validator.ts';
import { limitRequests } from './rate-limit.ts';

/** An order of fifty lines is about 10 kB; a megabyte is generous and keeps a flood out of memory. */
const BODY_BYTES_MAX = 1024 * 1024;
/** A client that sends its request more slowly than this holds a socket for nothing. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a browser's pause between two pages, shorter than a proxy's patience. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

interface HouseSettings extends IdentitySettings {
  /** Address of the dashboards as browsers reach it. */
  readonly dashboardsUrl?: string | undefined;
  /** Folder of docs/, for the guides among the pages. */
  readonly docsDir?: string | undefined;
}

/** Builds the server; `listen` and `close` are the caller's. */
export async function rootApp(
  pizzeria: Pizzeria,
  instruments: Instruments,
  faults: Faults,
  settings: HouseSettings = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: instruments.logger,
    // A line per request is the trace's business; the log tells what happened to orders, and what failed.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    // Addresses that the router itself refuses (broken escapes, endless parameters) get problem details as well.
    frameworkErrors: (error, request, reply) => void replyWithProblem(error, request, reply),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Idle keep-alive connections are cut at once on close; requests in work are finished.
    forceCloseConnections: 'idle',
    trustProxy: settings.trustedProxies === undefined ? false : [...settings.trustedProxies],
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 128 },
  });
  app.setValidatorCompiler(lazyValidatorCompiler());
  const assets = new Assets();
  const dashboardsUrl = settings.dashboardsUrl?.replace(/\/+$/, '');
  const framed = (page: Page, { principal }: FastifyRequest): string => {
    const visitor: Visitor = { principal, policy: pizzeria.identity.policy, dashboardsUrl };
    return layout(assets, page, { visitor });
  };

  await instruments.measureHttp(app, 'main-app');
  secure(app);
  identifyRequests(app, pizzeria);
  limitRequests(app, settings.rateLimit, pizzeria.clock);
  guardRoutes(app, pizzeria, (reply) =>
    sendHtml(reply.code(403), framed(errorPage(403, 'Your account may not see this page.'), reply.request)),
  );
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => {
    if (!request.headers.accept?.includes('text/html')) {
      const detail = `There is nothing at ${request.method} ${pathOf(request).slice(0, 200)}.`;
      return sendProblem(reply, { ...problem('not-found', 404, detail), instance: pathOf(request) });
    }
    return sendHtml(reply.code(404), framed(errorPage(404, 'Nothing is at this address, not even a crust.'), request));
  });
  faults.hinderRequests(app);
  healthRoutes(app, pizzeria.database, faults.hindrances);
  assets.serve(app);
  oauthMetadata(app, settings.publicUrl);

  await app.register(async (ui) => {
    await instruments.measureHttp(ui, 'ui-app');
    takeForms(ui);
    uiApp(ui, {
      pizzeria,
      assets,
      onFunnelStep: (step) => instruments.onFunnelStep(step),
      telemetry: instruments.pages,
      faults,
      dashboardsUrl,
      docsDir: settings.docsDir,
    });
  });
  // Drawn once: only its frame depends on who looks.
  let docs: Page | undefined;
  await app.register(
    async (api) => {
      await instruments.measureHttp(api, 'api-app');
      apiApp(api, {
        pizzeria,
        exposition: instruments.exposition,
        faults,
        publicUrl: settings.publicUrl,
        consentPage: (question, request) => framed(consentPage(question), request),
        docsPage: (document, request) => {
          docs ??= docsPage(document.toJSON() as ApiDescription);
          return framed(docs, request);
        },
      });
    },
    { prefix: '/api' },
  );
  return app;
}

function secure(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Content-Type-Options', 'nosniff');
    reply.header('Referrer-Policy', 'same-origin');
    if (isForeign(request)) {
      return sendProblem(reply, problem('cross-site-refused', 403, 'Open the pizzeria itself to order.'));
    }
  });
}

/**
 * True for a change that another site makes a visitor's browser send. Browsers say themselves where a request comes
 * from; whoever says nothing is a program, which has no visitor's cookies. The rule of Go's `CrossOriginProtection`:
 * no tokens in forms, and nothing to forget (docs/adr/0074-accounts-and-tokens.md).
 */
function isForeign({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = headers;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
