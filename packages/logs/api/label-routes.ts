/** What there is to ask for: label names and values, series, detected labels. */
import type { FastifyInstance } from 'fastify';
import type { Matcher } from '../logql/ast.ts';
import { type Labels, labelsKey, labelsObject, labelValue } from '../logql/labels.ts';
import { checkSelector, parseLogSelector, parseMatchers } from '../logql/parser.ts';
import { type ApiContext, LABELS_SINCE_NS, parametersOf, sendJson } from './api-context.ts';
import { addRoute } from './query-routes.ts';
import type { RequestParameters } from './request-parameters.ts';

/** Streams in the range that the optional `query` matches; stages behind the selector are not looked at. */
function matchedSeries(context: ApiContext, parameters: RequestParameters): readonly Labels[] {
  const { startNs, endNs } = parameters.range(LABELS_SINCE_NS);
  const query = parameters.text('query');
  const matchers = query === undefined || query === '{}' ? [] : parseLogSelector(query).matchers;
  return context.store.series(matchers, startNs, endNs);
}

const success = (data: unknown): string => JSON.stringify({ status: 'success', data });

/** Labels that the server keeps for itself. */
const isInternal = (name: string): boolean => name.startsWith('__');

export function addLabelRoutes(app: FastifyInstance, context: ApiContext): void {
  for (const path of ['/loki/api/v1/labels', '/loki/api/v1/label']) {
    addRoute(app, path, async (request, reply) => {
      const names = new Set<string>();
      for (const labels of matchedSeries(context, parametersOf(context, request))) {
        for (const [name] of labels) if (!isInternal(name)) names.add(name);
      }
      return sendJson(reply, success([...names].sort()));
    });
  }
  addRoute(app, '/loki/api/v1/label/:name/values', async (request, reply) => {
    const { name } = request.params as { name: string };
    const values = new Set<string>();
    for (const labels of matchedSeries(context, parametersOf(context, request))) {
      const value = labelValue(labels, name);
      if (value !== undefined) values.add(value);
    }
    return sendJson(reply, success([...values].sort()));
  });
  addRoute(app, '/loki/api/v1/series', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range(LABELS_SINCE_NS);
    const found = new Map<string, Labels>();
    for (const matchers of seriesMatchers(parameters)) {
      for (const labels of context.store.series(matchers, startNs, endNs)) found.set(labelsKey(labels), labels);
    }
    return sendJson(reply, success([...found.values()].map(labelsObject)));
  });
  addRoute(app, '/loki/api/v1/detected_labels', async (request, reply) => {
    const values = new Map<string, Set<string>>();
    for (const labels of matchedSeries(context, parametersOf(context, request))) {
      for (const [name, value] of labels) {
        if (!isInternal(name)) values.set(name, (values.get(name) ?? new Set()).add(value));
      }
    }
    const detectedLabels = [...values].map(([label, set]) => ({ label, cardinality: set.size }));
    return sendJson(reply, JSON.stringify({ detectedLabels }));
  });
}

function seriesMatchers(parameters: RequestParameters): readonly (readonly Matcher[])[] {
  const groups = [...parameters.all('match[]'), ...parameters.all('match')];
  if (groups.length === 0) return [[]];
  return groups.map((group) => {
    const matchers = parseMatchers(group);
    if (matchers.length > 0) checkSelector(matchers);
    return matchers;
  });
}
