/** Which expression a PromQL target asks, with which step, and how: pure, as Grafana computes it. */
import {
  addAdhocFilters,
  calculateIntervalMs,
  interpolate,
  parseDurationMs,
  promqlFormat,
  promqlStepMs,
  rateIntervalMs,
  SCRAPE_INTERVAL_MS_DEFAULT,
  type Target,
} from '../../model/index.ts';
import type { Datasource } from '../server/datasources.ts';
import type { QueryContext } from './query-context.ts';

export interface PrometheusPlan {
  readonly expression: string;
  readonly stepMs: number;
  readonly range: boolean;
  readonly instant: boolean;
  readonly exemplars: boolean;
}

/** Pure: which expression, with which step, how. */
export function planQuery(
  target: Target,
  datasource: Pick<Datasource, 'jsonData'>,
  context: Pick<QueryContext, 'range' | 'pointsMax' | 'minInterval' | 'scopeFor' | 'adhocFilters'>,
): PrometheusPlan {
  const { range } = context;
  const rangeMs = range.toMs - range.fromMs;
  const scrapeMs = durationOf(datasource.jsonData.timeInterval) ?? SCRAPE_INTERVAL_MS_DEFAULT;
  const panelMinMs = parseDurationMs(context.minInterval) ?? scrapeMs;
  const baseMs = calculateIntervalMs(rangeMs, context.pointsMax, panelMinMs);
  const written = typeof target.interval === 'string' ? target.interval : '';
  const roughScope = context.scopeFor({ intervalMs: baseMs, rateIntervalMs: rateIntervalMs(baseMs, scrapeMs) });
  const targetMinMs = parseDurationMs(interpolate(written, roughScope)) ?? 0;
  const stepMs = promqlStepMs(rangeMs, Math.max(baseMs, targetMinMs), Number(target.intervalFactor) || 1);
  const isMacro = written.includes('$__');
  const scope = context.scopeFor({
    intervalMs: stepMs,
    rateIntervalMs: rateIntervalMs(stepMs, isMacro || targetMinMs === 0 ? scrapeMs : targetMinMs),
  });
  const text = typeof target.expr === 'string' ? target.expr : '';
  const instant = target.instant === true;
  return {
    expression: addAdhocFilters(interpolate(text, scope, promqlFormat), context.adhocFilters),
    stepMs,
    instant,
    range: target.range === true || !instant,
    exemplars: target.exemplar === true,
  };
}

function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDurationMs(value) : undefined;
}
