/** The graph panel (until version 7) to time series, or to bar chart and histogram where its x axis said so. */
import type { FieldOverride, Json, JsonObject } from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject, numberOrNone } from '../json.ts';
import { calculationOf } from './calculation.ts';

export function migrateGraph(panel: JsonObject): JsonObject {
  if (isObject(panel.options) && isObject(asObject(panel.fieldConfig).defaults) && panel.yaxes === undefined) {
    return { ...panel, type: 'timeseries' };
  }
  const axes = asArray(panel.yaxes).map(asObject);
  const formats = asArray(panel.y_formats).map((format) => asString(format)); // before version 12
  const left = axes[0] ?? { format: formats[0] };
  const right = axes[1] ?? { format: formats[1] };
  const mode = asString(asObject(panel.xaxis).mode, 'time');
  return {
    ...panel,
    type: mode === 'series' ? 'barchart' : mode === 'histogram' ? 'histogram' : 'timeseries',
    fieldConfig: {
      defaults: {
        ...asObject(asObject(panel.fieldConfig).defaults),
        unit: asString(left.format, 'short'),
        min: numberOrNone(left.min),
        max: numberOrNone(left.max),
        decimals: numberOrNone(left.decimals) ?? numberOrNone(panel.decimals),
        color: { mode: 'palette-classic' },
        custom: { ...drawingOf(panel), axisLabel: asString(left.label), scaleDistribution: scaleOf(left) },
        thresholds: thresholdsOf(panel),
      },
      overrides: [...colorsOf(panel), ...seriesOverridesOf(panel, right)],
    },
    options: {
      ...asObject(panel.options),
      legend: legendOf(asObject(panel.legend)),
      tooltip: { mode: asObject(panel.tooltip).shared === false ? 'single' : 'multi', sort: tooltipSort(panel) },
    },
  };
}

function drawingOf(panel: JsonObject): JsonObject {
  const lines = asBoolean(panel.lines, true);
  const bars = asBoolean(panel.bars, false);
  const points = asBoolean(panel.points, false);
  const fill = asNumber(panel.fill, 1);
  return {
    drawStyle: bars ? 'bars' : lines ? 'line' : 'points',
    lineWidth: lines || bars ? asNumber(panel.linewidth, 1) : 0,
    fillOpacity: bars ? 100 : fill * 10,
    gradientMode: asNumber(panel.fillGradient, 0) > 0 ? 'opacity' : 'none',
    lineInterpolation: panel.steppedLine === true ? 'stepAfter' : 'linear',
    lineStyle:
      panel.dashes === true
        ? { fill: 'dash', dash: [asNumber(panel.dashLength, 10), asNumber(panel.spaceLength, 10)] }
        : { fill: 'solid' },
    showPoints: points ? 'always' : 'never',
    pointSize: asNumber(panel.pointradius, 2) * 2,
    spanNulls: panel.nullPointMode === 'connected',
    insertNulls: false,
    nullsAsZero: panel.nullPointMode === 'null as zero',
    stacking: { mode: panel.stack === true ? (panel.percentage === true ? 'percent' : 'normal') : 'none', group: 'A' },
    thresholdsStyle: { mode: asArray(panel.thresholds).length > 0 ? 'line+area' : 'off' },
  };
}

function scaleOf(axis: JsonObject): JsonObject {
  const base = asNumber(axis.logBase, 1);
  return base > 1 ? { type: 'log', log: base } : { type: 'linear' };
}

/** `{op: gt|lt, value, colorMode}` to steps; a `lt` threshold colours what lies below it. */
function thresholdsOf(panel: JsonObject): JsonObject {
  const marks = asArray(panel.thresholds)
    .filter(isObject)
    .filter((mark) => numberOrNone(mark.value) !== undefined)
    .sort((a, b) => asNumber(a.value, 0) - asNumber(b.value, 0));
  const steps: JsonObject[] = [{ value: null, color: 'transparent' }];
  for (const mark of marks) {
    const color = colorOfMark(mark);
    if (asString(mark.op) === 'lt') {
      if (steps.length === 1) steps[0] = { value: null, color };
      steps.push({ value: asNumber(mark.value, 0), color: 'transparent' });
    } else steps.push({ value: asNumber(mark.value, 0), color });
  }
  return { mode: 'absolute', steps };
}

function colorOfMark(mark: JsonObject): string {
  const mode = asString(mark.colorMode, 'critical');
  if (mode === 'custom') return asString(mark.fillColor) || asString(mark.lineColor, 'red');
  return { critical: 'red', warning: 'orange', ok: 'green' }[mode] ?? 'red';
}

function colorsOf(panel: JsonObject): readonly FieldOverride[] {
  return Object.entries(asObject(panel.aliasColors)).map(([name, color]) => ({
    matcher: { id: 'byName', options: name },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: asString(color) } }],
  }));
}

function seriesOverridesOf(panel: JsonObject, right: JsonObject): readonly FieldOverride[] {
  return asArray(panel.seriesOverrides)
    .filter(isObject)
    .filter((override) => asString(override.alias) !== '')
    .map((override) => {
      const alias = asString(override.alias);
      const isPattern = alias.startsWith('/') && alias.lastIndexOf('/') > 0;
      return {
        matcher: { id: isPattern ? 'byRegexp' : 'byName', options: alias },
        properties: Object.entries(override).flatMap(([key, value]) => overrideProperty(key, value, right)),
      };
    });
}

type Property = FieldOverride['properties'][number];

function overrideProperty(key: string, value: Json | undefined, right: JsonObject): readonly Property[] {
  switch (key) {
    case 'yaxis':
      return value === 2 ? rightAxis(right) : [];
    case 'fill':
      return [{ id: 'custom.fillOpacity', value: asNumber(value, 0) * 10 }];
    case 'linewidth':
      return [{ id: 'custom.lineWidth', value: asNumber(value, 1) }];
    case 'bars':
      return value === true ? [{ id: 'custom.drawStyle', value: 'bars' }] : [];
    case 'lines':
      return value === false ? [{ id: 'custom.lineWidth', value: 0 }] : [{ id: 'custom.drawStyle', value: 'line' }];
    case 'points':
      return [{ id: 'custom.showPoints', value: value === true ? 'always' : 'never' }];
    case 'dashes':
      return value === true ? [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } }] : [];
    case 'stack':
      return [
        { id: 'custom.stacking', value: { mode: value === false ? 'none' : 'normal', group: asString(value, 'A') } },
      ];
    case 'color':
      return [{ id: 'color', value: { mode: 'fixed', fixedColor: asString(value) } }];
    case 'transform':
      return value === 'negative-Y' ? [{ id: 'custom.transform', value: 'negative-Y' }] : [];
    case 'fillBelowTo':
      return [{ id: 'custom.fillBelowTo', value: asString(value) }];
    case 'legend':
      return value === false ? [{ id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } }] : [];
    case 'hiddenSeries':
      return value === true ? [{ id: 'custom.hideFrom', value: { legend: false, tooltip: true, viz: true } }] : [];
    case 'steppedLine':
      return value === true ? [{ id: 'custom.lineInterpolation', value: 'stepAfter' }] : [];
    default:
      return [];
  }
}

function rightAxis(right: JsonObject): readonly Property[] {
  const properties: Property[] = [{ id: 'custom.axisPlacement', value: 'right' }];
  if (asString(right.format) !== '') properties.push({ id: 'unit', value: asString(right.format) });
  if (asString(right.label) !== '') properties.push({ id: 'custom.axisLabel', value: asString(right.label) });
  for (const bound of ['min', 'max'] as const) {
    const value = numberOrNone(right[bound]);
    if (value !== undefined) properties.push({ id: bound, value });
  }
  return properties;
}

const LEGEND_CALCULATIONS = ['min', 'max', 'avg', 'current', 'total'];

function legendOf(legend: JsonObject): JsonObject {
  const show = asBoolean(legend.show, true);
  return {
    showLegend: show,
    displayMode: legend.alignAsTable === true ? 'table' : 'list',
    placement: legend.rightSide === true ? 'right' : 'bottom',
    calcs: legend.values === true ? LEGEND_CALCULATIONS.filter((name) => legend[name] === true).map(calculationOf) : [],
    ...(asString(legend.sort) === ''
      ? {}
      : { sortBy: sortTitle(asString(legend.sort)), sortDesc: legend.sortDesc === true }),
  };
}

function sortTitle(name: string): string {
  return { avg: 'Mean', current: 'Last *', total: 'Total', min: 'Min', max: 'Max' }[name] ?? name;
}

function tooltipSort(panel: JsonObject): string {
  const sort = asNumber(asObject(panel.tooltip).sort, 0);
  return sort === 2 ? 'desc' : sort === 1 ? 'asc' : 'none';
}
