/** The heatmap of version 8 (`cards`, `yAxis`, `dataFormat`) to the one of today. */
import type { JsonObject } from '../dashboard.ts';
import { asBoolean, asObject, asString, isObject, numberOrNone } from '../json.ts';

export function migrateHeatmap(panel: JsonObject): JsonObject {
  if (!isObject(panel.yAxis) || isObject(asObject(panel.options).yAxis)) return panel;
  const axis = panel.yAxis;
  const color = asObject(panel.color);
  return {
    ...panel,
    options: {
      calculate: asString(panel.dataFormat, 'timeseries') !== 'tsbuckets',
      color: { mode: 'scheme', scheme: schemeOf(asString(color.colorScheme)), reverse: false },
      yAxis: {
        unit: asString(axis.format, 'short'),
        decimals: numberOrNone(axis.decimals),
        axisPlacement: 'left',
        reverse: asBoolean(panel.reverseYBuckets, false),
      },
      tooltip: { mode: 'single', yHistogram: asBoolean(asObject(panel.tooltip).showHistogram, false) },
      legend: { show: asBoolean(asObject(panel.legend).show, false) },
    },
    fieldConfig: { defaults: {}, overrides: [] },
  };
}

/** `interpolateOranges` became `Oranges`. */
function schemeOf(name: string): string {
  return name.replace(/^interpolate/, '') || 'Oranges';
}
