/** One trace in a panel: that of the query's id, or the first that a search found. */

import { useDashboardContext } from '../dashboard/dashboard-context.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { formatExploreAddress } from '../explore/explore-address.ts';
import { TraceById } from '../explore/trace-by-id.tsx';
import { Empty } from '../ui/states.tsx';

export default function TracesPanel({ data }: { readonly data: PanelData }) {
  const { datasources } = useDashboardContext();
  const tempo = datasources.find(({ type }) => type === 'tempo');
  const field = data.frames.flatMap(({ fields }) => fields).find(({ name }) => name === 'traceID');
  const traceId: unknown = field?.values[0];
  if (tempo === undefined || typeof traceId !== 'string')
    return <Empty title="No trace">The query gives no trace id.</Empty>;
  const range = { from: String(data.range.fromMs), to: String(data.range.toMs) };
  return (
    <TraceById
      datasource={tempo}
      traceId={traceId}
      run={0}
      traceAddress={(query) => formatExploreAddress({ datasource: tempo.uid, query, range })}
    />
  );
}
