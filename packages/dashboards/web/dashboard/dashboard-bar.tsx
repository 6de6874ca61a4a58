/** The bar of a dashboard: its name, the time range, zooming out, refreshing. It stays while the page scrolls. */
import type { Dashboard } from '../../model/index.ts';
import { Link } from '../router/link.tsx';
import { setSearch } from '../router/router.ts';
import { Icon } from '../ui/icon.tsx';
import { RefreshPicker } from '../ui/refresh-picker.tsx';
import { TimePicker } from '../ui/time-picker.tsx';
import { DashboardLinkButton } from './dashboard-link-button.tsx';
import type { TimeState } from './dashboard-state.ts';

export interface DashboardBarProps {
  readonly dashboard: Dashboard;
  readonly time: TimeState;
  readonly viewed: boolean;
}

export function DashboardBar({ dashboard, time, viewed }: DashboardBarProps) {
  const zoomOut = () => {
    const { fromMs, toMs } = time.range;
    const half = toMs - fromMs;
    const middle = (fromMs + toMs) / 2;
    time.setRange({ from: String(Math.round(middle - half)), to: String(Math.round(middle + half)) });
  };
  return (
    <div className="dashboard-bar">
      <div className="dashboard-title">
        <Link href="/dashboards" className="quiet">
          Dashboards
        </Link>
        <Icon name="chevronRight" size={12} />
        {viewed ? (
          <button type="button" className="title-button" onClick={() => setSearch({ viewPanel: undefined })}>
            <h1 title={dashboard.description}>{dashboard.title}</h1>
          </button>
        ) : (
          <h1 title={dashboard.description}>{dashboard.title}</h1>
        )}
      </div>
      <div className="dashboard-tools">
        {dashboard.links.map((link) => (
          <DashboardLinkButton key={link.title + link.url} link={link} raw={time.raw} />
        ))}
        <TimePicker raw={time.raw} range={time.range} onChange={time.setRange} timezone={dashboard.timezone} />
        <button type="button" className="button-icon" aria-label="Zoom out" title="Zoom out" onClick={zoomOut}>
          <Icon name="zoomOut" />
        </button>
        <RefreshPicker
          refresh={time.refresh}
          intervals={dashboard.refreshIntervals}
          onRefresh={time.reload}
          onChange={time.setRefresh}
        />
      </div>
    </div>
  );
}
