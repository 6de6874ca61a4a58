/** What a chart says at the pointer: the moment, and each series with its value. */
import { createPortal } from 'react-dom';
import { formattedValueToString } from '../../model/frames/grafana-data.ts';
import type { ChartData, ChartSeries } from './chart-series.ts';

export interface TooltipState {
  readonly index: number;
  /** Of the pointer, in the window. */
  readonly x: number;
  readonly y: number;
  /** The series nearest to the pointer. */
  readonly focused: string | undefined;
}

export interface ChartTooltipProps {
  readonly data: ChartData;
  readonly state: TooltipState;
  readonly mode: 'single' | 'multi';
  readonly sort: 'none' | 'asc' | 'desc';
  readonly formatTime: (timeMs: number) => string;
}

/** More lines than this cannot be read while the pointer moves. */
const ROWS_MAX = 24;

export function ChartTooltip({ data, state, mode, sort, formatTime }: ChartTooltipProps) {
  const rows = rowsAt(data, state, mode, sort);
  if (rows.length === 0) return null;
  const shown = rows.slice(0, ROWS_MAX);
  const right = state.x > window.innerWidth / 2;
  const below = state.y < window.innerHeight / 2;
  const style = {
    ...(right ? { right: window.innerWidth - state.x + 14 } : { left: state.x + 14 }),
    ...(below ? { top: state.y + 10 } : { bottom: window.innerHeight - state.y + 10 }),
  };
  return createPortal(
    <div className="chart-tooltip" style={style}>
      <div className="chart-tooltip-time">{formatTime(data.timesMs[state.index]!)}</div>
      <table>
        <tbody>
          {shown.map(({ series, value }) => (
            <tr key={series.name} className={series.name === state.focused ? 'focused' : undefined}>
              <td>
                <span className="swatch" style={{ background: series.color }} />
              </td>
              <td className="chart-tooltip-name">{series.name}</td>
              <td className="chart-tooltip-value">{formattedValueToString(series.display(value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && <div className="chart-tooltip-more">and {rows.length - shown.length} more</div>}
    </div>,
    document.body,
  );
}

function rowsAt(
  data: ChartData,
  { index, focused }: TooltipState,
  mode: 'single' | 'multi',
  sort: 'none' | 'asc' | 'desc',
) {
  const rows = data.series
    .filter(({ draw }) => draw.hideFrom?.tooltip !== true)
    .map((series) => ({ series, value: originalValue(series, index) }))
    .filter((row): row is { series: ChartSeries; value: number } => row.value != null);
  if (mode === 'single')
    return rows.filter(({ series }) => series.name === focused).concat(focused === undefined ? rows.slice(0, 1) : []);
  if (sort === 'none') return rows;
  return rows.sort((a, b) => (sort === 'asc' ? a.value - b.value : b.value - a.value));
}

function originalValue({ values, draw }: ChartSeries, index: number): number | null | undefined {
  const value = values[index];
  return value != null && draw.transform === 'negative-Y' ? -value : value;
}
