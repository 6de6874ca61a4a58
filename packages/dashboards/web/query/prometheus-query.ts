/** Runs a PromQL target: as a range, at an instant, or both, with the steps that Grafana computes. */

import type { DataFrame } from '../../model/frames/grafana-data.ts';
import { type FrameOptions, type PrometheusData, prometheusFrames } from '../../model/frames/prometheus-frames.ts';
import { alignRange, type Target } from '../../model/index.ts';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { type ExemplarSeries, exemplarFrames } from './exemplar-frames.ts';
import { type PrometheusPlan, planQuery } from './prometheus-plan.ts';
import type { QueryContext, QueryRecord } from './query-context.ts';

export interface TargetAnswer {
  readonly frames: readonly DataFrame[];
  readonly notices: readonly string[];
  readonly records: readonly QueryRecord[];
}

interface Answer<T> {
  readonly status: string;
  readonly data: T;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface TargetSettings {
  readonly severalTables: boolean;
}

export async function runPrometheus(
  target: Target,
  datasource: Datasource,
  context: QueryContext,
  settings: TargetSettings,
): Promise<TargetAnswer> {
  const plan = planQuery(target, datasource, context);
  if (plan.expression.trim() === '') return { frames: [], notices: [], records: [] };
  const startedMs = performance.now();
  const parts: Promise<{ frames: readonly DataFrame[]; notices: readonly string[] }>[] = [];
  if (plan.range) parts.push(askRange(target, datasource, context, plan, settings));
  if (plan.instant) parts.push(askInstant(target, datasource, context, plan, settings));
  if (plan.exemplars) parts.push(askExemplars(target, datasource, context, plan));
  const answers = await Promise.all(parts);
  const record = {
    refId: target.refId,
    datasource: datasource.name,
    query: plan.expression,
    stepMs: plan.range ? plan.stepMs : undefined,
    tookMs: performance.now() - startedMs,
  };
  return {
    frames: answers.flatMap(({ frames }) => frames),
    notices: answers.flatMap(({ notices }) => notices),
    records: [record],
  };
}

type PartAnswer = { readonly frames: readonly DataFrame[]; readonly notices: readonly string[] };

async function askRange(
  target: Target,
  datasource: Datasource,
  { range, signal }: QueryContext,
  plan: PrometheusPlan,
  settings: TargetSettings,
): Promise<PartAnswer> {
  const { startMs, endMs } = alignRange(range.fromMs, range.toMs, plan.stepMs);
  const form = new URLSearchParams({
    query: plan.expression,
    start: String(startMs / 1000),
    end: String(endMs / 1000),
    step: String(plan.stepMs / 1000),
  });
  const answer = await requestJson<Answer<PrometheusData>>(proxyPath(datasource, '/api/v1/query_range'), {
    form,
    signal,
  });
  return framesOf(answer, { ...frameOptions(target, plan, settings), grid: { startMs, endMs, stepMs: plan.stepMs } });
}

async function askInstant(
  target: Target,
  datasource: Datasource,
  { range, signal }: QueryContext,
  plan: PrometheusPlan,
  settings: TargetSettings,
): Promise<PartAnswer> {
  const form = new URLSearchParams({ query: plan.expression, time: String(range.toMs / 1000) });
  const answer = await requestJson<Answer<PrometheusData>>(proxyPath(datasource, '/api/v1/query'), { form, signal });
  return framesOf(answer, frameOptions(target, plan, settings));
}

/** A store without exemplars must not take the panel down: the chart stands, a notice tells. */
async function askExemplars(
  target: Target,
  datasource: Datasource,
  { range, signal }: QueryContext,
  plan: PrometheusPlan,
): Promise<PartAnswer> {
  const form = new URLSearchParams({
    query: plan.expression,
    start: String(range.fromMs / 1000),
    end: String(range.toMs / 1000),
  });
  try {
    const answer = await requestJson<Answer<readonly ExemplarSeries[]>>(
      proxyPath(datasource, '/api/v1/query_exemplars'),
      { form, signal },
    );
    return { frames: exemplarFrames(answer.data, target.refId), notices: [] };
  } catch (error) {
    if (signal.aborted) throw error;
    return { frames: [], notices: [`exemplars: ${(error as Error).message}`] };
  }
}

function frameOptions(target: Target, plan: PrometheusPlan, settings: TargetSettings): FrameOptions {
  const format = target.format === 'table' || target.format === 'heatmap' ? target.format : 'time_series';
  const legend = typeof target.legendFormat === 'string' ? target.legendFormat : '';
  return { refId: target.refId, legend, format, expression: plan.expression, severalTables: settings.severalTables };
}

function framesOf(answer: Answer<PrometheusData>, options: FrameOptions): PartAnswer {
  return {
    frames: prometheusFrames(answer.data, options),
    notices: [...(answer.warnings ?? []), ...(answer.infos ?? [])],
  };
}
