/** A trace as a waterfall: a row a span, its bar on the common time axis, and what the chosen span carries beside it. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { SpanDetails, type SpanLinks } from './span-details.tsx';
import { SpanRow } from './span-row.tsx';
import { formatDurationNs, timeMarks } from './trace-duration.ts';
import { TraceHeader } from './trace-header.tsx';
import type { Trace } from './trace-model.ts';
import { matchingSpans, type TraceFilter, visibleSpans } from './visible-spans.ts';
import './trace.css';

export interface TraceViewProps {
  readonly trace: Trace;
  readonly links: SpanLinks;
  /** The span that an address or a log line pointed at. */
  readonly initialSpanId?: string | undefined;
}

/** Height of a row in trace.css. */
const ROW_PX = 30;

/** Rows kept ready outside of the visible part, so that scrolling shows no gaps. */
const OVERSCAN = 12;

export function TraceView({ trace, links, initialSpanId }: TraceViewProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [selectedId, setSelectedId] = useState<string | undefined>(initialSpanId ?? trace.spans[0]?.spanId);
  const [filter, setFilter] = useState<TraceFilter>({ text: '', errorsOnly: false });
  const visible = useMemo(() => visibleSpans(trace, collapsed), [trace, collapsed]);
  const serviceOf = useMemo(() => new Map(trace.spans.map(({ spanId, service }) => [spanId, service])), [trace]);
  const matching = useMemo(() => matchingSpans(trace, filter), [trace, filter]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: visible.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const selected = trace.spans.find(({ spanId }) => spanId === selectedId);

  const toggle = (spanId: string, close = !collapsed.has(spanId)) => {
    const next = new Set(collapsed);
    if (close) next.add(spanId);
    else next.delete(spanId);
    setCollapsed(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = visible.findIndex((index) => trace.spans[index]!.spanId === selectedId);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      const next = Math.min(visible.length - 1, Math.max(0, at + move));
      setSelectedId(trace.spans[visible[next]!]!.spanId);
      rows.scrollToIndex(next);
    } else if (selected !== undefined && selected.descendants > 0 && /^Arrow(?:Left|Right)$/.test(event.key)) {
      toggle(selected.spanId, event.key === 'ArrowLeft');
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <section className="trace" aria-label={`Trace ${trace.traceId}`}>
      <TraceHeader trace={trace} filter={filter} onFilter={setFilter} found={matching?.size} />
      <div className="trace-body">
        <div className="trace-waterfall">
          <TimeAxis durationNs={trace.durationNs} />
          <div className="trace-rows" ref={scroller}>
            <div
              role="tree"
              aria-label="Spans"
              tabIndex={0}
              aria-activedescendant={selectedId === undefined ? undefined : `span-${selectedId}`}
              onKeyDown={onKeyDown}
              style={{ height: rows.getTotalSize() }}
              className="trace-tree"
            >
              {rows.getVirtualItems().map((item) => {
                const span = trace.spans[visible[item.index]!]!;
                return (
                  <SpanRow
                    key={span.spanId}
                    span={span}
                    traceDurationNs={trace.durationNs}
                    continuesService={serviceOf.get(span.parentSpanId) === span.service}
                    serviceIndex={trace.services.indexOf(span.service)}
                    top={item.start}
                    selected={span.spanId === selectedId}
                    dimmed={matching !== undefined && !matching.has(span.spanId)}
                    collapsed={collapsed.has(span.spanId)}
                    onSelect={() => setSelectedId(span.spanId)}
                    onToggle={() => toggle(span.spanId)}
                  />
                );
              })}
            </div>
          </div>
        </div>
        {selected !== undefined && <SpanDetails span={selected} trace={trace} links={links} />}
      </div>
    </section>
  );
}

function TimeAxis({ durationNs }: { readonly durationNs: number }) {
  return (
    <div className="trace-axis" aria-hidden="true">
      <span className="trace-axis-title">Service and operation</span>
      <div className="trace-axis-marks">
        {timeMarks(durationNs).map((mark) => (
          <span key={mark} style={{ left: `${durationNs === 0 ? 0 : (mark / durationNs) * 100}%` }}>
            {formatDurationNs(mark)}
          </span>
        ))}
      </div>
    </div>
  );
}
