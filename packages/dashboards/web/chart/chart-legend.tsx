/** Names the series of a chart, with calculations; a click shows one alone, with Ctrl it switches one off and on. */
import { type MouseEvent, useMemo, useState } from 'react';
import { fieldReducers, formattedValueToString, reduceField } from '../../model/frames/grafana-data.ts';
import type { ChartSeries } from './chart-series.ts';

export interface LegendOptions {
  readonly showLegend: boolean;
  readonly displayMode: 'list' | 'table';
  readonly placement: 'bottom' | 'right';
  /** Ids of reducers: `mean`, `lastNotNull`, … */
  readonly calcs: readonly string[];
  readonly sortBy?: string | undefined;
  readonly sortDesc?: boolean | undefined;
}

export interface ChartLegendProps {
  readonly series: readonly ChartSeries[];
  readonly options: LegendOptions;
  readonly hidden: ReadonlySet<string>;
  readonly onHiddenChange: (hidden: ReadonlySet<string>) => void;
  readonly onFocus?: (name: string | undefined) => void;
}

export function ChartLegend({ series, options, hidden, onHiddenChange, onFocus }: ChartLegendProps) {
  const shown = series.filter(({ draw }) => draw.hideFrom?.legend !== true);
  const pick = (event: MouseEvent, name: string) =>
    onHiddenChange(hiddenAfter(shown, hidden, name, event.ctrlKey || event.metaKey || event.shiftKey));
  if (options.displayMode === 'table') return <LegendTable {...{ shown, options, hidden, pick, onFocus }} />;
  return (
    <ul className="chart-legend chart-legend-list">
      {shown.map((one) => (
        <li key={one.name}>
          <LegendName series={one} off={hidden.has(one.name)} pick={pick} onFocus={onFocus} />
          {options.calcs.map((calc) => (
            <span key={calc} className="chart-legend-calc">
              {calculationName(calc)}: {calculated(one, calc).text}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Alone, or all again when it was alone already; with a modifier one is switched. */
export function hiddenAfter(
  series: readonly Pick<ChartSeries, 'name'>[],
  hidden: ReadonlySet<string>,
  name: string,
  single: boolean,
): ReadonlySet<string> {
  if (single) {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    return next.size === series.length ? new Set() : next;
  }
  const others = series.filter((one) => one.name !== name);
  const isAlone = !hidden.has(name) && others.every((one) => hidden.has(one.name));
  return isAlone ? new Set() : new Set(others.map((one) => one.name));
}

type Pick_ = (event: MouseEvent, name: string) => void;

interface LegendTableProps {
  readonly shown: readonly ChartSeries[];
  readonly options: LegendOptions;
  readonly hidden: ReadonlySet<string>;
  readonly pick: Pick_;
  readonly onFocus: ((name: string | undefined) => void) | undefined;
}

function LegendTable({ shown, options, hidden, pick, onFocus }: LegendTableProps) {
  const [sort, setSort] = useState({ by: options.sortBy ?? '', desc: options.sortDesc ?? true });
  const rows = useMemo(() => {
    const all = shown.map((series) => ({ series, cells: options.calcs.map((calc) => calculated(series, calc)) }));
    const column = options.calcs.findIndex((calc) => calculationName(calc) === sort.by);
    if (sort.by === '' || (column === -1 && sort.by !== 'Name')) return all;
    const direction = sort.desc ? -1 : 1;
    return all.sort((a, b) =>
      column === -1
        ? direction * a.series.name.localeCompare(b.series.name)
        : direction * (a.cells[column]!.value - b.cells[column]!.value),
    );
  }, [shown, options.calcs, sort]);
  const header = (name: string, number: boolean) => (
    <th
      key={name}
      className={number ? 'number' : undefined}
      aria-sort={sort.by === name ? (sort.desc ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" onClick={() => setSort({ by: name, desc: sort.by === name ? !sort.desc : number })}>
        {name}
        {sort.by === name && (sort.desc ? ' ↓' : ' ↑')}
      </button>
    </th>
  );
  return (
    <table className="chart-legend chart-legend-table">
      <thead>
        <tr>
          {header('Name', false)}
          {options.calcs.map((calc) => header(calculationName(calc), true))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ series, cells }) => (
          <tr key={series.name}>
            <td>
              <LegendName series={series} off={hidden.has(series.name)} pick={pick} onFocus={onFocus} />
            </td>
            {cells.map(({ text }, index) => (
              <td key={options.calcs[index]} className="number">
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface LegendNameProps {
  readonly series: ChartSeries;
  readonly off: boolean;
  readonly pick: Pick_;
  readonly onFocus: ((name: string | undefined) => void) | undefined;
}

function LegendName({ series, off, pick, onFocus }: LegendNameProps) {
  return (
    <button
      type="button"
      className={off ? 'chart-legend-name off' : 'chart-legend-name'}
      title={`${series.name}\nClick: alone · Ctrl+click: on and off`}
      aria-pressed={!off}
      onClick={(event) => pick(event, series.name)}
      onMouseEnter={() => onFocus?.(series.name)}
      onMouseLeave={() => onFocus?.(undefined)}
    >
      <span className="swatch" style={{ background: series.color }} />
      <span className="chart-legend-text">{series.name}</span>
    </button>
  );
}

function calculationName(calc: string): string {
  return fieldReducers.getIfExists(calc)?.name ?? calc;
}

function calculated(series: ChartSeries, calc: string): { readonly value: number; readonly text: string } {
  const value: unknown = reduceField({ field: series.field, reducers: [calc] })[calc];
  if (typeof value !== 'number' || Number.isNaN(value)) return { value: Number.NEGATIVE_INFINITY, text: '–' };
  // Counts of points have no unit of the series.
  if (calc === 'count' || calc === 'changeCount' || calc === 'distinctCount') return { value, text: String(value) };
  return { value, text: formattedValueToString(series.display(value)) };
}
