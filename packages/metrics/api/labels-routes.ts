/** `/series`, `/labels`, `/label/{name}/values`, `/metadata`, `/query_exemplars`: what there is, without values. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isClassicLabelName, quoteGo } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { children, type Expr } from '../promql/parse/ast.ts';
import { parseExpr } from '../promql/parse/parser.ts';
import { ApiError, badData, invalidParameter } from './api-error.ts';
import { type Annotations, NO_ANNOTATIONS, sendData } from './envelope.ts';
import { formatSample } from './go-json.ts';
import { Params, timeRange } from './params.ts';
import type { ApiSources } from './sources.ts';

const TRUNCATED: Annotations = { warnings: ['results truncated due to limit'], infos: [] };

export function addLabelsRoutes(app: FastifyInstance, sources: ApiSources): void {
  const { queryable } = sources;

  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/series',
    handler: async (request, reply) => {
      const params = Params.of(request);
      const matcherSets = params.matcherSets();
      if (matcherSets.length === 0) throw badData('no match[] parameter provided');
      const { startMs, endMs } = timeRange(params);
      const limit = params.limit();
      if (endMs < startMs) return sendData(reply, []);
      const found = new Map<string, Record<string, string>>();
      for (const matchers of matcherSets) {
        const set = await queryable.select(matchers, { startMs, endMs, func: 'series', limit: limit && limit + 1 });
        for (const labels of set.labels) found.set(labels.key, labels.toObject());
      }
      const { shown, annotations } = limited([...found.values()], limit);
      return sendData(reply, shown, annotations);
    },
  });

  // The real server has this route and answers just so; series are deleted by the admin API.
  app.delete('/api/v1/series', async () => {
    throw new ApiError('internal', 'not implemented');
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/labels',
    handler: async (request, reply) => {
      const { limit, query } = labelQuery(request);
      const { shown, annotations } = limited(await queryable.labelNames(query), limit);
      return sendData(reply, shown, annotations);
    },
  });

  app.get<{ Params: { name: string } }>('/api/v1/label/:name/values', async (request, reply) => {
    const name = unescapeLabelName(request.params.name);
    if (name === '') throw badData(`invalid label name: ${quoteGo(request.params.name)}`);
    const { limit, query } = labelQuery(request);
    const { shown, annotations } = limited(await queryable.labelValues(name, query), limit);
    return sendData(reply, shown, annotations);
  });

  app.get('/api/v1/metadata', async (request, reply) => {
    const params = Params.of(request);
    const limit = params.text('limit') === '' ? -1 : wholeNumber(params, 'limit');
    const perMetric = params.text('limit_per_metric') === '' ? -1 : wholeNumber(params, 'limit_per_metric');
    const all = await queryable.metadata(params.text('metric') || undefined);
    const entries = [...all].map(([name, list]) => [name, perMetric > 0 ? list.slice(0, perMetric) : list] as const);
    return sendData(reply, Object.fromEntries(limit >= 0 ? entries.slice(0, limit) : entries));
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query_exemplars',
    handler: async (request, reply) => {
      const params = Params.of(request);
      const startMs = params.timeMs('start', sources.nowMs());
      const endMs = params.timeMs('end', sources.nowMs());
      if (endMs < startMs) throw badData('end timestamp must not be before start timestamp');
      const matcherSets = selectorsOf(parseBare(params.text('query'), sources));
      const found = matcherSets.length === 0 ? [] : await queryable.exemplars({ matcherSets, startMs, endMs });
      return sendData(
        reply,
        found.map(({ seriesLabels, exemplars }) => ({
          seriesLabels: seriesLabels.toObject(),
          exemplars: exemplars.map(({ labels, value, timestampMs }) => ({
            labels: labels.toObject(),
            value: formatSample(value),
            timestamp: timestampMs / 1000,
          })),
        })),
      );
    },
  });
}

function labelQuery(request: FastifyRequest) {
  const params = Params.of(request);
  const limit = params.limit();
  const query = { matcherSets: params.matcherSets('bare'), ...timeRange(params), limit: limit && limit + 1 };
  return { limit, query };
}

function limited<T>(
  items: readonly T[],
  limit: number,
): { readonly shown: readonly T[]; readonly annotations: Annotations } {
  return limit > 0 && items.length > limit
    ? { shown: items.slice(0, limit), annotations: TRUNCATED }
    : { shown: items, annotations: NO_ANNOTATIONS };
}

function wholeNumber(params: Params, name: string): number {
  const text = params.text(name);
  if (!/^-?\d+$/.test(text)) throw badData(`${name} must be a number`);
  return Number(text);
}

/** A UTF-8 name may come escaped as `U__http_2e_status` (the escaping scheme "values"). */
function unescapeLabelName(name: string): string {
  if (!name.startsWith('U__') || !isClassicLabelName(name)) return name;
  return name
    .slice(3)
    .replace(/__|_([0-9a-f]{1,6})_/g, (match, code: string | undefined) =>
      match === '__' ? '_' : String.fromCodePoint(Number.parseInt(code!, 16)),
    );
}

export function parseExprParameter(query: string, sources: ApiSources): Expr {
  try {
    return parseExpr(query, sources.features);
  } catch (error) {
    throw invalidParameter('query', (error as Error).message);
  }
}

/** As above, for an endpoint of the real server that does not name the parameter. */
function parseBare(query: string, sources: ApiSources): Expr {
  try {
    return parseExpr(query, sources.features);
  } catch (error) {
    throw badData((error as Error).message);
  }
}

function selectorsOf(expr: Expr): (readonly LabelMatcher[])[] {
  if (expr.type === 'vector') return [expr.matchers];
  return children(expr).flatMap(selectorsOf);
}
