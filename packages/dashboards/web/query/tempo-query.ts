/** Runs a TraceQL target: a search, a metrics query, or one trace by its id. */

import { fieldOf, frameOf } from '../../model/frames/build-frame.ts';
import { FieldType } from '../../model/frames/grafana-data.ts';
import {
  type TempoSearchHit,
  type TempoSeries,
  tempoMetricFrames,
  tempoSearchFrames,
} from '../../model/frames/tempo-frames.ts';
import {
  calculateIntervalMs,
  formatDuration,
  interpolate,
  type JsonObject,
  parseDurationMs,
  rateIntervalMs,
  type Target,
  traceqlFormat,
} from '../../model/index.ts';
import { asArray, asObject, asString, isObject } from '../../model/json.ts';
import { requestJson } from '../server/api.ts';
import { type Datasource, findDatasource, proxyPath } from '../server/datasources.ts';
import type { TargetAnswer } from './prometheus-query.ts';
import type { QueryContext } from './query-context.ts';
import { askServiceMap } from './service-map.ts';

/** Tempo's own default limit. */
const TRACES_MAX = 20;
const SPANS_PER_SET = 3;

const METRICS_FUNCTION =
  /\|\s*(rate|count_over_time|sum_over_time|min_over_time|max_over_time|avg_over_time|quantile_over_time|histogram_over_time|compare|topk|bottomk)\s*\(/;

export async function runTempo(target: Target, datasource: Datasource, context: QueryContext): Promise<TargetAnswer> {
  const { range, signal } = context;
  if (target.queryType === 'serviceMap') return runServiceMap(target, datasource, context);
  const stepMs = calculateIntervalMs(
    range.toMs - range.fromMs,
    context.pointsMax,
    parseDurationMs(context.minInterval) ?? 15_000,
  );
  const scope = context.scopeFor({ intervalMs: stepMs, rateIntervalMs: rateIntervalMs(stepMs, 15_000) });
  const text =
    target.queryType === 'traceqlSearch' || target.queryType === 'nativeSearch'
      ? searchQuery(target)
      : asString(target.query);
  const query = interpolate(text, scope, traceqlFormat).trim();
  const startedMs = performance.now();
  const record = (tookMs = performance.now() - startedMs) => [
    { refId: target.refId, datasource: datasource.name, query, stepMs, tookMs },
  ];
  if (/^[0-9a-fA-F]{8,32}$/.test(query)) {
    const frame = frameOf(target.refId, [fieldOf('traceID', FieldType.string, [query])], {
      meta: { preferredVisualisationType: 'trace' },
    });
    return { frames: [frame], notices: [], records: record(0) };
  }
  const times = { start: String(Math.floor(range.fromMs / 1000)), end: String(Math.ceil(range.toMs / 1000)) };
  if (METRICS_FUNCTION.test(query)) {
    const step = asString(target.step) || formatDuration(stepMs);
    const path = proxyPath(datasource, `/api/metrics/query_range?${new URLSearchParams({ q: query, ...times, step })}`);
    const answer = await requestJson<{ readonly series?: readonly TempoSeries[] }>(path, { signal });
    return {
      frames: tempoMetricFrames(answer.series ?? [], target.refId, asString(target.legendFormat)),
      notices: [],
      records: record(),
    };
  }
  const limit = String(Number(target.limit) || TRACES_MAX);
  const parameters = new URLSearchParams({
    q: query === '' ? '{}' : query,
    ...times,
    limit,
    spss: String(Number(target.spss) || SPANS_PER_SET),
  });
  const answer = await requestJson<{ readonly traces?: readonly TempoSearchHit[] }>(
    proxyPath(datasource, `/api/search?${parameters}`),
    { signal },
  );
  return { frames: tempoSearchFrames(answer.traces ?? [], target.refId), notices: [], records: record() };
}

async function runServiceMap(
  target: Target,
  datasource: Datasource,
  { range, datasources, signal }: QueryContext,
): Promise<TargetAnswer> {
  const { datasourceUid: uid } = asObject(datasource.jsonData.serviceMap);
  const prometheus = findDatasource(datasources, { type: 'prometheus', uid: asString(uid) || undefined });
  if (prometheus === undefined)
    throw new Error('a service map needs a Prometheus data source (jsonData.serviceMap.datasourceUid)');
  const startedMs = performance.now();
  const frames = await askServiceMap(prometheus, range, target.refId, signal);
  const record = {
    refId: target.refId,
    datasource: prometheus.name,
    query: 'service map',
    stepMs: undefined,
    tookMs: performance.now() - startedMs,
  };
  return { frames, notices: [], records: [record] };
}

/** The search form of Grafana stores filters: `{scope, tag, operator, value, valueType}`. */
function searchQuery(target: Target): string {
  const conditions = asArray(target.filters).filter(isObject).flatMap(conditionOf);
  if (typeof target.serviceName === 'string')
    conditions.push(`resource.service.name = ${JSON.stringify(target.serviceName)}`);
  if (typeof target.spanName === 'string') conditions.push(`name = ${JSON.stringify(target.spanName)}`);
  return `{${conditions.join(' && ')}}`;
}

function conditionOf(filter: JsonObject): string[] {
  const tag = asString(filter.tag);
  const values = Array.isArray(filter.value)
    ? filter.value.map((value) => asString(value))
    : [asString(filter.value)].filter((value) => value !== '');
  if (tag === '' || values.length === 0) return [];
  const scope = asString(filter.scope);
  const name = scope === 'intrinsic' || scope === '' ? tag : scope === 'unscoped' ? `.${tag}` : `${scope}.${tag}`;
  const operator = values.length > 1 ? '=~' : asString(filter.operator, '=');
  const quoted = filter.valueType === 'string' || filter.valueType === undefined || values.length > 1;
  const text = values.join('|');
  return [`${name} ${operator} ${quoted ? JSON.stringify(text) : text}`];
}
