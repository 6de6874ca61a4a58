/** One cell of a table, drawn as its column's settings say. */
import type { CSSProperties, ReactNode } from 'react';
import { type DataFrame, type Field, FieldType, formattedValueToString } from '../../model/frames/grafana-data.ts';
import { asObject, asString } from '../../model/json.ts';
import { useDashboardContext } from '../dashboard/dashboard-context.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { formatExploreAddress } from '../explore/explore-address.ts';
import { Link } from '../router/link.tsx';
import { dataLinks } from './data-links.ts';
import { inkOn } from './ink-on.ts';
import { Sparkline } from './sparkline.tsx';

export interface TableCellProps {
  readonly frame: DataFrame;
  readonly field: Field;
  readonly row: number;
  readonly align: string | undefined;
  readonly data: PanelData;
}

export function TableCell({ frame, field, row, align, data }: TableCellProps) {
  const value: unknown = field.values[row];
  if (field.type === FieldType.frame) return <TrendCell value={value} />;
  const display = field.display!(value);
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : formattedValueToString(display);
  const kind = cellType(field);
  const style: CSSProperties = {};
  if (kind === 'color-text') style.color = display.color;
  if (kind === 'color-background' && display.color !== undefined) {
    style.background = display.color;
    style.color = inkOn(display.color);
  }
  return (
    <td className={align} style={style} title={text}>
      {kind === 'gauge' ? (
        <BarInCell share={display.percent ?? 0} color={display.color} text={text} />
      ) : (
        <Linked frame={frame} field={field} row={row} data={data}>
          {text}
        </Linked>
      )}
    </td>
  );
}

/** `custom.cellOptions.type` since version 9, `custom.displayMode` before. */
function cellType(field: Field): string {
  const custom = asObject(field.config.custom);
  const type = asString(asObject(custom.cellOptions).type) || asString(custom.displayMode, 'auto');
  if (type.endsWith('gauge') || type === 'basic' || type === 'lcd') return 'gauge';
  return type.startsWith('color-background') ? 'color-background' : type;
}

function BarInCell({
  share,
  color,
  text,
}: {
  readonly share: number;
  readonly color: string | undefined;
  readonly text: string;
}) {
  return (
    <div className="cell-bar">
      <div className="cell-bar-track">
        <div style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%`, background: color }} />
      </div>
      <span>{text}</span>
    </div>
  );
}

function TrendCell({ value }: { readonly value: unknown }) {
  const trend = value as (DataFrame & { readonly value?: number | null }) | undefined;
  const field = trend?.fields.find(({ type }) => type === FieldType.number);
  if (trend === undefined || field === undefined) return <td />;
  return (
    <td className="cell-trend">
      <Sparkline sparkline={{ y: field }} color="var(--accent)" className="cell-sparkline" />
      <span>{trend.value == null ? '–' : Number(trend.value.toPrecision(4))}</span>
    </td>
  );
}

interface LinkedProps extends Omit<TableCellProps, 'align'> {
  readonly children: ReactNode;
}

/** Trace ids of a search lead to their trace without anybody having said so. */
function Linked({ frame, field, row, data, children }: LinkedProps) {
  const { datasources } = useDashboardContext();
  const [link] = dataLinks({ frame, field, row, range: data.range, interpolate: data.interpolate });
  if (link !== undefined) {
    return link.external ? (
      <a href={link.href} title={link.title} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <Link href={link.href} title={link.title}>
        {children}
      </Link>
    );
  }
  const tempo = field.name === 'traceID' ? datasources.find(({ type }) => type === 'tempo') : undefined;
  if (tempo === undefined) return children;
  const range = { from: String(data.range.fromMs), to: String(data.range.toMs) };
  return (
    <Link href={formatExploreAddress({ datasource: tempo.uid, query: String(field.values[row]), range })}>
      {children}
    </Link>
  );
}
