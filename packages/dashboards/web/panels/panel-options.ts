/** Reads the options that several panel types share. */

import { type FieldDisplay, getFieldDisplayValues } from '../../model/frames/grafana-data.ts';
import type { JsonObject } from '../../model/index.ts';
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/json.ts';
import type { LegendOptions } from '../chart/chart-legend.tsx';
import type { PanelData } from '../dashboard/panel-data.ts';

export function legendOptions(options: JsonObject): LegendOptions {
  const legend = asObject(options.legend);
  const mode = asString(legend.displayMode, 'list');
  return {
    showLegend: asBoolean(legend.showLegend, true) && mode !== 'hidden',
    displayMode: mode === 'table' ? 'table' : 'list',
    placement: legend.placement === 'right' ? 'right' : 'bottom',
    calcs: asArray(legend.calcs).map((calc) => asString(calc)),
    sortBy: asString(legend.sortBy) || undefined,
    sortDesc: typeof legend.sortDesc === 'boolean' ? legend.sortDesc : undefined,
  };
}

export function tooltipOptions(options: JsonObject) {
  const tooltip = asObject(options.tooltip);
  const mode = asString(tooltip.mode, 'single');
  const sort = asString(tooltip.sort, 'none');
  return {
    mode: mode === 'multi' || mode === 'none' ? mode : 'single',
    sort: sort === 'asc' || sort === 'desc' ? sort : 'none',
  } as const;
}

/** The single values of a panel: each field by its calculation, or each row where the options say so. */
export function displayValues(data: PanelData, sparkline = false): readonly FieldDisplay[] {
  const reduce = asObject(data.panel.options.reduceOptions);
  const calcs = asArray(reduce.calcs).map((calc) => asString(calc));
  return getFieldDisplayValues({
    fieldConfig: data.panel.fieldConfig as never,
    reduceOptions: {
      calcs: calcs.length > 0 ? calcs : ['lastNotNull'],
      values: asBoolean(reduce.values, false),
      fields: asString(reduce.fields),
      limit: asNumber(reduce.limit, VALUES_MAX),
    },
    data: [...data.frames],
    sparkline,
    replaceVariables: (text) => data.interpolate(text ?? ''),
    theme: data.theme,
    timeZone: data.timezone,
  });
}

/** More single values than this cannot be read in one panel. */
const VALUES_MAX = 100;
