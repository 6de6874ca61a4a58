/** One row of the waterfall: the place in the tree, service and name, and the bar. */
import { serviceColor } from './service-color.ts';
import { formatDurationNs } from './trace-duration.ts';
import type { TraceSpan } from './trace-model.ts';

export interface SpanRowProps {
  readonly span: TraceSpan;
  readonly traceDurationNs: number;
  readonly serviceIndex: number;
  /** Its parent is of the same service: the name is not told again, the colour is. */
  readonly continuesService: boolean;
  readonly top: number;
  readonly selected: boolean;
  readonly dimmed: boolean;
  readonly collapsed: boolean;
  readonly onSelect: () => void;
  readonly onToggle: () => void;
}

/** A bar this thin can still be seen and hit. */
const BAR_PERCENT_MIN = 0.3;

/** Labels of bars that begin further right stand before the bar, where there is room. */
const LABEL_LEFT_FROM_PERCENT = 70;

export function SpanRow(props: SpanRowProps) {
  const { span, traceDurationNs, selected, dimmed, collapsed } = props;
  const percent = (ns: number) => (traceDurationNs === 0 ? 0 : (ns / traceDurationNs) * 100);
  const left = Math.min(percent(span.offsetNs), 100 - BAR_PERCENT_MIN);
  const width = Math.max(BAR_PERCENT_MIN, percent(span.durationNs));
  const before = left > LABEL_LEFT_FROM_PERCENT;
  const className = ['trace-row', selected && 'selected', dimmed && 'dimmed', span.status === 'error' && 'error'];
  return (
    <div
      id={`span-${span.spanId}`}
      role="treeitem"
      aria-level={span.depth + 1}
      aria-selected={selected}
      aria-expanded={span.descendants > 0 ? !collapsed : undefined}
      aria-label={`${span.service} ${span.name}, ${formatDurationNs(span.durationNs)}${span.status === 'error' ? ', error' : ''}`}
      tabIndex={-1}
      className={className.filter(Boolean).join(' ')}
      style={
        {
          transform: `translateY(${props.top}px)`,
          '--service': serviceColor(props.serviceIndex),
        } as React.CSSProperties
      }
      onClick={props.onSelect}
      onKeyDown={undefined}
    >
      <div className="trace-name" style={{ paddingLeft: 8 + span.depth * 14 }}>
        {span.descendants > 0 ? (
          <button
            type="button"
            className="trace-toggle"
            tabIndex={-1}
            aria-label={collapsed ? 'Show children' : 'Hide children'}
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle();
            }}
          >
            {collapsed ? '▸' : '▾'}
          </button>
        ) : (
          <span className="trace-toggle" />
        )}
        <span className="trace-service" title={span.service}>
          {!props.continuesService && span.service}
        </span>
        <span className="trace-operation">{span.name}</span>
        {collapsed && <span className="trace-count">{span.descendants}</span>}
      </div>
      <div className="trace-lane">
        <div className="trace-bar" style={{ left: `${left}%`, width: `${Math.min(width, 100 - left)}%` }} />
        {span.events.map((event, i) => (
          <i
            // Events have no identity of their own; their order never changes.
            key={`${event.name}-${i}`}
            className="trace-event"
            title={`${event.name} at ${formatDurationNs(event.offsetNs)}`}
            style={{ left: `${Math.min(100, Math.max(0, percent(event.offsetNs)))}%` }}
          />
        ))}
        <span
          className="trace-duration"
          style={
            before ? { right: `calc(${100 - left}% + 6px)` } : { left: `calc(${Math.min(left + width, 100)}% + 6px)` }
          }
        >
          {formatDurationNs(span.durationNs)}
        </span>
      </div>
    </div>
  );
}
