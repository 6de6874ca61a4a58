/** Translates series into what uPlot draws: scales, axes, lines, bars, points, bands. */
import uPlot from 'uplot';
import type { ThemeMode } from '../shell/theme.ts';
import type { ChartSeries, DrawSettings } from './chart-series.ts';
import type { Stacked } from './stack.ts';
import { timeFormatter } from './time-axis.ts';

export interface ChartColors {
  readonly grid: string;
  readonly text: string;
}

export interface OptionsInput {
  readonly series: readonly ChartSeries[];
  readonly stacked: Stacked;
  readonly size: { readonly width: number; readonly height: number };
  /** Read at each draw: the range moves while the chart stays. */
  readonly range: () => readonly [number, number];
  readonly timezone: string;
  readonly mode: ThemeMode;
  readonly colors: ChartColors;
  readonly syncKey: string | undefined;
  readonly zoomable: boolean;
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const BAR_WIDTH_PX_MAX = 100;

/** Sizes of bytes read well in powers of two. */
const BINARY_UNITS = /^(bytes|bits|kbytes|mbytes|gbytes|binBps|binbps)$/;
/** Times read well in halves and quarters of minutes and hours; in seconds, and in units that are multiples of them. */
const SECONDS_IN: Readonly<Record<string, number>> = {
  s: 1,
  ms: 1_000,
  dtdurations: 1,
  dtdurationms: 1_000,
  clocks: 1,
  clockms: 1_000,
};
const TIME_INCREMENTS_S = [
  ...Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** (power - 11))).flat(),
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1_800,
  3_600,
  7_200,
  21_600,
  43_200,
  86_400,
  172_800,
  604_800,
  2_592_000,
  31_536_000,
];
const BINARY_INCREMENTS = Array.from({ length: 64 }, (_, power) => 2 ** (power - 4));

export function chartOptions(input: OptionsInput): uPlot.Options {
  const scales = scalesOf(input.series);
  return {
    ...input.size,
    ms: 1,
    // On the right, half of a time such as 23:30, which may stand below the very edge.
    padding: [6, 18, 0, 2],
    legend: { show: false },
    focus: { alpha: 0.35 },
    ...(input.timezone === 'utc' ? { tzDate: (ms: number) => uPlot.tzDate(new Date(ms), 'UTC') } : {}),
    cursor: {
      y: false,
      points: { size: 7, width: 1.5 },
      focus: { prox: 24 },
      drag: { x: input.zoomable, y: false, setScale: false, dist: 8 },
      ...(input.syncKey === undefined
        ? {}
        : { sync: { key: input.syncKey, scales: ['x', null] as [string, null], setSeries: false } }),
    },
    scales: { x: { time: true, range: () => input.range() as [number, number] }, ...scales },
    axes: [timeAxis(input), ...valueAxes(input)],
    series: [{}, ...input.series.map((series) => seriesOptions(series, scaleKey(series)))],
    bands: [
      ...input.stacked.bands.map(({ upper, lower }) => ({ series: [upper + 1, lower + 1] as [number, number] })),
      ...fillsBelow(input.series),
    ],
  };
}

/** Series with the same unit and bounds share a scale. */
export function scaleKey(series: ChartSeries): string {
  const { scaleDistribution, axisSoftMin, axisSoftMax, axisPlacement, stacking } = series.draw;
  const side = axisPlacement === 'right' || axisPlacement === 'left' ? axisPlacement : '';
  const percent = stacking?.mode === 'percent' ? '%' : '';
  return [
    'y',
    series.unit,
    series.min ?? '',
    series.max ?? '',
    axisSoftMin ?? '',
    axisSoftMax ?? '',
    scaleDistribution?.type ?? '',
    side,
    percent,
  ].join(' ');
}

function scalesOf(series: readonly ChartSeries[]): uPlot.Scales {
  const scales: uPlot.Scales = {};
  for (const one of series) {
    const key = scaleKey(one);
    const { scaleDistribution, axisSoftMin, axisSoftMax } = one.draw;
    const logarithmic = scaleDistribution?.type === 'log';
    scales[key] ??= logarithmic
      ? { distr: 3, log: scaleDistribution?.log === 2 ? 2 : 10 }
      : { range: (_chart, dataMin, dataMax) => valueRange(dataMin, dataMax, one, axisSoftMin, axisSoftMax) };
  }
  return scales;
}

/** A little air above and below; zero belongs to the picture unless the values are far from it. */
function valueRange(
  dataMin: number | null,
  dataMax: number | null,
  series: ChartSeries,
  softMin: number | undefined,
  softMax: number | undefined,
): uPlot.Range.MinMax {
  if (dataMin == null || dataMax == null || (dataMin === 0 && dataMax === 0)) return [series.min ?? 0, series.max ?? 1];
  const [min, max] = uPlot.rangeNum(dataMin, dataMax, {
    min: {
      pad: 0.1,
      soft: softMin ?? 0,
      mode: softMin === undefined ? 3 : 1,
      hard: series.min ?? Number.NEGATIVE_INFINITY,
    },
    max: {
      pad: 0.1,
      soft: softMax ?? 0,
      mode: softMax === undefined ? 3 : 1,
      hard: series.max ?? Number.POSITIVE_INFINITY,
    },
  });
  return [series.min ?? min, series.max ?? (max === min ? min! + 1 : max)];
}

function timeAxis({ timezone, colors }: OptionsInput): uPlot.Axis {
  const format = timeFormatter(timezone);
  return {
    stroke: colors.text,
    font: FONT,
    size: 26,
    gap: 4,
    space: 72,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    values: (_chart, splits, _axis, _space, increment) => format(splits, increment),
  };
}

/** The first scale has its axis on the left, further ones on the right, unless a series says where. */
function valueAxes({ series, colors }: OptionsInput): uPlot.Axis[] {
  const axes = new Map<string, uPlot.Axis>();
  for (const one of series) {
    const key = scaleKey(one);
    if (axes.has(key) || one.draw.axisPlacement === 'hidden') continue;
    const { axisPlacement, axisLabel, axisGridShow } = one.draw;
    const right = axisPlacement === 'right' || (axisPlacement !== 'left' && axes.size > 0);
    const label = axisLabel ?? '';
    axes.set(key, {
      scale: key,
      side: right ? 1 : 3,
      stroke: colors.text,
      font: FONT,
      size: (chart, values) => axisSize(chart, values),
      gap: 6,
      space: 34,
      grid: { show: axisGridShow ?? axes.size === 0, stroke: colors.grid, width: 1 },
      ticks: { show: false },
      ...incrementsOf(one.unit),
      ...(label === '' ? {} : { label, labelFont: FONT, labelSize: 18 }),
      values: (_chart, splits) => axisTexts(one, splits),
    });
  }
  return [...axes.values()];
}

function incrementsOf(unit: string): Pick<uPlot.Axis, 'incrs'> {
  if (BINARY_UNITS.test(unit)) return { incrs: BINARY_INCREMENTS };
  const factor = SECONDS_IN[unit];
  return factor === undefined ? {} : { incrs: TIME_INCREMENTS_S.map((seconds) => seconds * factor) };
}

/** As few decimals as tell the ticks apart: 2.5 stays 2.5 and 2 does not become 2.0, also after scaling to K or MiB. */
function axisTexts(series: ChartSeries, splits: readonly (number | null)[]): string[] {
  if (series.draw.stacking?.mode === 'percent')
    return splits.map((value) => (value == null ? '' : `${Math.round(value * 100)}%`));
  const written = (decimals: number) => splits.map((value) => (value == null ? '' : axisText(series, value, decimals)));
  const exact = written(DECIMALS_MAX);
  for (let decimals = 0; decimals < DECIMALS_MAX; decimals++) {
    const texts = written(decimals);
    if (
      texts.every(
        (text, index) => Number.parseFloat(text) === Number.parseFloat(exact[index]!) || text === exact[index],
      )
    )
      return texts;
  }
  return exact;
}

const DECIMALS_MAX = 4;

function axisText(series: ChartSeries, value: number, decimals: number): string {
  const { text, prefix = '', suffix = '' } = series.display(value, decimals);
  return `${prefix}${text}${suffix}`;
}

function axisSize(chart: uPlot, values: string[] | null): number {
  const longest = (values ?? []).reduce((longer, value) => (value.length > longer.length ? value : longer), '');
  if (longest === '') return 30;
  chart.ctx.save();
  chart.ctx.font = FONT;
  const { width } = chart.ctx.measureText(longest);
  chart.ctx.restore();
  return Math.ceil(width) + 14;
}

function seriesOptions(series: ChartSeries, scale: string): uPlot.Series {
  const { draw, color } = series;
  const style = draw.drawStyle ?? 'line';
  const width = style === 'points' ? 0 : (draw.lineWidth ?? 1);
  const opacity = (draw.fillOpacity ?? 0) / 100;
  const filled = opacity > 0 && style !== 'points';
  return {
    label: series.name,
    scale,
    stroke: color,
    width,
    ...(filled ? { fill: fillOf(color, opacity, draw) } : {}),
    ...pathsOf(draw),
    ...dashOf(draw),
    spanGaps: draw.spanNulls === true || typeof draw.spanNulls === 'number',
    points: pointsOf(draw),
  };
}

function fillOf(color: string, opacity: number, draw: DrawSettings): uPlot.Series.Fill {
  if (draw.gradientMode === undefined || draw.gradientMode === 'none') return withAlpha(color, opacity);
  return (chart) => {
    const { top, height } = chart.bbox;
    if (!Number.isFinite(top) || height === 0) return withAlpha(color, opacity);
    const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, withAlpha(color, opacity));
    gradient.addColorStop(1, withAlpha(color, 0));
    return gradient;
  };
}

function pathsOf(draw: DrawSettings): Pick<uPlot.Series, 'paths'> {
  const { paths } = uPlot;
  if (draw.drawStyle === 'bars') {
    const size: [number, number] = [draw.barWidthFactor ?? 0.7, BAR_WIDTH_PX_MAX];
    return { paths: paths.bars!({ size, align: draw.barAlignment ?? 0 }) };
  }
  if (draw.drawStyle === 'points') return { paths: () => null };
  switch (draw.lineInterpolation) {
    case 'stepAfter':
      return { paths: paths.stepped!({ align: 1 }) };
    case 'stepBefore':
      return { paths: paths.stepped!({ align: -1 }) };
    case 'smooth':
      return { paths: paths.spline!() };
    default:
      return {};
  }
}

function dashOf({ lineStyle }: DrawSettings): Pick<uPlot.Series, 'dash' | 'cap'> {
  if (lineStyle?.fill === 'dot') return { dash: [0, 6], cap: 'round' };
  return lineStyle?.fill === 'dash' ? { dash: [...(lineStyle.dash ?? [10, 10])] } : {};
}

/** A lonely value between two gaps would be invisible as a line, so it is always a point. */
function pointsOf(draw: DrawSettings): uPlot.Series.Points {
  const size = draw.pointSize ?? 5;
  const fill = { size, width: 0 };
  if (draw.drawStyle === 'bars') return { show: false };
  if (draw.drawStyle === 'points' || draw.showPoints === 'always') return { ...fill, show: true };
  return { ...fill, show: true, filter: (chart, index) => lonelyPoints(chart.data[index] as (number | null)[]) };
}

function lonelyPoints(values: readonly (number | null | undefined)[]): number[] {
  const lonely: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) lonely.push(i);
  }
  return lonely;
}

/** `fillBelowTo` names the series down to which is filled: bands of percentiles. */
function fillsBelow(series: readonly ChartSeries[]): uPlot.Band[] {
  return series.flatMap((one, upper) => {
    const lower = series.findIndex(({ name }) => name === one.draw.fillBelowTo);
    if (lower === -1) return [];
    return [
      {
        series: [upper + 1, lower + 1] as [number, number],
        fill: withAlpha(one.color, Math.max(0.1, (one.draw.fillOpacity ?? 0) / 100)),
      },
    ];
  });
}

/** `#rrggbb`, `#rgb` and `rgb(…)` with a transparency. */
export function withAlpha(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1];
  if (hex === undefined)
    return alpha >= 1 ? color : `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}
