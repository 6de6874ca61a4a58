/** Asks the data sources for the values of variables, those that others need first. */
import {
  createScope,
  type Dashboard,
  formatResultRow,
  formatSeries,
  interpolate,
  isAll,
  type MacroContext,
  optionsFromValues,
  parseVariableQuery,
  promqlFormat,
  resolutionWaves,
  type TimeRange,
  type Variable,
  type VariableOption,
  type VariableQuery,
  type VariableScope,
  type VariableState,
  type VariableValue,
  validValue,
} from '../../model/index.ts';
import { requestJson } from '../server/api.ts';
import { type Datasource, findDatasource, proxyPath } from '../server/datasources.ts';

export interface VariableRequest {
  readonly dashboard: Dashboard;
  readonly datasources: readonly Datasource[];
  readonly range: TimeRange;
  /** Values of the address; a variable that is not there takes what the file has chosen. */
  readonly chosen: ReadonlyMap<string, VariableValue>;
  readonly signal: AbortSignal;
}

export interface ResolvedVariables {
  readonly states: ReadonlyMap<string, VariableState>;
  /** By variable: why its values could not be asked for. */
  readonly failures: ReadonlyMap<string, string>;
}

export async function resolveVariables(request: VariableRequest): Promise<ResolvedVariables> {
  const states = new Map<string, VariableState>();
  const failures = new Map<string, string>();
  const macros = macrosOf(request);
  for (const wave of resolutionWaves(request.dashboard.variables)) {
    const scope = createScope(states, macros);
    const resolved = await Promise.all(
      wave.map(async (variable) => {
        try {
          return stateOf(variable, await optionsOf(variable, scope, request), request);
        } catch (error) {
          if (request.signal.aborted) throw error;
          failures.set(variable.name, (error as Error).message);
          return stateOf(variable, variable.options, request);
        }
      }),
    );
    for (const state of resolved) states.set(state.variable.name, state);
  }
  return { states, failures };
}

export function macrosOf({ dashboard, range }: Pick<VariableRequest, 'dashboard' | 'range'>): MacroContext {
  return {
    range,
    intervalMs: 15_000,
    rateIntervalMs: 60_000,
    dashboard: { uid: dashboard.uid, title: dashboard.title },
    timezone: dashboard.timezone,
  };
}

/** Text and constants are free; of the others only what is offered can be chosen. */
function stateOf(variable: Variable, options: readonly VariableOption[], { chosen }: VariableRequest): VariableState {
  const wanted = chosen.get(variable.name) ?? variable.current;
  if (variable.type === 'textbox' || variable.type === 'constant' || variable.type === 'adhoc')
    return { variable, options, value: wanted };
  if (variable.type === 'interval') {
    const value = typeof wanted === 'string' ? wanted : (wanted[0] ?? '');
    const offered = options.some((option) => option.value === value) || (variable.auto && value.startsWith('$__auto'));
    return { variable, options, value: offered ? value : (options[0]?.value ?? value) };
  }
  // Without values to choose from the wish stands: the source may be starting.
  if (options.length === 0 && !variable.includeAll) return { variable, options, value: wanted };
  return { variable, options, value: validValue(variable, options, wanted) };
}

async function optionsOf(
  variable: Variable,
  scope: VariableScope,
  request: VariableRequest,
): Promise<readonly VariableOption[]> {
  const regex = interpolate(variable.regex, scope);
  if (variable.type === 'datasource') {
    const fitting = request.datasources.filter(({ type }) => type === variable.query);
    const pattern = regex === '' ? undefined : new RegExp(regex.replace(/^\/(.*)\/[a-z]*$/, '$1'));
    return fitting
      .filter(({ name }) => pattern?.test(name) ?? true)
      .map(({ name, uid }) => ({ text: name, value: uid }));
  }
  if (variable.type !== 'query') return variable.options;
  const ref =
    variable.datasource?.uid === undefined
      ? variable.datasource
      : { ...variable.datasource, uid: interpolate(variable.datasource.uid, scope) };
  const datasource = findDatasource(request.datasources, ref);
  if (datasource === undefined) throw new Error(`there is no data source "${ref?.uid ?? ref?.type ?? ''}"`);
  const query = parseVariableQuery(interpolate(variable.query, scope, promqlFormat));
  if (query === undefined) return [];
  return optionsFromValues(variable, await valuesOf(query, datasource, request), regex);
}

async function valuesOf(
  query: VariableQuery,
  datasource: Datasource,
  request: VariableRequest,
): Promise<readonly string[]> {
  if (datasource.type === 'prometheus') return prometheusValues(query, datasource, request);
  if (datasource.type === 'loki') return lokiValues(query, datasource, request);
  if (datasource.type === 'tempo') return tempoValues(query, datasource, request);
  throw new Error(`variables from data sources of type ${datasource.type} are not supported here`);
}

async function prometheusValues(
  query: VariableQuery,
  datasource: Datasource,
  request: VariableRequest,
): Promise<readonly string[]> {
  const { range, signal } = request;
  const times = { start: String(Math.floor(range.fromMs / 1000)), end: String(Math.ceil(range.toMs / 1000)) };
  const ask = async <T>(path: string, parameters: Record<string, string>) =>
    (
      await requestJson<{ readonly data: T }>(
        proxyPath(datasource, `/api/v1/${path}?${new URLSearchParams(parameters)}`),
        { signal },
      )
    ).data;
  switch (query.kind) {
    case 'label-values': {
      const match: Record<string, string> = query.selector === undefined ? {} : { 'match[]': query.selector };
      return ask<string[]>(`label/${encodeURIComponent(query.label)}/values`, { ...times, ...match });
    }
    case 'label-names':
      return ask<string[]>(
        'labels',
        query.pattern === undefined ? times : { ...times, 'match[]': `{__name__=~"${query.pattern}"}` },
      );
    case 'metrics': {
      const names = await ask<string[]>('label/__name__/values', times);
      const pattern = new RegExp(query.pattern);
      return names.filter((name) => pattern.test(name));
    }
    case 'series': {
      const series = await ask<Record<string, string>[]>('series', { ...times, 'match[]': query.selector });
      return series.map(formatSeries);
    }
    case 'query-result': {
      type Vector = {
        readonly resultType: string;
        readonly result:
          | readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]
          | [number, string];
      };
      const { resultType, result } = await ask<Vector>('query', { query: query.expression, time: times.end });
      if (resultType !== 'vector') return [String((result as [number, string])[1])];
      return (result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) =>
        formatResultRow(metric, value[1], value[0]),
      );
    }
  }
}

async function lokiValues(
  query: VariableQuery,
  datasource: Datasource,
  { range, signal }: VariableRequest,
): Promise<readonly string[]> {
  const times = { start: `${range.fromMs}000000`, end: `${range.toMs}000000` };
  const ask = async (path: string, parameters: Record<string, string>) =>
    (
      await requestJson<{ readonly data?: string[] }>(
        proxyPath(datasource, `/loki/api/v1/${path}?${new URLSearchParams(parameters)}`),
        { signal },
      )
    ).data ?? [];
  if (query.kind === 'label-values') {
    return ask(
      `label/${encodeURIComponent(query.label)}/values`,
      query.selector === undefined ? times : { ...times, query: query.selector },
    );
  }
  if (query.kind === 'label-names') return ask('labels', times);
  throw new Error('variables from Loki are label_names() or label_values(…)');
}

async function tempoValues(
  query: VariableQuery,
  datasource: Datasource,
  { signal }: VariableRequest,
): Promise<readonly string[]> {
  if (query.kind === 'label-names') {
    const { scopes = [] } = await requestJson<{ readonly scopes?: readonly { readonly tags?: readonly string[] }[] }>(
      proxyPath(datasource, '/api/v2/search/tags'),
      { signal },
    );
    return scopes.flatMap(({ tags = [] }) => tags);
  }
  if (query.kind !== 'label-values') throw new Error('variables from Tempo are label names or the values of a label');
  const name = /^(resource|span|event|link|instrumentation|\.)/.test(query.label) ? query.label : `.${query.label}`;
  const path = proxyPath(datasource, `/api/v2/search/tag/${encodeURIComponent(name)}/values`);
  const { tagValues = [] } = await requestJson<{ readonly tagValues?: readonly { readonly value: string }[] }>(path, {
    signal,
  });
  return tagValues.map(({ value }) => value);
}

/** Values of the address (`var-job=a&var-job=b`) by variable. */
export function chosenInAddress(
  search: URLSearchParams,
  variables: readonly Variable[],
): ReadonlyMap<string, VariableValue> {
  const chosen = new Map<string, VariableValue>();
  for (const variable of variables) {
    const values = search
      .getAll(`var-${variable.name}`)
      .map((value) => (value === 'All' && variable.includeAll ? '$__all' : value));
    if (values.length === 0) continue;
    chosen.set(variable.name, variable.multi ? (isAll(values) ? ['$__all'] : values) : values[0]!);
  }
  return chosen;
}
