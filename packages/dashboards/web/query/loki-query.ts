/** Runs a LogQL target: lines, or series when the query is a metric query. */

import type { DataFrame } from '../../model/frames/grafana-data.ts';
import { type LokiStream, lokiFrames } from '../../model/frames/loki-frames.ts';
import { type PrometheusData, prometheusFrames } from '../../model/frames/prometheus-frames.ts';
import {
  addAdhocFilters,
  calculateIntervalMs,
  interpolate,
  parseDurationMs,
  promqlFormat,
  rateIntervalMs,
  type Target,
} from '../../model/index.ts';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import type { TargetAnswer } from './prometheus-query.ts';
import type { QueryContext } from './query-context.ts';

/** Grafana's default for a data source without maxLines. */
const LINES_MAX = 1_000;

/** Log volume does not need a point for each pixel; Loki's own default resolution. */
const STEP_MS_MIN = 1_000;

type LokiData = { readonly resultType: 'streams'; readonly result: readonly LokiStream[] } | PrometheusData;

export async function runLoki(target: Target, datasource: Datasource, context: QueryContext): Promise<TargetAnswer> {
  const { range, signal } = context;
  const minMs = parseDurationMs(context.minInterval) ?? STEP_MS_MIN;
  const stepMs =
    parseDurationMs(String(target.step ?? '')) ??
    calculateIntervalMs(range.toMs - range.fromMs, context.pointsMax, minMs);
  const scope = context.scopeFor({ intervalMs: stepMs, rateIntervalMs: rateIntervalMs(stepMs, minMs) });
  const text = typeof target.expr === 'string' ? target.expr : '';
  const query = addAdhocFilters(interpolate(text, scope, promqlFormat), context.adhocFilters);
  if (query.trim() === '') return { frames: [], notices: [], records: [] };
  const instant =
    (target.queryType === 'instant' || target.instant === true) && target.range !== true && isMetricQuery(query);
  const limit = String(Number(target.maxLines) || Number(datasource.jsonData.maxLines) || LINES_MAX);
  const parameters: Record<string, string> = instant
    ? { query, time: `${range.toMs}000000`, limit }
    : {
        query,
        start: `${range.fromMs}000000`,
        end: `${range.toMs}000000`,
        step: `${stepMs / 1000}s`,
        limit,
        direction: String(target.direction ?? 'backward'),
      };
  const startedMs = performance.now();
  const path = proxyPath(
    datasource,
    `/loki/api/v1/${instant ? 'query' : 'query_range'}?${new URLSearchParams(parameters)}`,
  );
  const answer = await requestJson<{ readonly data: LokiData }>(path, {
    signal,
    headers: { 'x-loki-response-encoding-flags': 'categorize-labels' },
  });
  const record = {
    refId: target.refId,
    datasource: datasource.name,
    query,
    stepMs,
    tookMs: performance.now() - startedMs,
  };
  return { frames: framesOf(answer.data, target, query), notices: [], records: [record] };
}

/** A metric query starts with a function or an aggregation; a log query with its selector. */
export function isMetricQuery(query: string): boolean {
  return !query
    .replace(/#[^\n]*\n/g, '')
    .trim()
    .startsWith('{');
}

function framesOf(data: LokiData, target: Target, query: string): readonly DataFrame[] {
  if (data.resultType === 'streams') return lokiFrames(data.result, target.refId);
  const legend = typeof target.legendFormat === 'string' ? target.legendFormat : '';
  return prometheusFrames(data, {
    refId: target.refId,
    legend,
    format: 'time_series',
    expression: query,
    severalTables: false,
  });
}
