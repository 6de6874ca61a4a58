/** What panels need of the page around them. */
import { createContext, useContext } from 'react';
import type { Dashboard, TimeRange, VariableState } from '../../model/index.ts';
import type { Datasource } from '../server/datasources.ts';

export interface DashboardContextValue {
  readonly dashboard: Dashboard;
  readonly range: TimeRange;
  readonly timezone: string;
  readonly datasources: readonly Datasource[];
  readonly variables: ReadonlyMap<string, VariableState>;
  readonly onZoom: (range: TimeRange) => void;
}

export const DashboardContext = createContext<DashboardContextValue | undefined>(undefined);

export function useDashboardContext(): DashboardContextValue {
  const value = useContext(DashboardContext);
  if (value === undefined) throw new Error('BUG: a panel stands outside of a dashboard');
  return value;
}
