/** Shares of a whole as a pie or a ring. */
import { useState } from 'react';
import { type FieldDisplay, formattedValueToString } from '../../model/frames/grafana-data.ts';
import { asArray, asObject, asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import './pie-chart.css';
import { hiddenAfter } from '../chart/chart-legend.tsx';
import { Empty } from '../ui/states.tsx';
import { inkOn } from './ink-on.ts';
import { displayValues, legendOptions } from './panel-options.ts';

interface Slice {
  readonly name: string;
  readonly value: FieldDisplay;
  readonly share: number;
  readonly from: number;
}

const RADIUS = 100;
const LABEL_SHARE_MIN = 0.05;

export default function PieChartPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string>();
  const all = sorted(displayValues(data), asString(options.sort, 'desc'));
  const slices = slicesOf(all.filter(({ display }) => !hidden.has(display.title ?? '')));
  const legend = legendOptions(options);
  const labels = asArray(options.displayLabels).map((label) => asString(label));
  const inner = asString(options.pieType, 'pie') === 'donut' ? 62 : 0;
  const legendValues = asArray(asObject(options.legend).values).map((value) => asString(value));
  const total = slices.reduce((sum, slice) => sum + slice.value.display.numeric, 0);
  if (all.length === 0) return <Empty title="Nothing yet">Every value is zero.</Empty>;
  const names = all.map(({ display }) => ({ name: display.title ?? '' }));
  return (
    <div className={`pie pie-${legend.placement}`}>
      <svg
        viewBox="-104 -104 208 208"
        role="img"
        aria-label={slices.map(({ name, share }) => `${name}: ${percent(share)}`).join(', ')}
      >
        {slices.map((slice) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the legend beside it says the same
          <g
            key={slice.name}
            onMouseEnter={() => setFocused(slice.name)}
            onMouseLeave={() => setFocused(undefined)}
            opacity={focused === undefined || focused === slice.name ? 1 : 0.4}
          >
            <path
              d={slicePath(slice, inner)}
              fill={slice.value.display.color}
              stroke="var(--surface)"
              strokeWidth="1.5"
            >
              <title>{`${slice.name}: ${formattedValueToString(slice.value.display)} (${percent(slice.share)})`}</title>
            </path>
            {labels.length > 0 && slice.share >= LABEL_SHARE_MIN && (
              <SliceLabel slice={slice} labels={labels} inner={inner} />
            )}
          </g>
        ))}
        {inner > 0 && slices.length > 0 && (
          <text className="pie-total" textAnchor="middle" dominantBaseline="central">
            {formattedValueToString(focusedValue(slices, focused) ?? { ...totalDisplay(slices, total) })}
          </text>
        )}
      </svg>
      {legend.showLegend && (
        <table className="pie-legend">
          <tbody>
            {all.map(({ display }) => {
              const name = display.title ?? '';
              const share = slices.find((slice) => slice.name === name)?.share;
              return (
                <tr
                  key={name}
                  className={hidden.has(name) ? 'off' : undefined}
                  onMouseEnter={() => setFocused(name)}
                  onMouseLeave={() => setFocused(undefined)}
                >
                  <td>
                    <button
                      type="button"
                      className="chart-legend-name"
                      aria-pressed={!hidden.has(name)}
                      onClick={(event) => setHidden(hiddenAfter(names, hidden, name, event.ctrlKey || event.metaKey))}
                    >
                      <span className="swatch" style={{ background: display.color }} />
                      {name}
                    </button>
                  </td>
                  {legendValues.includes('value') && <td className="number">{formattedValueToString(display)}</td>}
                  {legendValues.includes('percent') && (
                    <td className="number">{share === undefined ? '–' : percent(share)}</td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}

function totalDisplay(slices: readonly Slice[], total: number) {
  const { view, colIndex, display } = slices[0]!.value;
  const field = colIndex === undefined ? undefined : view?.dataFrame.fields[colIndex];
  return field?.display?.(total) ?? display;
}

function focusedValue(slices: readonly Slice[], name: string | undefined) {
  return slices.find((slice) => slice.name === name)?.value.display;
}

function sorted(values: readonly FieldDisplay[], order: string): readonly FieldDisplay[] {
  const positive = values.filter(({ display }) => Number.isFinite(display.numeric) && display.numeric > 0);
  if (order === 'none') return positive;
  return positive.toSorted((a, b) => (order === 'asc' ? 1 : -1) * (a.display.numeric - b.display.numeric));
}

function slicesOf(values: readonly FieldDisplay[]): readonly Slice[] {
  const total = values.reduce((sum, { display }) => sum + display.numeric, 0);
  let from = 0;
  return values.map((value) => {
    const share = value.display.numeric / total;
    const slice = { name: value.display.title ?? '', value, share, from };
    from += share;
    return slice;
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.1 || share === 0 ? 0 : 1)}%`;
}

function point(share: number, radius: number): string {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
}

function slicePath({ from, share }: Slice, inner: number): string {
  // An arc cannot be a whole circle: its ends would meet, also after rounding to hundredths.
  const to = from + Math.min(share, 0.9995);
  const large = share > 0.5 ? 1 : 0;
  const outer = `M${point(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${large} 1 ${point(to, RADIUS)}`;
  return inner === 0
    ? `${outer}L0 0Z`
    : `${outer}L${point(to, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z`;
}

function SliceLabel({
  slice,
  labels,
  inner,
}: {
  readonly slice: Slice;
  readonly labels: readonly string[];
  readonly inner: number;
}) {
  const [x, y] = point(slice.from + slice.share / 2, inner === 0 ? RADIUS * 0.66 : (RADIUS + inner) / 2).split(' ');
  const texts = [
    ...(labels.includes('name') ? [slice.name] : []),
    ...(labels.includes('value') ? [formattedValueToString(slice.value.display)] : []),
    ...(labels.includes('percent') ? [percent(slice.share)] : []),
  ];
  return (
    <text
      x={x}
      y={y}
      className="pie-label"
      textAnchor="middle"
      dominantBaseline="central"
      fill={inkOn(slice.value.display.color ?? '#888888')}
    >
      {texts.join(' ')}
    </text>
  );
}
