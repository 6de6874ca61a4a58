/** Lines, bars and points over time. */
import { useMemo } from 'react';
import { asNumber } from '../../model/json.ts';
import { Chart } from '../chart/chart.tsx';
import { chartDataOf } from '../chart/chart-series.ts';
import { useDashboardContext } from '../dashboard/dashboard-context.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { formatExploreAddress } from '../explore/explore-address.ts';
import { type Exemplar, exemplarsOf } from '../query/exemplar-frames.ts';
import type { Datasource } from '../server/datasources.ts';
import { legendOptions, tooltipOptions } from './panel-options.ts';

export function TimeSeriesPanel({ data }: { readonly data: PanelData }) {
  const { dashboard, onZoom, datasources } = useDashboardContext();
  const { panel, frames, theme, range, timezone, answer } = data;
  const chart = useMemo(() => chartDataOf(frames, theme), [frames, theme]);
  const exemplars = useMemo(() => exemplarsOf(answer.exemplarFrames), [answer]);
  const legend = useMemo(() => legendOptions(panel.options), [panel]);
  const target = useMemo(() => exemplarTargetOf(datasources), [datasources]);
  // A chart of two bars across the whole width says nothing about the range: below this the range is the axis.
  const syncKey = asNumber(dashboard.graphTooltip, 0) > 0 ? dashboard.uid : undefined;
  return (
    <Chart
      data={chart}
      range={range}
      timezone={timezone}
      legend={legend}
      tooltip={tooltipOptions(panel.options)}
      syncKey={syncKey}
      onZoom={onZoom}
      exemplars={exemplars}
      exemplarTarget={target}
    />
  );
}

interface Destination {
  readonly name?: string;
  readonly datasourceUid?: string;
  readonly url?: string;
}

/** As the metrics' data source says: which label holds the trace id, and where traces are. */
export function exemplarTargetOf(datasources: readonly Datasource[]) {
  const destinations = datasources.flatMap(
    ({ jsonData }) => (jsonData.exemplarTraceIdDestinations as readonly Destination[] | undefined) ?? [],
  );
  return ({ labels, timeMs, value }: Exemplar) => {
    const destination = destinations.find(({ name }) => name !== undefined && labels[name] !== undefined);
    const id = destination?.name === undefined ? undefined : labels[destination.name];
    const title = [
      `${value}`,
      ...Object.entries(labels).map(([name, text]) => `${name}: ${text}`),
      ...(id === undefined ? [] : ['Click: open the trace']),
    ].join('\n');
    if (id === undefined || destination?.datasourceUid === undefined) return { href: undefined, title };
    const range = { from: String(Math.round(timeMs) - 3_600_000), to: String(Math.round(timeMs) + 3_600_000) };
    return { href: formatExploreAddress({ datasource: destination.datasourceUid, query: id, range }), title };
  };
}
