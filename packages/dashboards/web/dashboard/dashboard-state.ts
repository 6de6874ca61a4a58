/** What a dashboard page shows now: the time range, the refresh, the variables. The address holds all of it. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import {
  type Dashboard,
  loadDashboard,
  parseDurationMs,
  type RawTimeRange,
  resolveTimeRange,
  type TimeRange,
  TimeRangeError,
} from '../../model/index.ts';
import { chosenInAddress, type ResolvedVariables, resolveVariables } from '../query/variable-values.ts';
import { setSearch, useLocation } from '../router/router.ts';
import { requestJson } from '../server/api.ts';
import { useDatasources } from '../server/datasources.ts';

export function useDashboard(uid: string) {
  return useQuery({
    queryKey: ['dashboard', uid],
    queryFn: async ({ signal }) => {
      const answer = await requestJson<{ readonly dashboard: unknown }>(
        `/api/dashboards/uid/${encodeURIComponent(uid)}`,
        { signal },
      );
      return loadDashboard(answer.dashboard);
    },
    staleTime: 10_000,
  });
}

export interface TimeState {
  readonly raw: RawTimeRange;
  readonly range: TimeRange;
  /** `30s`, or empty. */
  readonly refresh: string;
  /** The address holds a range that cannot be understood; the dashboard's own is shown. */
  readonly problem: string | undefined;
  readonly reload: () => void;
  readonly setRange: (raw: RawTimeRange) => void;
  readonly setRefresh: (refresh: string) => void;
}

/** Refreshing faster than this only keeps the stores busy. */
const REFRESH_MS_MIN = 1_000;

export function useTimeState(fallback: {
  readonly time: RawTimeRange;
  readonly refresh: string;
  readonly timezone: string;
}): TimeState {
  const { search } = useLocation();
  const [nowMs, setNowMs] = useState(() => Date.now());
  const from = search.get('from') ?? fallback.time.from;
  const to = search.get('to') ?? fallback.time.to;
  const refresh = search.get('refresh') ?? fallback.refresh;
  const reload = useCallback(() => setNowMs(Date.now()), []);
  useEffect(() => {
    const everyMs = parseDurationMs(refresh);
    if (everyMs === undefined || everyMs === 0) return;
    // A page that nobody sees asks for nothing; it catches up when it is shown again.
    const tick = () => document.visibilityState === 'visible' && reload();
    const timer = window.setInterval(tick, Math.max(REFRESH_MS_MIN, everyMs));
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [refresh, reload]);
  const resolved = useMemo(
    () => resolveOr({ from, to }, fallback.time, nowMs, fallback.timezone),
    [from, to, fallback.time, fallback.timezone, nowMs],
  );
  return {
    raw: { from, to },
    ...resolved,
    refresh,
    reload,
    setRange: useCallback((raw) => {
      setSearch({ from: raw.from, to: raw.to });
      setNowMs(Date.now());
    }, []),
    setRefresh: useCallback((next) => setSearch({ refresh: next === '' ? '' : next }, { replace: true }), []),
  };
}

function resolveOr(
  raw: RawTimeRange,
  fallback: RawTimeRange,
  nowMs: number,
  timezone: string,
): { range: TimeRange; problem: string | undefined } {
  const zone = timezone === 'utc' ? 'utc' : 'local';
  try {
    return { range: resolveTimeRange(raw, nowMs, zone), problem: undefined };
  } catch (error) {
    if (!(error instanceof TimeRangeError)) throw error;
    const range = isGood(fallback, nowMs)
      ? resolveTimeRange(fallback, nowMs, zone)
      : { fromMs: nowMs - 3_600_000, toMs: nowMs };
    return { range, problem: error.message };
  }
}

function isGood(raw: RawTimeRange, nowMs: number): boolean {
  try {
    resolveTimeRange(raw, nowMs);
    return true;
  } catch {
    return false;
  }
}

const NONE: ResolvedVariables = { states: new Map(), failures: new Map() };

/** Asked again when a choice or the chosen range changes, not at each refresh. */
export function useVariables(dashboard: Dashboard, time: TimeState) {
  const { search } = useLocation();
  const datasources = useDatasources();
  const address = [...search]
    .filter(([name]) => name.startsWith('var-'))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const query = useQuery({
    queryKey: ['variables', dashboard.uid, dashboard.variables, address, time.raw, datasources.data],
    queryFn: ({ signal }) =>
      resolveVariables({
        dashboard,
        datasources: datasources.data!,
        range: time.range,
        chosen: chosenInAddress(search, dashboard.variables),
        signal,
      }),
    enabled: datasources.isSuccess,
    placeholderData: (previous) => previous,
    structuralSharing: false,
  });
  return {
    datasources: datasources.data ?? [],
    ready: query.data !== undefined,
    resolved: query.data ?? NONE,
    error: query.error ?? datasources.error,
  };
}
