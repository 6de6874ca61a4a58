/** The queries: instant, range, and the printer of queries. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseLogql } from '../logql/parser.ts';
import { printLogql } from '../logql/print.ts';
import { type ApiContext, parametersOf, sendError, sendJson, signalOf } from './api-context.ts';
import { DEFAULT_LIMIT } from './request-parameters.ts';
import { CATEGORIZE_LABELS, resultJson } from './result-json.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** The same for GET and POST; what goes wrong is answered as Loki does. */
export function addRoute(app: FastifyInstance, path: string, handle: Handler): void {
  app.route({
    method: ['GET', 'POST'],
    url: path,
    handler: async (request, reply) => {
      try {
        return await handle(request, reply);
      } catch (error) {
        return sendError(reply, error);
      }
    },
  });
}

function wantsCategories(request: FastifyRequest): boolean {
  const flags = request.headers['x-loki-response-encoding-flags'];
  return String(flags ?? '')
    .split(',')
    .some((flag) => flag.trim() === CATEGORIZE_LABELS);
}

export function addQueryRoutes(app: FastifyInstance, context: ApiContext): void {
  addRoute(app, '/loki/api/v1/query', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const instant = {
      query: parameters.query(),
      timeNs: parameters.timeNs('time') ?? context.clock.nowNs(),
      signal: signalOf(reply),
    };
    const result = await context.slots.run(() => context.engine.instant(instant));
    return sendJson(reply, resultJson(result, wantsCategories(request)));
  });
  addRoute(app, '/loki/api/v1/query_range', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range();
    const range = {
      query: parameters.query(),
      startNs,
      endNs,
      stepNs: parameters.stepNs(startNs, endNs),
      aligned: true,
      direction: parameters.direction(),
      limit: parameters.count('limit', DEFAULT_LIMIT),
      intervalNs: parameters.intervalNs(),
      signal: signalOf(reply),
    };
    const result = await context.slots.run(() => context.engine.range(range));
    return sendJson(reply, resultJson(result, wantsCategories(request)));
  });
  addRoute(app, '/loki/api/v1/format_query', async (request, reply) => {
    const data = printLogql(parseLogql(parametersOf(context, request).query()));
    return sendJson(reply, JSON.stringify({ status: 'success', data }));
  });
}
