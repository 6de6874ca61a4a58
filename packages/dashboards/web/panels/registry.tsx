/** Panel types and what draws them; each is loaded with the first dashboard that has it. */
import { type ComponentType, lazy } from 'react';
import type { PanelType } from '../../model/panel-types.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { StatPanel } from './stat-panel.tsx';
import { TimeSeriesPanel } from './time-series-panel.tsx';

export interface PanelEntry {
  readonly view: ComponentType<{ readonly data: PanelData }>;
  /** Without data the frame says so instead of showing the panel. */
  readonly needsData: boolean;
}

const entries: Readonly<Record<PanelType, PanelEntry>> = {
  timeseries: { view: TimeSeriesPanel, needsData: true },
  stat: { view: StatPanel, needsData: false },
  gauge: { view: lazy(() => import('./gauge-panel.tsx')), needsData: false },
  bargauge: { view: lazy(() => import('./bar-gauge-panel.tsx')), needsData: true },
  table: { view: lazy(() => import('./table-panel.tsx')), needsData: true },
  text: { view: lazy(() => import('./text-panel.tsx')), needsData: false },
  piechart: { view: lazy(() => import('./pie-chart-panel.tsx')), needsData: true },
  barchart: { view: lazy(() => import('./bar-chart-panel.tsx')), needsData: true },
  histogram: { view: lazy(() => import('./histogram-panel.tsx')), needsData: true },
  logs: { view: lazy(() => import('./logs-panel.tsx')), needsData: true },
  heatmap: { view: lazy(() => import('./heatmap-panel.tsx')), needsData: true },
  'state-timeline': { view: lazy(() => import('./state-timeline-panel.tsx')), needsData: true },
  'status-history': { view: lazy(() => import('./state-timeline-panel.tsx')), needsData: true },
  alertlist: { view: lazy(() => import('./alert-list-panel.tsx')), needsData: false },
  dashlist: { view: lazy(() => import('./dashboard-list-panel.tsx')), needsData: false },
  traces: { view: lazy(() => import('./traces-panel.tsx')), needsData: true },
  nodeGraph: { view: lazy(() => import('./node-graph-panel.tsx')), needsData: true },
};

export const panelRegistry: ReadonlyMap<string, PanelEntry> = new Map(Object.entries(entries));
