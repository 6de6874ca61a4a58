/** Fields and patterns: what the lines themselves are made of. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseLogSelector } from '../logql/parser.ts';
import { type ApiContext, parametersOf, sendJson, signalOf } from './api-context.ts';
import { type DetectedField, detectFields } from './field-detection.ts';
import { findPatterns } from './line-patterns.ts';
import { addRoute } from './query-routes.ts';

const DEFAULT_LINE_LIMIT = 1000;
const DEFAULT_FIELD_LIMIT = 1000;

export function addFieldRoutes(app: FastifyInstance, context: ApiContext): void {
  addRoute(app, '/loki/api/v1/detected_fields', async (request, reply) => {
    const { fields, limit } = await detect(context, request, reply);
    const listed = fields.slice(0, limit).map(({ name, type, values, parsers }) => ({
      label: name,
      type,
      cardinality: values.size,
      parsers: parsers.size === 0 ? null : [...parsers],
    }));
    return sendJson(reply, JSON.stringify({ fields: listed, limit }));
  });
  addRoute(app, '/loki/api/v1/detected_field/:name/values', async (request, reply) => {
    const { name } = request.params as { name: string };
    const { fields, limit } = await detect(context, request, reply);
    const values = [...(fields.find((field) => field.name === name)?.values ?? [])].slice(0, limit);
    return sendJson(reply, JSON.stringify({ values, limit }));
  });
  addRoute(app, '/loki/api/v1/patterns', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range();
    const { matchers } = parseLogSelector(parameters.query());
    const scope = { matchers, startNs, endNs, stepNs: parameters.stepNs(startNs, endNs), signal: signalOf(reply) };
    const data = await context.slots.run(() => findPatterns(context.store, scope));
    return sendJson(reply, JSON.stringify({ status: 'success', data }));
  });
}

async function detect(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ fields: readonly DetectedField[]; limit: number }> {
  const parameters = parametersOf(context, request);
  const { startNs, endNs } = parameters.range();
  const query = parameters.query();
  parseLogSelector(query);
  const lineLimit = Math.min(parameters.count('line_limit', DEFAULT_LINE_LIMIT), context.engine.limits.entryCountMax);
  const signal = signalOf(reply);
  const result = await context.slots.run(() =>
    context.engine.range({
      query,
      startNs,
      endNs,
      stepNs: 1e9,
      direction: 'backward',
      limit: lineLimit,
      intervalNs: 0n,
      signal,
    }),
  );
  if (result.data.kind !== 'streams') throw new Error('BUG: a selector gives streams');
  return { fields: detectFields(result.data.streams), limit: parameters.count('limit', DEFAULT_FIELD_LIMIT) };
}
