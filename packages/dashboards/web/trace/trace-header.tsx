/** What a trace is, in one line, and the search through its spans. */
import { momentFormatter } from '../chart/time-axis.ts';
import { formatDurationNs } from './trace-duration.ts';
import type { Trace } from './trace-model.ts';
import type { TraceFilter } from './visible-spans.ts';

export interface TraceHeaderProps {
  readonly trace: Trace;
  readonly filter: TraceFilter;
  readonly onFilter: (filter: TraceFilter) => void;
  /** Spans that the filter found; undefined when nothing is searched. */
  readonly found: number | undefined;
}

export function TraceHeader({ trace, filter, onFilter, found }: TraceHeaderProps) {
  const root = trace.spans[0];
  return (
    <header className="trace-header">
      <div>
        <h2>
          {root?.service}: {root?.name}
        </h2>
        <dl>
          <Fact name="Trace" value={trace.traceId} code />
          <Fact name="Start" value={momentFormatter('browser')(trace.startMs)} />
          <Fact name="Duration" value={formatDurationNs(trace.durationNs)} />
          <Fact name="Spans" value={String(trace.spans.length)} />
          <Fact name="Services" value={String(trace.services.length)} />
          {trace.errors > 0 && <Fact name="Errors" value={String(trace.errors)} bad />}
        </dl>
      </div>
      <div className="trace-search">
        <input
          type="search"
          value={filter.text}
          placeholder="Find a span, attribute or value"
          aria-label="Find a span, attribute or value"
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        />
        <label>
          <input
            type="checkbox"
            checked={filter.errorsOnly}
            onChange={(event) => onFilter({ ...filter, errorsOnly: event.target.checked })}
          />
          Errors only
        </label>
        <output>{found === undefined ? '' : `${found} of ${trace.spans.length}`}</output>
      </div>
    </header>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly code?: boolean;
  readonly bad?: boolean;
}

function Fact({ name, value, code = false, bad = false }: FactProps) {
  return (
    <div className={bad ? 'bad' : undefined}>
      <dt>{name}</dt>
      <dd>{code ? <code>{value}</code> : value}</dd>
    </div>
  );
}
