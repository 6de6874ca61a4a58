/** The single stat panel (until version 7) to stat, or to gauge where it drew one. */
import type { Json, JsonObject } from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject, numberOrNone } from '../json.ts';
import { calculationOf } from './calculation.ts';

export function migrateSinglestat(panel: JsonObject): JsonObject {
  const gauge = asObject(panel.gauge);
  const isGauge = asBoolean(gauge.show, false);
  const sparkline = asObject(panel.sparkline);
  const nullText = asString(panel.nullText);
  const reduceOptions = {
    calcs: [calculationOf(asString(panel.valueName, 'avg'))],
    fields: asString(panel.tableColumn) === '' ? '' : `/^${escapePattern(asString(panel.tableColumn))}$/`,
    values: false,
  };
  const options = isGauge
    ? {
        reduceOptions,
        showThresholdMarkers: asBoolean(gauge.thresholdMarkers, true),
        showThresholdLabels: asBoolean(gauge.thresholdLabels, false),
      }
    : {
        reduceOptions,
        graphMode: asBoolean(sparkline.show, false) ? 'area' : 'none',
        colorMode: panel.colorBackground === true ? 'background' : panel.colorValue === true ? 'value' : 'none',
        textMode: panel.valueName === 'name' ? 'name' : 'auto',
      };
  return {
    ...panel,
    type: isGauge ? 'gauge' : 'stat',
    options: { ...options, prefix: asString(panel.prefix), postfix: asString(panel.postfix) },
    fieldConfig: {
      defaults: {
        unit: asString(panel.format, 'none'),
        decimals: numberOrNone(panel.decimals),
        mappings: mappingsOf(panel),
        ...(nullText === '' ? {} : { noValue: nullText }),
        ...(isGauge ? { min: asNumber(gauge.minValue, 0), max: asNumber(gauge.maxValue, 100) } : {}),
        thresholds: thresholdsOf(panel),
        color: { mode: 'thresholds' },
      },
      overrides: [],
    },
  };
}

/** Thresholds are text, `80,90`, with a list of colours that is one longer. */
function thresholdsOf(panel: JsonObject): JsonObject {
  const colors = asArray(panel.colors).map((color) => asString(color));
  const limits = asString(panel.thresholds)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && Number.isFinite(Number(part)))
    .map(Number);
  const steps = [null, ...limits].map((value, index) => ({ value, color: colors[index] || 'green' }));
  return { mode: 'absolute', steps };
}

function mappingsOf(panel: JsonObject): readonly Json[] {
  const ranges = panel.mappingType === 2;
  const maps = asArray(ranges ? panel.rangeMaps : panel.valueMaps).filter(isObject);
  return maps
    .filter((map) => asString(map.text) !== '')
    .map((map) => ({ type: ranges ? 2 : 1, text: map.text, value: map.value, from: map.from, to: map.to }));
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
