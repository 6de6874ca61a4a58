/** Traces that a search found, newest first, each a link to its waterfall. */
import { useQuery } from '@tanstack/react-query';
import type { TimeRange } from '../../model/index.ts';
import { momentFormatter } from '../chart/time-axis.ts';
import { Link } from '../router/link.tsx';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { formatDurationNs } from '../trace/trace-duration.ts';
import { Empty, Failure, Loading } from '../ui/states.tsx';

/** A screenful; the query narrows down better than scrolling does. */
const TRACES_MAX = 50;

interface FoundTrace {
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly startTimeUnixNano?: string;
  readonly durationMs?: number;
  readonly spanSets?: readonly { readonly matched?: number }[];
}

interface SearchAnswer {
  readonly traces?: readonly FoundTrace[];
  readonly metrics?: { readonly inspectedTraces?: number; readonly inspectedBytes?: string };
}

export interface TraceSearchProps {
  readonly datasource: Datasource;
  readonly query: string;
  readonly range: TimeRange;
  /** Changes when the user runs the query again. */
  readonly run: number;
  readonly traceAddress: (traceId: string) => string;
}

export function TraceSearch({ datasource, query, range, run, traceAddress }: TraceSearchProps) {
  const search = useQuery({
    queryKey: ['trace-search', datasource.uid, query, range.fromMs, range.toMs, run],
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({
        q: query.trim() === '' ? '{}' : query,
        limit: String(TRACES_MAX),
        start: String(Math.floor(range.fromMs / 1000)),
        end: String(Math.ceil(range.toMs / 1000)),
      });
      return requestJson<SearchAnswer>(proxyPath(datasource, `/api/search?${params}`), { signal });
    },
  });
  if (search.isPending) return <Loading what="traces" />;
  if (search.isError)
    return <Failure title="The search failed" message={search.error.message} retry={() => void search.refetch()} />;
  const moment = momentFormatter('browser');
  const traces = newestFirst(search.data.traces ?? []);
  if (traces.length === 0)
    return <Empty title="No traces found">Widen the time range or the query; {'{}'} finds every trace.</Empty>;
  return (
    <div className="table-scroll">
      <table className="trace-list">
        <thead>
          <tr>
            <th>Trace</th>
            <th>Start</th>
            <th>Service</th>
            <th>Operation</th>
            <th className="number">Matching spans</th>
            <th className="number">Duration</th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <tr key={trace.traceID}>
              <td>
                <Link href={traceAddress(trace.traceID)} className="trace-id">
                  {trace.traceID.slice(0, 16)}
                </Link>
              </td>
              <td>{moment(startMs(trace))}</td>
              <td>{trace.rootServiceName ?? ''}</td>
              <td>{trace.rootTraceName ?? ''}</td>
              <td className="number">{(trace.spanSets ?? []).reduce((sum, { matched = 0 }) => sum + matched, 0)}</td>
              <td className="number">{formatFoundDuration(trace.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A search tells durations in whole milliseconds, and none for traces that were faster. */
function formatFoundDuration(durationMs = 0): string {
  return durationMs === 0 ? '< 1 ms' : formatDurationNs(durationMs * 1e6);
}

function newestFirst(traces: readonly FoundTrace[]): readonly FoundTrace[] {
  return traces.toSorted((a, b) => startMs(b) - startMs(a));
}

function startMs(trace: FoundTrace): number {
  return Number(BigInt(trace.startTimeUnixNano ?? 0) / 1_000_000n);
}
