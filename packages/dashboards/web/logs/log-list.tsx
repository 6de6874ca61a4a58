/** A list of log lines, newest first as given: level by colour, details below a line that is opened. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { LogLine } from '../../model/frames/loki-frames.ts';
import { momentFormatter } from '../chart/time-axis.ts';
import { Link } from '../router/link.tsx';
import { Icon } from '../ui/icon.tsx';
import { type DerivedField, derivedLinks } from './derived-fields.ts';
import { levelOf } from './log-level.ts';
import './logs.css';

export interface LogListProps {
  readonly lines: readonly LogLine[];
  readonly derived: readonly DerivedField[];
  readonly timezone: string;
  readonly showTime?: boolean;
  readonly showLabels?: boolean;
  readonly wrap?: boolean;
  readonly prettify?: boolean;
  /** Puts a label into the query; without it labels are only shown. */
  readonly onFilter?: ((name: string, value: string, operator: '=' | '!=') => void) | undefined;
}

const LINE_PX = 24;
const OVERSCAN = 20;

export function LogList(props: LogListProps) {
  const { lines } = props;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => keyOf(lines, index),
  });
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <div className="logs" ref={scroller}>
      <ol style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => (
          <li key={key} ref={virtual.measureElement} data-index={index} style={{ transform: `translateY(${start}px)` }}>
            <LogRow {...props} line={lines[index]!} open={opened.has(String(key))} toggle={() => toggle(String(key))} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function keyOf(lines: readonly LogLine[], index: number): string {
  return `${lines[index]!.timestampNs} ${index}`;
}

interface LogRowProps extends LogListProps {
  readonly line: LogLine;
  readonly open: boolean;
  readonly toggle: () => void;
}

function LogRow({
  line,
  open,
  toggle,
  derived,
  timezone,
  showTime = true,
  showLabels = false,
  wrap = false,
  prettify = false,
  onFilter,
}: LogRowProps) {
  const format = useMemo(() => momentFormatter(timezone), [timezone]);
  const links = derivedLinks(line, derived);
  const level = levelOf(line);
  return (
    <div className={`log log-${level}`}>
      <div className={wrap || open ? 'log-line log-wrap' : 'log-line'}>
        <button
          type="button"
          className="log-toggle"
          aria-expanded={open}
          aria-label={open ? 'Hide details' : 'Show details'}
          onClick={toggle}
        >
          <Icon name={open ? 'chevron' : 'chevronRight'} size={12} />
        </button>
        {showTime && (
          <time>
            {format(line.timeMs)}.{String(line.timeMs % 1000).padStart(3, '0')}
          </time>
        )}
        <span className="log-level" title={level}>
          {level === 'unknown' ? '' : level}
        </span>
        {showLabels && (
          <span className="log-labels">
            {Object.entries(line.stream)
              .map(([name, value]) => `${name}=${value}`)
              .join(' ')}
          </span>
        )}
        <span className="log-text">{prettify ? pretty(line.line) : line.line}</span>
        {links.map((link) => (
          <Link key={link.name} href={link.href} className="log-link" title={`${link.name} ${link.value}`}>
            {link.label}
          </Link>
        ))}
      </div>
      {open && <LogDetails line={line} onFilter={onFilter} />}
    </div>
  );
}

function LogDetails({ line, onFilter }: Pick<LogRowProps, 'line' | 'onFilter'>) {
  const labels = Object.entries(line.labels).sort(([a], [b]) => a.localeCompare(b));
  return (
    <table className="log-details">
      <tbody>
        {labels.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
            {onFilter !== undefined && (
              <td className="log-filters">
                <button
                  type="button"
                  aria-label={`Only ${name} ${value}`}
                  title="Only these"
                  onClick={() => onFilter(name, value, '=')}
                >
                  =
                </button>
                <button
                  type="button"
                  aria-label={`Without ${name} ${value}`}
                  title="Without these"
                  onClick={() => onFilter(name, value, '!=')}
                >
                  ≠
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** JSON lines over several rows; everything else as it came. */
function pretty(line: string): string {
  if (!/^\s*[[{]/.test(line)) return line;
  try {
    return JSON.stringify(JSON.parse(line), undefined, 2);
  } catch {
    return line;
  }
}
