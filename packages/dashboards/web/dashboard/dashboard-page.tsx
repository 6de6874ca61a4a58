/** One dashboard: its bar, its variables, its rows of panels; or one panel alone. */
import { useMemo } from 'react';
import { type Dashboard, expandRepeats, type TimeRange } from '../../model/index.ts';
import { setSearch, useLocation } from '../router/router.ts';
import type { PageProps } from '../routes.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';
import './dashboard.css';
import { DashboardBar } from './dashboard-bar.tsx';
import { DashboardContext, type DashboardContextValue } from './dashboard-context.ts';
import { DashboardRow } from './dashboard-row.tsx';
import { useDashboard, useTimeState, useVariables } from './dashboard-state.ts';
import { PanelFrame } from './panel-frame.tsx';
import { VariablesBar } from './variables-bar.tsx';

export default function DashboardPage({ parameters }: PageProps) {
  const uid = parameters.uid ?? '';
  const loaded = useDashboard(uid);
  if (loaded.isPending) return <Loading what="the dashboard" />;
  if (loaded.isError) {
    return (
      <Failure
        title="The dashboard could not be loaded"
        message={loaded.error.message}
        advice="All dashboards are in the list; files live in deploy/grafana/dashboards."
        retry={() => loaded.refetch()}
      />
    );
  }
  return <LoadedDashboardPage key={uid} dashboard={loaded.data.dashboard} />;
}

function LoadedDashboardPage({ dashboard }: { readonly dashboard: Dashboard }) {
  const { search } = useLocation();
  const time = useTimeState(dashboard);
  const { resolved, ready, datasources, error } = useVariables(dashboard, time);
  const { range, setRange } = time;
  const context = useMemo<DashboardContextValue>(
    () => ({
      dashboard,
      range,
      timezone: dashboard.timezone === '' ? 'browser' : dashboard.timezone,
      datasources,
      variables: resolved.states,
      onZoom: ({ fromMs, toMs }: TimeRange) => setRange({ from: String(fromMs), to: String(toMs) }),
    }),
    [dashboard, range, datasources, resolved, setRange],
  );
  const rows = useMemo(() => expandRepeats(dashboard.rows, resolved.states), [dashboard, resolved]);
  const viewed = search.get('viewPanel')?.replace(/^panel-/, '');
  const alone =
    viewed === undefined ? undefined : rows.flatMap((row) => row.panels).find((panel) => String(panel.id) === viewed);
  document.title = `${dashboard.title} · Mario’s telemetry`;
  return (
    <DashboardContext value={context}>
      <DashboardBar dashboard={dashboard} time={time} viewed={alone !== undefined} />
      <div className="dashboard">
        <VariablesBar resolved={resolved} />
        {time.problem !== undefined && (
          <p className="dashboard-notice">{time.problem}. The dashboard’s own range is shown.</p>
        )}
        {error !== null && (
          <Failure title="Data sources could not be asked" message={error.message} retry={time.reload} />
        )}
        {!ready && error === null && <Loading what="variables" />}
        {ready && alone !== undefined && (
          <div className="panel-alone">
            <PanelFrame panel={alone} onClose={() => setSearch({ viewPanel: undefined })} />
          </div>
        )}
        {ready && alone === undefined && rows.map((row) => <DashboardRow key={row.id} row={row} />)}
        {ready && rows.every((row) => row.panels.length === 0) && (
          <Empty title="This dashboard has no panels">Add some in its file; the page follows.</Empty>
        )}
      </div>
    </DashboardContext>
  );
}
