/** Bars with names along an axis, upright or lying, beside or on top of one another. */
import { useRef } from 'react';
import { useSize } from '../ui/use-size.ts';
import './bar-chart.css';
import type { Categories } from './categories.ts';

export interface BarChartProps {
  readonly categories: Categories;
  readonly lying: boolean;
  readonly stacked: boolean;
  readonly showValues: boolean;
}

const TICKS = 4;

export function BarChart({ categories, lying, stacked, showValues }: BarChartProps) {
  const { names, series } = categories;
  const totals = names.map((_, row) =>
    stacked
      ? series.reduce((sum, { values }) => sum + Math.max(0, values[row] ?? 0), 0)
      : Math.max(0, ...series.map(({ values }) => values[row] ?? 0)),
  );
  const top = niceCeiling(Math.max(...totals, 0));
  const text = series[0]?.text ?? String;
  return lying ? (
    <LyingBars {...{ categories, stacked, showValues, top }} />
  ) : (
    <UprightBars
      {...{
        categories,
        stacked,
        showValues,
        top,
        ticks: Array.from({ length: TICKS + 1 }, (_, i) => text((top / TICKS) * i)),
      }}
    />
  );
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

interface BarsProps {
  readonly categories: Categories;
  readonly stacked: boolean;
  readonly showValues: boolean;
  readonly top: number;
}

function LyingBars({ categories: { names, series }, stacked, showValues, top }: BarsProps) {
  return (
    <div className="bars-lying">
      {names.map((name, row) => (
        <div className="bars-lying-row" key={row}>
          <span className="bars-name" title={name}>
            {name}
          </span>
          <div className={stacked ? 'bars-lying-track stacked' : 'bars-lying-track'}>
            {series.map((one) => {
              const value = one.values[row];
              return value == null ? null : (
                <div
                  key={one.name}
                  className="bars-bar"
                  title={`${one.name}: ${one.text(value)}`}
                  style={{ width: `${(Math.max(0, value) / top) * 100}%`, background: one.color }}
                />
              );
            })}
          </div>
          {showValues && (
            <span className="bars-value">
              {series.map((one) => (one.values[row] == null ? '' : one.text(one.values[row]!))).join(' · ')}
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

function UprightBars({
  categories: { names, series },
  stacked,
  showValues,
  top,
  ticks,
}: BarsProps & { readonly ticks: readonly string[] }) {
  const plot = useRef<HTMLDivElement>(null);
  const { width } = useSize(plot);
  // Names that would overlap are left out evenly.
  const every = Math.max(1, Math.ceil((names.length * 64) / Math.max(64, width)));
  return (
    <div className="bars-upright">
      <div className="bars-axis">
        {ticks.toReversed().map((tick, index) => (
          <span key={index}>{tick}</span>
        ))}
      </div>
      <div className="bars-plot" ref={plot}>
        {names.map((name, row) => (
          <div key={row} className={stacked ? 'bars-group stacked' : 'bars-group'}>
            {series.map((one) => {
              const value = one.values[row];
              return value == null ? null : (
                <div
                  key={one.name}
                  className="bars-bar"
                  title={`${name}\n${one.name}: ${one.text(value)}`}
                  style={{ height: `${(Math.max(0, value) / top) * 100}%`, background: one.color }}
                >
                  {showValues && <span>{one.text(value)}</span>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <div className="bars-names">
        {names.map((name, row) => (
          <span key={row} title={name}>
            {row % every === 0 ? name : ''}
          </span>
        ))}
      </div>
    </div>
  );
}
