/** Tempo's HTTP API over the store. */

import { addMetricsRoute, type Clock, type OwnMetrics } from '@mario/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TempoConfig } from '../config/tempo-config.ts';
import type { TraceStore } from '../store/trace-store.ts';
import { parseQuery, type Query } from '../traceql/index.ts';
import { ApiError, badRequest, explain } from './api-error.ts';
import { instantSeriesToJson, metricsRangeOf, queryMetrics, rangeSeriesToJson } from './metrics-query.ts';
import { countOf, durationOf, type Parameters, parametersOf, rangeOf, traceIdOf } from './parameters.ts';
import { QueryGate } from './query-gate.ts';
import { search } from './search.ts';
import { addStatusRoutes } from './status-routes.ts';
import { tagQuery } from './tag-query.ts';
import { parseTagName, parseTagNameV1, tagNames, tagValues } from './tags.ts';
import { PROTOBUF, traceBody, traceBodyV2 } from './trace-response.ts';

export interface ApiOptions {
  readonly store: TraceStore;
  readonly config: TempoConfig;
  readonly clock: Clock;
  readonly metrics: OwnMetrics;
  readonly isReady: () => boolean;
}

export function addRoutes(app: FastifyInstance, options: ApiOptions): void {
  app.setErrorHandler((error, _request, reply) => {
    const { status, message } = explain(error);
    return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('404 page not found\n'),
  );
  const gate = new QueryGate();
  addTraceRoutes(app, options);
  addSearchRoutes(app, options, gate);
  addTagRoutes(app, options, gate);
  addMetricsQueryRoutes(app, options, gate);
  addStatusRoutes(app, options);
  addMetricsRoute(app, options.metrics);
}

function addTraceRoutes(app: FastifyInstance, { store }: ApiOptions): void {
  const answer =
    (body: typeof traceBody) => async (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => {
      const id = traceIdOf(request.params.id);
      const parameters = parametersOf(request.query);
      const range = parameters.start || parameters.end ? rangeOf(parameters) : undefined;
      const trace = await store.traceById(id, range);
      if (trace === undefined) throw new ApiError(404, 'trace not found');
      const protobuf = (request.headers.accept ?? '').includes(PROTOBUF);
      return reply.type(protobuf ? PROTOBUF : 'application/json').send(body(trace, protobuf));
    };
  app.get('/api/traces/:id', answer(traceBody));
  app.get('/api/v2/traces/:id', answer(traceBodyV2));
}

function addSearchRoutes(app: FastifyInstance, { store, config }: ApiOptions, gate: QueryGate): void {
  app.get('/api/search', async (request, reply) => {
    const parameters = parametersOf(request.query);
    const query = searchQueryOf(parameters);
    const limit = countOf(parameters, 'limit', 1, config.searchLimitDefault);
    if (config.searchLimitMax > 0 && limit > config.searchLimitMax) {
      throw badRequest(`limit ${limit} exceeds max limit ${config.searchLimitMax}`);
    }
    const spansPerSpansetMax = countOf(parameters, 'spss', 0, config.spansPerSpansetDefault);
    const unlimited = spansPerSpansetMax === 0 || spansPerSpansetMax > config.spansPerSpansetMax;
    if (config.spansPerSpansetMax > 0 && unlimited) {
      throw badRequest(`spans per span set exceeds ${config.spansPerSpansetMax}. received ${spansPerSpansetMax}`);
    }
    const range = rangeOf(parameters, config.searchDurationMsMax);
    const { traces, metrics } = await gate.run(reply, (signal) =>
      search(store, query, { range, limit, spansPerSpansetMax, signal }),
    );
    return reply.type('application/json').send(
      JSON.stringify({
        traces,
        metrics: {
          inspectedTraces: metrics.inspectedTraces,
          inspectedSpans: String(metrics.inspectedSpans),
          totalBlocks: store.segmentCount,
          completedJobs: 1,
          totalJobs: 1,
        },
      }),
    );
  });
}

function searchQueryOf(parameters: Parameters): Query {
  const { q } = parameters;
  if (q !== undefined && q !== '') {
    const query = parseQuery(q);
    if (query.metrics !== undefined)
      throw badRequest('invalid TraceQL query: metrics queries belong to /api/metrics/query_range');
    return query;
  }
  return tagQuery(parameters.tags ?? '', durationOf(parameters, 'minDuration'), durationOf(parameters, 'maxDuration'));
}

function addTagRoutes(app: FastifyInstance, { store }: ApiOptions, gate: QueryGate): void {
  const scopesOf = (request: FastifyRequest) => {
    const parameters = parametersOf(request.query);
    return tagNames(store, rangeOf(parameters), parameters.scope ?? '');
  };
  app.get('/api/search/tags', async (request) => {
    const scopes = await scopesOf(request);
    // Version 1 gives intrinsics only when it is asked for them.
    const asked = parametersOf(request.query).scope === 'intrinsic';
    const names = scopes.filter(({ name }) => asked || name !== 'intrinsic').flatMap(({ tags }) => tags);
    return { tagNames: [...new Set(names)].sort(), metrics: {} };
  });
  app.get('/api/v2/search/tags', async (request) => ({ scopes: await scopesOf(request), metrics: {} }));
  app.get<{ Params: { tag: string } }>('/api/search/tag/:tag/values', async (request, reply) => {
    const range = rangeOf(parametersOf(request.query));
    const field = parseTagNameV1(request.params.tag);
    const values = await gate.run(reply, (signal) => tagValues(store, field, range, undefined, signal));
    return { tagValues: [...new Set(values.map(({ value }) => value))], metrics: {} };
  });
  app.get<{ Params: { tag: string } }>('/api/v2/search/tag/:tag/values', async (request, reply) => {
    const parameters = parametersOf(request.query);
    const field = parseTagName(request.params.tag);
    const range = rangeOf(parameters);
    const query = tagFilterOf(parameters.q);
    const values = await gate.run(reply, (signal) => tagValues(store, field, range, query, signal));
    return { tagValues: values, metrics: {} };
  });
}

/** Drop-down lists send half-written queries (`{ .a= && .b="c" }`): what does not parse filters nothing, as in Tempo. */
function tagFilterOf(text: string | undefined): Query | undefined {
  if (text === undefined || /^\s*(?:\{\s*\}\s*)?$/.test(text)) return undefined;
  try {
    const query = parseQuery(text);
    return query.metrics === undefined ? query : { ...query, secondStages: [], hints: [] };
  } catch {
    return undefined;
  }
}

function addMetricsQueryRoutes(app: FastifyInstance, options: ApiOptions, gate: QueryGate): void {
  const { store, config, clock } = options;
  const parse = (parameters: Parameters): Query => {
    const text = parameters.q ?? parameters.query ?? '';
    const query = parseQuery(text);
    if (query.metrics === undefined) throw badRequest('not a metrics query');
    return query;
  };
  const checkDuration = (durationNs: bigint) => {
    const durationMs = Number(durationNs / 1_000_000n);
    if (config.metricsDurationMsMax > 0 && durationMs > config.metricsDurationMsMax + 60_000) {
      const hours = config.metricsDurationMsMax / 3_600_000;
      throw badRequest(`metrics query time range exceeds the maximum allowed duration of ${hours}h0m0s`);
    }
  };
  app.get('/api/metrics/query_range', async (request, reply) => {
    const parameters = parametersOf(request.query);
    const query = parse(parameters);
    const range = metricsRangeOf(parameters, clock.nowNs());
    checkDuration(range.endNs - range.startNs);
    const result = await gate.run(reply, (signal) => queryMetrics(store, query, range, parameters, signal));
    return {
      series: result.series.map((series) => rangeSeriesToJson(query, series, range)),
      metrics: { inspectedSpans: String(result.inspectedSpans), completedJobs: 1, totalJobs: 1 },
      ...partial(result.truncated),
    };
  });
  app.get('/api/metrics/query', async (request, reply) => {
    const parameters = parametersOf(request.query);
    const query = parse(parameters);
    const whole = metricsRangeOf({ ...parameters, step: '1' }, clock.nowNs());
    checkDuration(whole.endNs - whole.startNs);
    const range = { ...whole, stepNs: whole.endNs - whole.startNs };
    const result = await gate.run(reply, (signal) => queryMetrics(store, query, range, parameters, signal));
    return {
      series: result.series.map((series) => instantSeriesToJson(query, series)),
      metrics: { inspectedSpans: String(result.inspectedSpans), completedJobs: 1, totalJobs: 1 },
      ...partial(result.truncated),
    };
  });
}

function partial(truncated: boolean): object {
  return truncated ? { status: 'PARTIAL', message: 'the query has more series than are answered' } : {};
}
