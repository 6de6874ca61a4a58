/** Explore: one query to one data source, in its own language, with everything that the answer can show. */
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { type RawTimeRange, resolveTimeRange, type TimeRange } from '../../model/index.ts';
import { DashboardContext, type DashboardContextValue } from '../dashboard/dashboard-context.ts';
import { DashboardRow } from '../dashboard/dashboard-row.tsx';
import '../dashboard/dashboard.css';
import { navigate, useLocation } from '../router/router.ts';
import { type Datasource, findDatasource, useDatasources } from '../server/datasources.ts';
import { Select } from '../ui/select.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { TimePicker } from '../ui/time-picker.tsx';
import { examplesFor } from './examples.ts';
import './explore.css';
import { EXPLORE_DEFAULT, type ExploreState, formatExploreAddress, readExploreAddress } from './explore-address.ts';
import { exploreDashboard } from './explore-dashboard.ts';
import { LiveTail } from './live-tail.tsx';
import { isTraceId, TraceById } from './trace-by-id.tsx';
import { TraceSearch } from './trace-search.tsx';

const QueryEditor = lazy(async () => ({ default: (await import('../editor/query-editor.tsx')).QueryEditor }));

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  prometheus: 'PromQL, for example up',
  loki: 'LogQL, for example {service_name="mario-pizzeria"}',
  tempo: 'TraceQL or a trace id, for example { status = error }',
};

/** A metrics query of TraceQL answers with series, not with traces. */
const TRACE_METRICS = /\|\s*(?:\w+_over_time|rate|compare)\s*\(/;

export default function ExplorePage() {
  const datasources = useDatasources();
  document.title = 'Explore · Mario’s telemetry';
  if (datasources.isPending) return <Loading what="data sources" />;
  if (datasources.isError) {
    return (
      <Failure
        title="Data sources could not be asked"
        message={datasources.error.message}
        retry={() => void datasources.refetch()}
      />
    );
  }
  if (datasources.data.length === 0) {
    return <Empty title="No data sources">Add one in deploy/grafana/provisioning/datasources.</Empty>;
  }
  return <Explore datasources={datasources.data} />;
}

function Explore({ datasources }: { readonly datasources: readonly Datasource[] }) {
  const { search } = useLocation();
  const state = useMemo(() => readExploreAddress(search.toString()), [search]);
  const datasource = findDatasource(datasources, { uid: state.datasource, type: undefined }) ?? datasources[0]!;
  const [draft, setDraft] = useState(state.query);
  const [run, setRun] = useState(0);
  const [live, setLive] = useState(false);
  const range = useMemo(() => resolveOrDefault(state.range, run), [state.range, run]);
  useEffect(() => setDraft(state.query), [state.query]);

  const go = (change: Partial<ExploreState>) => {
    navigate(formatExploreAddress({ ...state, datasource: datasource.uid, query: draft, ...change }), {
      replace: true,
    });
    setRun((count) => count + 1);
  };

  return (
    <div className="explore">
      <div className="explore-bar">
        <h1>Explore</h1>
        <Select
          label="Data source"
          options={datasources.map(({ uid, name }) => ({ text: name, value: uid }))}
          chosen={[datasource.uid]}
          onChange={([uid]) => uid !== undefined && go({ datasource: uid, query: '' })}
        />
        <div className="explore-tools">
          <TimePicker raw={state.range} range={range} onChange={(next) => go({ range: next })} />
          {datasource.type === 'loki' && (
            <button
              type="button"
              className="button"
              aria-pressed={live}
              onClick={() => {
                setLive(!live);
                go({});
              }}
            >
              Live
            </button>
          )}
          <button type="button" className="button button-primary" onClick={() => go({})}>
            Run query
          </button>
        </div>
      </div>
      <Suspense fallback={<div className="query-editor query-editor-loading" />}>
        <QueryEditor
          key={datasource.uid}
          datasource={datasource}
          value={draft}
          label={`Query to ${datasource.name}`}
          placeholder={PLACEHOLDERS[datasource.type] ?? 'Query'}
          onChange={setDraft}
          onRun={() => go({})}
        />
      </Suspense>
      <Answer
        state={{ ...state, datasource: datasource.uid }}
        datasource={datasource}
        datasources={datasources}
        range={range}
        run={run}
        live={live}
        onAsk={(query) => go({ query })}
        onRange={(next) => go({ range: next })}
      />
    </div>
  );
}

interface AnswerProps {
  readonly state: ExploreState;
  readonly datasource: Datasource;
  readonly datasources: readonly Datasource[];
  readonly range: TimeRange;
  readonly run: number;
  readonly live: boolean;
  readonly onAsk: (query: string) => void;
  readonly onRange: (range: RawTimeRange) => void;
}

function Answer(props: AnswerProps) {
  const { state, datasource, range, run } = props;
  if (state.query.trim() === '') return <Examples datasource={datasource} onAsk={props.onAsk} />;
  if (datasource.type === 'tempo' && !TRACE_METRICS.test(state.query)) {
    const traceAddress = (traceId: string) => formatExploreAddress({ ...state, query: traceId });
    return isTraceId(state.query) ? (
      <TraceById datasource={datasource} traceId={state.query.trim()} run={run} traceAddress={traceAddress} />
    ) : (
      <TraceSearch datasource={datasource} query={state.query} range={range} run={run} traceAddress={traceAddress} />
    );
  }
  if (props.live && datasource.type === 'loki') {
    return <LiveTail datasource={datasource} datasources={props.datasources} query={state.query} />;
  }
  return <Panels {...props} />;
}

function Panels({ state, datasource, datasources, range, run, onRange }: AnswerProps) {
  // A new object at each run makes every panel ask again.
  const context = useMemo<DashboardContextValue>(
    () => ({
      dashboard: exploreDashboard(state, datasource),
      range,
      timezone: 'browser',
      datasources,
      variables: new Map(),
      onZoom: ({ fromMs, toMs }) => onRange({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)) }),
    }),
    // The query and the run stand for the whole state: typing in the editor asks for nothing.
    [state.query, datasource, datasources, range, run],
  );
  return (
    <DashboardContext value={context}>
      <div className="explore-panels">
        {context.dashboard.rows.map((row) => (
          <DashboardRow key={row.id} row={row} />
        ))}
      </div>
    </DashboardContext>
  );
}

function Examples({ datasource, onAsk }: { readonly datasource: Datasource; readonly onAsk: (query: string) => void }) {
  return (
    <section className="explore-examples" aria-label="Examples">
      <h2>Ask, for example</h2>
      <ul>
        {examplesFor(datasource.type).map(({ title, query }) => (
          <li key={query}>
            <button type="button" onClick={() => onAsk(query)}>
              <span>{title}</span>
              <code>{query}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `run` makes relative times move on when the same query is asked again. */
function resolveOrDefault(raw: RawTimeRange, _run: number): TimeRange {
  const nowMs = Date.now();
  try {
    return resolveTimeRange(raw, nowMs);
  } catch {
    return resolveTimeRange(EXPLORE_DEFAULT.range, nowMs);
  }
}
