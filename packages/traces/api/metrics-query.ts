/** Metrics from spans: range and instant queries, in the shapes of Tempo's API. */

import { traceIdHex } from '@mario/otlp';
import type { TraceStore } from '../store/trace-store.ts';
import type { Query } from '../traceql/ast.ts';
import { createMetricsEvaluator } from '../traceql/metrics-evaluator.ts';
import type { MetricsRange, Series } from '../traceql/metrics-series.ts';
import { compileMayMatch } from '../traceql/required-values.ts';
import { TraceContext } from '../traceql/trace-context.ts';
import { type Value, valueText } from '../traceql/value.ts';
import { badRequest } from './api-error.ts';
import { type Json, valueToJson } from './json-value.ts';
import { durationOf, integerOf, type Parameters, timeNsOf } from './parameters.ts';

const EXEMPLARS_DEFAULT = 100;
/** A query without a range looks back this far, as Tempo's `since` default. */
const SINCE_NS = 3_600_000_000_000n;
const MINUTE_NS = 60_000_000_000n;

/** The range of a request: `start`, `end` or `since`, and `step`; edges are rounded outwards to whole steps. */
export function metricsRangeOf(parameters: Parameters, nowNs: bigint, stepNsDefault?: bigint): MetricsRange {
  const endNs = timeNsOf(parameters, 'end') ?? nowNs;
  const since = durationOf(parameters, 'since');
  const startNs = timeNsOf(parameters, 'start') ?? endNs - (since === undefined ? SINCE_NS : BigInt(since));
  if (startNs >= endNs) throw badRequest('end must be greater than start');
  const stepNs = stepOf(parameters) ?? stepNsDefault ?? defaultStepNs(endNs - startNs);
  if (stepNs <= 0n) throw badRequest('step must be greater than 0');
  return { startNs: startNs - (startNs % stepNs), endNs: endNs + ((stepNs - (endNs % stepNs)) % stepNs), stepNs };
}

/** Evaluates over all traces of the range. The query must have been validated. */
export async function queryMetrics(
  store: TraceStore,
  query: Query,
  range: MetricsRange,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<{ readonly series: readonly Series[]; readonly truncated: boolean; readonly inspectedSpans: number }> {
  const evaluator = createMetricsEvaluator(query, range, integerOf(parameters, 'exemplars') ?? EXEMPLARS_DEFAULT);
  const mayMatch = compileMayMatch(query);
  let inspectedSpans = 0;
  await store.scan({
    range: { fromMs: Number(range.startNs / 1_000_000n), toMs: Number(range.endNs / 1_000_000n) + 1 },
    signal,
    ...(mayMatch === undefined ? {} : { mayMatch }),
    visit: (trace) => {
      inspectedSpans += trace.spans.length;
      evaluator.add(new TraceContext(trace));
    },
  });
  return { series: evaluator.finish(), truncated: evaluator.truncated, inspectedSpans };
}

export function rangeSeriesToJson(query: Query, series: Series, range: MetricsRange): Json {
  const samples: Json[] = [];
  for (const [bucket, value] of series.values.entries()) {
    if (Number.isNaN(value)) continue;
    const timestampMs = String((range.startNs + range.stepNs * BigInt(bucket + 1)) / 1_000_000n);
    // As protobuf's JSON form, which leaves zeros out.
    samples.push(value === 0 ? { timestampMs } : { timestampMs, value });
  }
  const exemplars = series.exemplars.map(({ traceId, timestampMs, value }) => ({
    labels: [{ key: 'trace:id', value: { stringValue: traceIdHex(traceId, 0) } }],
    value,
    timestampMs: String(timestampMs),
  }));
  return { ...identity(query, series), samples, ...(exemplars.length > 0 ? { exemplars } : {}) };
}

export function instantSeriesToJson(query: Query, series: Series): Json {
  return { ...identity(query, series), value: series.values.at(-1) };
}

/** Labels as attributes and in Prometheus' notation. A series without labels is called by its function. */
function identity(query: Query, series: Series): Json {
  const name = query.metrics?.kind === 'aggregation' ? query.metrics.function : 'compare';
  const labels: readonly (readonly [string, Value])[] = series.labels.length > 0 ? series.labels : [['__name__', name]];
  return {
    labels: labels.map(([key, value]) => ({ key, value: labelToJson(key, value) })),
    promLabels: `{${labels.map(([key, value]) => `${promName(key)}=${JSON.stringify(promText(value))}`).join(', ')}}`,
  };
}

/** Quantiles and bucket bounds are doubles even when they are whole. */
function labelToJson(key: string, value: Value): Json {
  return typeof value === 'number' && (key === 'p' || key === '__bucket') ? { doubleValue: value } : valueToJson(value);
}

function promName(key: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key) ? key : JSON.stringify(key);
}

function promText(value: Value): string {
  return value === undefined ? '<nil>' : valueText(value);
}

function stepOf(parameters: Parameters): bigint | undefined {
  const text = parameters.step;
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return BigInt(Math.round(seconds * 1e9));
  const duration = durationOf(parameters, 'step');
  return duration === undefined ? undefined : BigInt(duration);
}

/** About 60 to 120 points, in whole seconds or minutes. */
function defaultStepNs(durationNs: bigint): bigint {
  const second = 1_000_000_000n;
  const roughNs = durationNs / 100n;
  if (roughNs < second) return second;
  const unit = roughNs < MINUTE_NS ? second * 5n : MINUTE_NS;
  return roughNs < unit ? second : (roughNs / unit) * unit;
}
