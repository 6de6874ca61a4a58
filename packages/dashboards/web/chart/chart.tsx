/** The one chart over time: uPlot behind React, with tooltip, shared cursor, zoom by dragging, marks and a legend. */
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { themeOf } from '../../model/frames/grafana-data.ts';
import type { TimeRange } from '../../model/index.ts';
import type { Exemplar } from '../query/exemplar-frames.ts';
import { useThemeMode } from '../shell/theme.ts';
import { useSize } from '../ui/use-size.ts';
import './chart.css';
import { ChartLegend, type LegendOptions } from './chart-legend.tsx';
import { chartOptions, scaleKey } from './chart-options.ts';
import type { ChartData, ChartSeries } from './chart-series.ts';
import { ChartTooltip, type TooltipState } from './chart-tooltip.tsx';
import { type ExemplarTarget, placeExemplars } from './exemplar-dots.ts';
import { stackSeries } from './stack.ts';
import { drawThresholds } from './threshold-marks.ts';
import { momentFormatter } from './time-axis.ts';

export interface ChartProps {
  readonly data: ChartData;
  readonly range: TimeRange;
  readonly timezone: string;
  readonly legend: LegendOptions;
  readonly tooltip?: { readonly mode: 'single' | 'multi' | 'none'; readonly sort: 'none' | 'asc' | 'desc' };
  /** Charts with the same key share the cursor. */
  readonly syncKey?: string | undefined;
  readonly onZoom?: ((range: TimeRange) => void) | undefined;
  readonly exemplars?: readonly Exemplar[];
  readonly exemplarTarget?: (exemplar: Exemplar) => ExemplarTarget;
}

export function Chart(props: ChartProps) {
  const { data, legend, timezone } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [tooltip, setTooltip] = useState<TooltipState>();
  const [focused, setFocused] = useState<string>();
  const visible = useMemo(
    () => ({
      ...data,
      series: data.series.filter(({ name, draw }) => !hidden.has(name) && draw.hideFrom?.viz !== true),
    }),
    [data, hidden],
  );
  const formatTime = useMemo(() => momentFormatter(timezone), [timezone]);
  const { mode = 'multi', sort = 'none' } = props.tooltip ?? {};
  return (
    <div className={`chart chart-${legend.placement}`}>
      <Drawing {...props} data={visible} focused={focused} onHover={setTooltip} />
      {legend.showLegend && data.series.length > 0 && (
        <div className="chart-legend-box">
          <ChartLegend
            series={data.series}
            options={legend}
            hidden={hidden}
            onHiddenChange={setHidden}
            onFocus={setFocused}
          />
        </div>
      )}
      {tooltip !== undefined && mode !== 'none' && (
        <ChartTooltip data={visible} state={tooltip} mode={mode} sort={sort} formatTime={formatTime} />
      )}
    </div>
  );
}

interface DrawingProps extends ChartProps {
  readonly focused: string | undefined;
  readonly onHover: (state: TooltipState | undefined) => void;
}

function Drawing(props: DrawingProps) {
  const { data, range, timezone, syncKey, focused, exemplars } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const mode = useThemeMode();
  const chart = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const stacked = useMemo(() => stackSeries(data.series, data.timesMs.length), [data]);
  const columns = useMemo(() => [data.timesMs, ...stacked.values] as unknown as uPlot.AlignedData, [data, stacked]);
  const drawn = useRef({ columns, stacked });
  drawn.current = { columns, stacked };
  // What is drawn how; while this stays the same a refresh only brings new numbers.
  const shape = useMemo(() => shapeOf(data.series), [data]);
  const ready = size.width > 0 && size.height > 0;

  // Everything else is read through refs or updated below.
  useEffect(() => {
    if (box.current === null || !ready) return;
    const made = createChart(box.current, latest, drawn.current, size, mode);
    chart.current = made;
    return () => {
      chart.current = undefined;
      latest.current.onHover(undefined);
      made.destroy();
    };
  }, [shape, mode, ready, timezone, syncKey]);

  useEffect(() => {
    if (size.width > 0 && size.height > 0) chart.current?.setSize(size);
  }, [size]);

  // A new range or new dots need a new draw.
  useEffect(() => {
    chart.current?.setData(columns);
  }, [columns, range.fromMs, range.toMs, exemplars]);

  useEffect(() => {
    const index = focused === undefined ? -1 : data.series.findIndex(({ name }) => name === focused);
    chart.current?.setSeries(index === -1 ? null : index + 1, { focus: true });
  }, [focused, data]);

  return <div className="chart-drawing" ref={box} />;
}

function createChart(
  box: HTMLElement,
  latest: { readonly current: DrawingProps },
  drawn: { readonly columns: uPlot.AlignedData; readonly stacked: ReturnType<typeof stackSeries> },
  size: { readonly width: number; readonly height: number },
  mode: 'light' | 'dark',
): uPlot {
  const { data, timezone, syncKey, onZoom } = latest.current;
  const css = getComputedStyle(document.documentElement);
  const colorOf = themeOf(mode).visualization.getColorByName;
  const options = chartOptions({
    series: data.series,
    stacked: drawn.stacked,
    size,
    range: () => [latest.current.range.fromMs, latest.current.range.toMs],
    timezone,
    mode,
    colors: { grid: css.getPropertyValue('--grid'), text: css.getPropertyValue('--ink-3') },
    syncKey,
    zoomable: onZoom !== undefined,
  });
  let hovered = false;
  const hover = (chart: uPlot) =>
    latest.current.onHover(hovered ? tooltipState(chart, latest.current.data.series) : undefined);
  options.hooks = {
    drawClear: [(chart) => drawThresholds(chart, latest.current.data.series, colorOf)],
    draw: [(chart) => showExemplars(chart, latest.current)],
    setCursor: [hover],
    setSelect: [(chart) => zoom(chart, latest.current)],
  };
  const chart = new uPlot(options, drawn.columns, box);
  chart.over.addEventListener('mouseenter', () => {
    hovered = true;
  });
  chart.over.addEventListener('mouseleave', () => {
    hovered = false;
    latest.current.onHover(undefined);
  });
  return chart;
}

function tooltipState(chart: uPlot, series: readonly ChartSeries[]): TooltipState | undefined {
  const { left = -1, top = -1, idx } = chart.cursor;
  if (idx == null || left < 0) return undefined;
  const rect = chart.over.getBoundingClientRect();
  return { index: idx, x: rect.left + left, y: rect.top + top, focused: nearestSeries(chart, series, idx, top) };
}

const NEAR_PX = 40;

function nearestSeries(chart: uPlot, series: readonly ChartSeries[], index: number, top: number): string | undefined {
  let best: { name: string; distance: number } | undefined;
  series.forEach((one, at) => {
    const value = chart.data[at + 1]?.[index];
    if (value == null) return;
    const distance = Math.abs(chart.valToPos(value, scaleKey(one)) - top);
    if (distance < (best?.distance ?? NEAR_PX)) best = { name: one.name, distance };
  });
  return best?.name;
}

function zoom(chart: uPlot, { onZoom }: ChartProps): void {
  const { left, width } = chart.select;
  if (width < 4) return;
  const fromMs = Math.round(chart.posToVal(left, 'x'));
  const toMs = Math.round(chart.posToVal(left + width, 'x'));
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom?.({ fromMs, toMs });
}

function showExemplars(chart: uPlot, { exemplars = [], exemplarTarget, data }: ChartProps): void {
  const [first] = data.series;
  placeExemplars(
    chart,
    exemplars,
    first === undefined ? undefined : scaleKey(first),
    exemplarTarget ?? (({ labels }) => ({ href: undefined, title: JSON.stringify(labels) })),
  );
}

function shapeOf(series: readonly ChartSeries[]): string {
  return JSON.stringify(
    series.map(({ name, color, unit, min, max, draw, field }) => [
      name,
      color,
      unit,
      min,
      max,
      draw,
      field.config.decimals,
      field.config.thresholds,
    ]),
  );
}
