/** The data of one panel: asked for while the panel is on the screen, with its own time if it has one. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { applyFieldConfig } from '../../model/frames/apply-field-config.ts';
import { type DataFrame, type GrafanaTheme2, themeOf } from '../../model/frames/grafana-data.ts';
import {
  calculateIntervalMs,
  createScope,
  interpolate,
  type Panel,
  parseDurationMs,
  resolveTime,
  type TimeRange,
  type VariableScope,
} from '../../model/index.ts';
import type { QueryContext } from '../query/query-context.ts';
import { type PanelAnswer, runPanel } from '../query/run-panel.ts';
import { macrosOf } from '../query/variable-values.ts';
import { useThemeMode } from '../shell/theme.ts';
import { type DashboardContextValue, useDashboardContext } from './dashboard-context.ts';

/** What a panel's component gets. */
export interface PanelData {
  readonly panel: Panel;
  /** With field settings applied. */
  readonly frames: readonly DataFrame[];
  readonly answer: PanelAnswer;
  readonly range: TimeRange;
  readonly timezone: string;
  readonly theme: GrafanaTheme2;
  readonly interpolate: (text: string) => string;
}

/** Types that tell series apart by colour; the others colour by thresholds. Grafana's plugins have these defaults. */
const BY_SERIES = new Set(['timeseries', 'barchart', 'piechart', 'histogram', 'state-timeline']);

/** Panels without targets (text, lists) have nothing to ask. */
const NOTHING: PanelAnswer = { frames: [], exemplarFrames: [], notices: [], records: [], failures: [] };

export function usePanelData(panel: Panel, widthPx: number, visible: boolean) {
  const context = useDashboardContext();
  const theme = themeOf(useThemeMode());
  const range = useMemo(() => panelRange(panel, context.range), [panel, context.range]);
  const pointsMax = panel.maxDataPoints ?? Math.max(100, Math.round(widthPx));
  const asks = panel.targets.some((target) => !target.hide);
  const stepMs = calculateIntervalMs(range.toMs - range.fromMs, pointsMax, 1);
  const chosen = [...context.variables].map(([name, { value, options }]) => [
    name,
    value,
    value === '$__all' || value.includes('$__all') ? options.length : 0,
  ]);
  const query = useQuery({
    queryKey: ['panel', context.dashboard.uid, panel, range, stepMs, chosen, context.datasources],
    queryFn: ({ signal }) => runPanel(panel, queryContext(panel, context, range, pointsMax, signal)),
    enabled: visible && asks && widthPx > 0,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    // Each refresh is a key of its own: what is no longer on the screen is let go soon.
    gcTime: 20_000,
  });
  const answer = asks ? query.data : NOTHING;
  const data = useMemo<PanelData | undefined>(() => {
    if (answer === undefined) return undefined;
    const scope = panelScope(panel, context, range);
    const write = (text: string) => interpolate(text, scope);
    const frames = applyFieldConfig(answer.frames, panel.fieldConfig, {
      theme,
      timezone: context.timezone,
      interpolate: write,
      colorMode: BY_SERIES.has(panel.type) ? 'palette-classic' : 'thresholds',
    });
    return { panel, frames, answer, range, timezone: context.timezone, theme, interpolate: write };
  }, [answer, panel, context, range, theme]);
  return {
    data,
    error: query.error,
    loading: asks && (query.isFetching || (!query.isFetched && visible)),
    refetch: query.refetch,
  };
}

export function panelScope(
  panel: Panel,
  context: DashboardContextValue,
  range: TimeRange,
  intervals = { intervalMs: 15_000, rateIntervalMs: 60_000 },
): VariableScope {
  const macros = { ...macrosOf({ dashboard: context.dashboard, range }), ...intervals };
  return createScope(context.variables, macros, panel.scopedVariables);
}

function queryContext(
  panel: Panel,
  context: DashboardContextValue,
  range: TimeRange,
  pointsMax: number,
  signal: AbortSignal,
): QueryContext {
  const adhoc = [...context.variables.values()].filter(({ variable }) => variable.type === 'adhoc');
  return {
    datasources: context.datasources,
    range,
    pointsMax,
    minInterval: interpolate(panel.interval, panelScope(panel, context, range)),
    scopeFor: (intervals) => panelScope(panel, context, range, intervals),
    adhocFilters: adhoc.flatMap(({ variable }) => variable.filters),
    signal,
  };
}

/** `timeFrom: 1h` replaces the range by the last hour, `timeShift: 1d` moves it back. */
function panelRange(panel: Panel, range: TimeRange): TimeRange {
  const ownMs = parseDurationMs(panel.timeFrom.replace(/^now-/, ''));
  let { fromMs, toMs } = range;
  if (ownMs !== undefined && ownMs > 0) fromMs = toMs - ownMs;
  else if (panel.timeFrom.startsWith('now')) fromMs = resolveTime(panel.timeFrom, toMs, false);
  const shiftMs = parseDurationMs(panel.timeShift) ?? 0;
  if (shiftMs > 0) {
    fromMs -= shiftMs;
    toMs -= shiftMs;
  }
  return fromMs === range.fromMs && toMs === range.toMs ? range : { fromMs, toMs };
}
