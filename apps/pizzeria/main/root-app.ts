// The root: one Fastify server that carries health checks, static files, the pages and the API.

import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { apiApp } from '../api/api-app.ts';
import { pathOf, problem, replyWithProblem, sendProblem } from '../api/problem.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { Assets } from '../ui/assets.ts';
import { layout } from '../ui/layout.ts';
import { type ApiDescription, docsPage } from '../ui/pages/docs-page.ts';
import { errorPage } from '../ui/pages/error-page.ts';
import { sendHtml, uiApp } from '../ui/ui-app.ts';
import { healthRoutes } from './health-routes.ts';
import type { Instruments } from './instruments.ts';
import { lazyValidatorCompiler } from './lazy-validator.ts';

/** An order of fifty lines is about 10 kB; a megabyte is generous and keeps a flood out of memory. */
const BODY_BYTES_MAX = 1024 * 1024;
/** A client that sends its request more slowly than this holds a socket for nothing. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a browser's pause between two pages, shorter than a proxy's patience. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Builds the server; `listen` and `close` are the caller's. */
export async function rootApp(pizzeria: Pizzeria, instruments: Instruments): Promise<FastifyInstance> {
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
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 128 },
  });
  app.setValidatorCompiler(lazyValidatorCompiler());
  const assets = new Assets();

  await instruments.measureHttp(app, 'main-app');
  secure(app);
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => {
    if (!request.headers.accept?.includes('text/html')) {
      const detail = `There is nothing at ${request.method} ${pathOf(request).slice(0, 200)}.`;
      return sendProblem(reply, { ...problem('not-found', 404, detail), instance: pathOf(request) });
    }
    return sendHtml(reply.code(404), layout(assets, errorPage(404, 'Nothing is at this address, not even a crust.')));
  });
  healthRoutes(app, pizzeria.database);
  assets.serve(app);

  await app.register(async (ui) => {
    await instruments.measureHttp(ui, 'ui-app');
    uiApp(ui, { pizzeria, assets, onFunnelStep: (step) => instruments.onFunnelStep(step) });
  });
  await app.register(
    async (api) => {
      await instruments.measureHttp(api, 'api-app');
      apiApp(api, {
        pizzeria,
        exposition: instruments.exposition,
        docsPage: (document) => layout(assets, docsPage(document.toJSON() as ApiDescription)),
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
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // Browsers send this header themselves; programs do not send it and are not what the rule is about.
    if (changes && request.headers['sec-fetch-site'] === 'cross-site') {
      return sendProblem(reply, problem('cross-site-refused', 403, 'Open the pizzeria itself to order.'));
    }
  });
}
