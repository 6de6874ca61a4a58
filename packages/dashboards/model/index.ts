/** The dashboards' data model: no React, no network, no file; used by the page, the server and the checks alike. */
export * from './dashboard.ts';
export { DashboardError, type LoadedDashboard, loadDashboard } from './loading/load-dashboard.ts';
export { expandRepeats } from './repeat.ts';
export { formatDuration, parseDurationMs } from './time/duration.ts';
export * from './time/interval.ts';
export * from './time/time-range.ts';
export { addAdhocFilters } from './variables/adhoc.ts';
export {
  type DefaultFormat,
  interpolate,
  promqlFormat,
  traceqlFormat,
  type VariableScope,
} from './variables/interpolate.ts';
export type { MacroContext } from './variables/macros.ts';
export { resolutionWaves } from './variables/resolution-order.ts';
export { optionsFromValues, validValue } from './variables/variable-options.ts';
export { formatResultRow, formatSeries, parseVariableQuery, type VariableQuery } from './variables/variable-query.ts';
export { AUTO_INTERVAL, createScope, isAll, type VariableState } from './variables/variable-scope.ts';
