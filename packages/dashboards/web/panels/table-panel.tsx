/** Frames as a table: sortable, with coloured cells, bars, small charts and links; long ones draw what is in view. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '../../model/frames/grafana-data.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { Select } from '../ui/select.tsx';
import './table-panel.css';
import { TableCell } from './table-cell.tsx';

const ROW_PX = 29;
const OVERSCAN = 10;

interface Column {
  readonly field: Field;
  readonly title: string;
  readonly align: string | undefined;
  readonly width: number | undefined;
}

interface Sort {
  readonly title: string;
  readonly desc: boolean;
}

export default function TablePanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const [chosen, setChosen] = useState(asNumber(options.frameIndex, 0));
  const frames = data.frames;
  const frame = frames[Math.min(chosen, frames.length - 1)]!;
  return (
    <div className="table-panel">
      <Table data={data} frame={frame} />
      {frames.length > 1 && (
        <div className="table-frames">
          <Select
            label="Table"
            options={frames.map((one, index) => ({ text: frameName(one, index, frames), value: String(index) }))}
            chosen={[String(chosen)]}
            onChange={([value]) => setChosen(Number(value))}
          />
        </div>
      )}
    </div>
  );
}

function frameName(frame: DataFrame, index: number, all: readonly DataFrame[]): string {
  const field = frame.fields.find(({ type }) => type === FieldType.number);
  return frame.name ?? (field === undefined ? `${frame.refId ?? index}` : getFieldDisplayName(field, frame, [...all]));
}

function Table({ data, frame }: { readonly data: PanelData; readonly frame: DataFrame }) {
  const { options } = data.panel;
  const initial = asArray(options.sortBy).filter(isObject)[0];
  const [sort, setSort] = useState<Sort | undefined>(
    initial === undefined ? undefined : { title: asString(initial.displayName), desc: asBoolean(initial.desc, false) },
  );
  const columns = useMemo(() => columnsOf(frame), [frame]);
  const rows = useMemo(() => sortedRows(frame, columns, sort), [frame, columns, sort]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const next = (title: string): Sort | undefined =>
    sort?.title !== title ? { title, desc: false } : sort.desc ? undefined : { title, desc: true };
  return (
    <div className="table-scroll" ref={scroller}>
      <table className="data">
        {asBoolean(options.showHeader, true) && (
          <thead>
            <tr>
              {columns.map(({ title, align, width }, index) => (
                <th
                  key={index}
                  className={align}
                  style={{ width }}
                  aria-sort={sort?.title === title ? (sort.desc ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" onClick={() => setSort(next(title))}>
                    {title}
                    {sort?.title === title && (sort.desc ? ' ↓' : ' ↑')}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {before > 0 && <tr style={{ height: before }} />}
          {items.map(({ index }) => (
            <tr key={rows[index]} style={{ height: ROW_PX }}>
              {columns.map(({ field, align }, at) => (
                <TableCell key={at} frame={frame} field={field} row={rows[index]!} align={align} data={data} />
              ))}
            </tr>
          ))}
          {after > 0 && <tr style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

function columnsOf(frame: DataFrame): readonly Column[] {
  return frame.fields
    .filter(
      (field) =>
        asObject(field.config.custom).hidden !== true && asObject(asObject(field.config.custom).hideFrom).viz !== true,
    )
    .map((field) => {
      const custom = asObject(field.config.custom);
      const align = asString(custom.align, 'auto');
      const numeric = field.type === FieldType.number;
      const side =
        align === 'auto'
          ? numeric
            ? 'number'
            : undefined
          : align === 'right'
            ? 'number'
            : align === 'center'
              ? 'center'
              : undefined;
      const width = asNumber(custom.width, 0);
      return { field, title: getFieldDisplayName(field, frame), align: side, width: width > 0 ? width : undefined };
    });
}

function sortedRows(frame: DataFrame, columns: readonly Column[], sort: Sort | undefined): readonly number[] {
  const rows = Array.from({ length: frame.length }, (_, row) => row);
  const column = columns.find(({ title, field }) => title === sort?.title || field.name === sort?.title);
  if (column === undefined || sort === undefined) return rows;
  const direction = sort.desc ? -1 : 1;
  return rows.sort((a, b) => direction * compare(sortValue(column.field.values[a]), sortValue(column.field.values[b])));
}

/** A cell with a small chart is sorted by the chart's value. */
function sortValue(value: unknown): unknown {
  return isObject(value) && 'value' in value ? value.value : value;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b || 0;
  if (a == null || b == null) return a == null ? (b == null ? 0 : -1) : 1;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
