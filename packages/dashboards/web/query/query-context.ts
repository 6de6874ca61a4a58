/** What every query of a page needs to know. */
import type { AdhocFilter, MacroContext, TimeRange, VariableScope } from '../../model/index.ts';
import type { Datasource } from '../server/datasources.ts';

export interface QueryContext {
  readonly datasources: readonly Datasource[];
  readonly range: TimeRange;
  /** Points that fit the panel's width. */
  readonly pointsMax: number;
  /** The panel's smallest step, empty for that of the data source. */
  readonly minInterval: string;
  /** Variables with the macros of this step. */
  readonly scopeFor: (macros: Pick<MacroContext, 'intervalMs' | 'rateIntervalMs'>) => VariableScope;
  readonly adhocFilters: readonly AdhocFilter[];
  readonly signal: AbortSignal;
}

/** What was asked and how long the answer took, for the inspector. */
export interface QueryRecord {
  readonly refId: string;
  readonly datasource: string;
  readonly query: string;
  readonly stepMs: number | undefined;
  readonly tookMs: number;
}
