/** One trace by its id, with ways to its logs and to linked traces. */
import { useQuery } from '@tanstack/react-query';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { readTrace } from '../trace/trace-model.ts';
import { type TracesToLogs, traceToLogsAddress } from '../trace/trace-to-logs.ts';
import { TraceView } from '../trace/trace-view.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';

export interface TraceByIdProps {
  readonly datasource: Datasource;
  readonly traceId: string;
  readonly run: number;
  readonly traceAddress: (traceId: string) => string;
}

/** What Explore takes for a trace id rather than for a query, as Grafana does. */
export function isTraceId(query: string): boolean {
  return /^[0-9a-f]{1,32}$/i.test(query.trim());
}

export function TraceById({ datasource, traceId, run, traceAddress }: TraceByIdProps) {
  const found = useQuery({
    queryKey: ['trace', datasource.uid, traceId, run],
    queryFn: async ({ signal }) =>
      readTrace(await requestJson<unknown>(proxyPath(datasource, `/api/traces/${traceId}`), { signal })) ?? null,
  });
  if (found.isPending) return <Loading what="the trace" />;
  if (found.isError) {
    return (
      <Failure title="The trace cannot be shown" message={found.error.message} retry={() => void found.refetch()} />
    );
  }
  const trace = found.data;
  if (trace === null) return <Empty title="The trace has no spans">It may be older than what the store keeps.</Empty>;
  const settings = datasource.jsonData.tracesToLogsV2 as TracesToLogs | undefined;
  const logs = settings?.datasourceUid;
  return (
    <TraceView
      trace={trace}
      links={{
        logs: logs === undefined ? undefined : (whole, span) => traceToLogsAddress(settings!, whole, span) ?? '',
        trace: traceAddress,
      }}
    />
  );
}
