/** The table of version 6 (`styles`, `columns`, `transform`) to the one of today; newer tables pass through. */
import type { FieldOverride, Json, JsonObject } from '../dashboard.ts';
import { asArray, asObject, asString, isObject, numberOrNone } from '../json.ts';
import { calculationOf } from './calculation.ts';

export function migrateOldTable(panel: JsonObject): JsonObject {
  if (!Array.isArray(panel.styles) && panel.transform === undefined) return { ...panel, type: 'table' };
  const styles = asArray(panel.styles).filter(isObject);
  const fallback = styles.find((style) => asString(style.pattern) === '/.*/');
  return {
    ...panel,
    type: 'table',
    fieldConfig: {
      defaults: fallback === undefined ? {} : { unit: unitOf(fallback), decimals: numberOrNone(fallback.decimals) },
      overrides: styles.filter((style) => style !== fallback).map(overrideOf),
    },
    transformations: [...transformationsOf(panel), ...asArray(panel.transformations)],
    options: { showHeader: panel.showHeader !== false, ...sortOf(panel) },
  };
}

function transformationsOf(panel: JsonObject): readonly Json[] {
  switch (asString(panel.transform)) {
    case 'timeseries_to_columns':
      return [{ id: 'joinByField', options: {} }];
    case 'timeseries_to_rows':
      return [{ id: 'seriesToRows', options: {} }];
    case 'timeseries_aggregations': {
      const columns = asArray(panel.columns).filter(isObject);
      const reducers = columns.map((column) => calculationOf(asString(column.value)));
      return [{ id: 'reduce', options: { reducers: reducers.length > 0 ? reducers : ['mean'], mode: 'seriesToRows' } }];
    }
    case 'table':
      return [{ id: 'merge', options: {} }];
    default:
      return [];
  }
}

function overrideOf(style: JsonObject): FieldOverride {
  const pattern = asString(style.pattern);
  const isPattern = pattern.startsWith('/') && pattern.lastIndexOf('/') > 0;
  const properties: { id: string; value: Json | undefined }[] = [];
  const alias = asString(style.alias);
  if (alias !== '') properties.push({ id: 'displayName', value: alias });
  if (style.type === 'hidden') properties.push({ id: 'custom.hidden', value: true });
  if (style.type === 'number') {
    properties.push({ id: 'unit', value: unitOf(style) });
    const decimals = numberOrNone(style.decimals);
    if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals });
    properties.push(...colorProperties(style));
  }
  if (style.link === true && asString(style.linkUrl) !== '') {
    properties.push({ id: 'links', value: [{ title: asString(style.linkTooltip), url: asString(style.linkUrl) }] });
  }
  return { matcher: { id: isPattern ? 'byRegexp' : 'byName', options: pattern }, properties };
}

function colorProperties(style: JsonObject): readonly { id: string; value: Json }[] {
  const mode = asString(style.colorMode);
  if (mode === '' || mode === 'null') return [];
  const colors = asArray(style.colors).map((color) => asString(color, 'green'));
  const limits = asArray(style.thresholds).map((value) => numberOrNone(value) ?? 0);
  const steps = [null, ...limits].map((value, index) => ({ value, color: colors[index] ?? 'green' }));
  const type = mode === 'value' ? 'color-text' : 'color-background';
  return [
    { id: 'thresholds', value: { mode: 'absolute', steps } },
    { id: 'color', value: { mode: 'thresholds' } },
    { id: 'custom.cellOptions', value: { type } },
  ];
}

function unitOf(style: JsonObject): string {
  return asString(style.unit, 'short');
}

function sortOf(panel: JsonObject): JsonObject {
  const sort = asObject(panel.sort);
  const columns = asArray(panel.columns).filter(isObject);
  const index = numberOrNone(sort.col);
  const name = index === undefined ? '' : asString(columns[index]?.text);
  return name === '' ? {} : { sortBy: [{ displayName: name, desc: sort.desc === true }] };
}
