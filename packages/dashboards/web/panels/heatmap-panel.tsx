/** Buckets over time as coloured cells: the darker, the more. */
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getFieldDisplayName,
  getValueFormat,
} from '../../model/frames/grafana-data.ts';
import { asBoolean, asObject, asString } from '../../model/json.ts';
import { momentFormatter, timeFormatter } from '../chart/time-axis.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { useSize } from '../ui/use-size.ts';
import './heatmap.css';

interface Cells {
  readonly timesMs: readonly number[];
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly max: number;
}

interface Hovered {
  readonly row: number;
  readonly column: number;
  readonly x: number;
  readonly y: number;
}

const AXIS_PX = 56;
const TIMES_PX = 22;
const TICK_COUNT = 6;

export default function HeatmapPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const canvas = useRef<HTMLCanvasElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(root);
  const [hovered, setHovered] = useState<Hovered>();
  const cells = useMemo(
    () => cellsOf(data.frames, asBoolean(options.calculate, false), asObject(options.yAxis)),
    [data.frames, options],
  );
  const plot = { width: Math.max(0, width - AXIS_PX), height: Math.max(0, height - TIMES_PX) };
  const hue = data.theme.isDark ? '#ff9a5c' : '#c2410c';
  useEffect(() => {
    if (canvas.current !== null && plot.width > 0) paint(canvas.current, cells, plot.width, plot.height, hue);
  }, [cells, plot.width, plot.height, hue]);
  const ticks = Array.from(
    { length: TICK_COUNT },
    (_, i) => data.range.fromMs + ((data.range.toMs - data.range.fromMs) * (i + 0.5)) / TICK_COUNT,
  );
  const labelEvery = Math.max(1, Math.ceil((cells.rows.length * 15) / Math.max(15, plot.height)));
  const count = (field: Field | undefined, value: number) =>
    field === undefined ? String(value) : formattedValueToString(field.display!(value));
  const anyField = data.frames[0]?.fields.find(({ type }) => type === FieldType.number);
  return (
    <div className="heatmap" ref={root} style={{ gridTemplate: `1fr ${TIMES_PX}px / ${AXIS_PX}px 1fr` }}>
      <div className="heatmap-rows">
        {cells.rows.map(({ name }, row) => (
          <span key={name}>{row % labelEvery === 0 ? name : ''}</span>
        ))}
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label="Heatmap"
        onMouseLeave={() => setHovered(undefined)}
        onMouseMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const column = Math.floor(((event.clientX - box.left) / box.width) * cells.timesMs.length);
          const row = cells.rows.length - 1 - Math.floor(((event.clientY - box.top) / box.height) * cells.rows.length);
          setHovered({ row, column, x: event.clientX, y: event.clientY });
        }}
      />
      <div className="heatmap-times">
        {timeFormatter(data.timezone)(ticks, (data.range.toMs - data.range.fromMs) / TICK_COUNT).map((text, index) => (
          <span key={index}>{text}</span>
        ))}
      </div>
      {hovered !== undefined && cells.rows[hovered.row]?.values[hovered.column] != null && (
        <div
          className="chart-tooltip"
          style={{ left: Math.min(hovered.x + 14, window.innerWidth - 220), top: hovered.y + 12 }}
        >
          <div className="chart-tooltip-time">{momentFormatter(data.timezone)(cells.timesMs[hovered.column]!)}</div>
          {cells.rows[hovered.row]!.name}:{' '}
          <strong>{count(anyField, cells.rows[hovered.row]!.values[hovered.column]!)}</strong>
        </div>
      )}
    </div>
  );
}

const BUCKETS = 20;

/** Buckets are rows as they came; plain series are sorted into buckets first. */
function cellsOf(frames: readonly DataFrame[], calculate: boolean, axis: ReturnType<typeof asObject>): Cells {
  const columns = frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    return frame.fields
      .filter(({ type }) => type === FieldType.number)
      .map((field) => ({
        name: getFieldDisplayName(field, frame, [...frames]),
        times: (time?.values ?? []) as number[],
        values: field.values as (number | null)[],
      }));
  });
  const timesMs = columns[0]?.times ?? [];
  const format = getValueFormat(asString(axis.unit) || 'short');
  const written = (value: number) => formattedValueToString(format(value));
  const rows = calculate
    ? bucketed(
        columns.map(({ values }) => values),
        timesMs.length,
        written,
      )
    : columns.map(({ name, values }) => ({
        name: Number.isFinite(Number(name)) ? written(Number(name)) : name,
        values,
      }));
  const max = rows.reduce(
    (most, { values }) => values.reduce<number>((inner, value) => Math.max(inner, value ?? 0), most),
    0,
  );
  return { timesMs, rows, max };
}

function bucketed(series: readonly (readonly (number | null)[])[], length: number, written: (value: number) => string) {
  const known = series.flat().filter((value): value is number => value != null && Number.isFinite(value));
  if (known.length === 0) return [];
  const least = known.reduce((min, value) => Math.min(min, value));
  const size = (known.reduce((max, value) => Math.max(max, value)) - least) / BUCKETS || 1;
  const rows = Array.from({ length: BUCKETS }, (_, index) => ({
    name: written(least + index * size),
    values: new Array<number | null>(length).fill(null),
  }));
  for (const values of series) {
    values.forEach((value, column) => {
      if (value == null || !Number.isFinite(value)) return;
      const row = rows[Math.min(BUCKETS - 1, Math.floor((value - least) / size))]!.values;
      row[column] = (row[column] ?? 0) + 1;
    });
  }
  return rows;
}

/** Square root of the share: rare values stay visible beside frequent ones. */
function paint(
  canvas: HTMLCanvasElement,
  { rows, timesMs, max }: Cells,
  width: number,
  height: number,
  hue: string,
): void {
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d')!;
  const cellWidth = canvas.width / Math.max(1, timesMs.length);
  const cellHeight = canvas.height / Math.max(1, rows.length);
  context.fillStyle = hue;
  rows.forEach(({ values }, row) => {
    values.forEach((value, column) => {
      if (value == null || value <= 0) return;
      context.globalAlpha = Math.max(0.06, Math.sqrt(value / max));
      const gap = cellWidth > 4 ? scale : 0;
      context.fillRect(
        column * cellWidth,
        canvas.height - (row + 1) * cellHeight,
        cellWidth - gap,
        cellHeight - (cellHeight > 4 ? scale : 0),
      );
    });
  });
}
