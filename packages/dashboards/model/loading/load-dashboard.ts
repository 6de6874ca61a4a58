/**
 * Grafana's dashboard JSON, schema versions 12 to 42 and the Git Sync envelope, into a Dashboard.
 * Loading is total: what is odd is repaired and listed as a problem; only what is no dashboard at all is refused.
 */
import type { Dashboard, DashboardLink, Json, JsonObject, Problem } from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject } from '../json.ts';
import { loadRows } from './load-rows.ts';
import { loadVariable } from './load-variable.ts';

export class DashboardError extends Error {
  override readonly name = 'DashboardError';
}

export interface LoadedDashboard {
  readonly dashboard: Dashboard;
  readonly problems: readonly Problem[];
}

/** Dashboards beyond this are refused: the largest published ones have a few hundred panels. */
const PANELS_MAX = 5_000;

const REFRESH_INTERVALS = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'];

/** Throws DashboardError when the JSON is not a dashboard. */
export function loadDashboard(json: unknown): LoadedDashboard {
  const source = resolveLibraryPanels(resolveInputs(unwrap(json)));
  const problems: Problem[] = [];
  const rows = loadRows(source, problems);
  const panels = rows.reduce((sum, row) => sum + row.panels.length, 0);
  if (panels > PANELS_MAX)
    throw new DashboardError(`the dashboard has ${panels} panels, at most ${PANELS_MAX} are taken`);
  const time = asObject(source.time);
  const timepicker = asObject(source.timepicker);
  const dashboard: Dashboard = {
    uid: asString(source.uid),
    title: asString(source.title, 'Untitled dashboard'),
    description: asString(source.description),
    tags: asArray(source.tags).map((tag) => asString(tag)),
    schemaVersion: asNumber(source.schemaVersion, 0),
    time: { from: asString(time.from, 'now-6h'), to: asString(time.to, 'now') },
    timezone: asString(source.timezone) || 'browser',
    refresh: asString(source.refresh),
    refreshIntervals: stringsOr(timepicker.refresh_intervals, REFRESH_INTERVALS),
    graphTooltip: cursorMode(source),
    variables: loadVariables(source, problems),
    rows,
    links: asArray(source.links)
      .filter(isObject)
      .map(loadLink)
      .filter(({ url, tags }) => url !== '' || tags.length > 0),
  };
  return { dashboard, problems };
}

/** A dashboard comes bare, as `{dashboard: …}` (HTTP API) or as `{apiVersion, kind, metadata, spec}` (Git Sync). */
function unwrap(json: unknown): JsonObject {
  if (!isObject(json)) throw new DashboardError('a dashboard is a JSON object');
  if (isObject(json.spec) && typeof json.apiVersion === 'string') {
    if (isObject(json.spec.elements)) {
      throw new DashboardError(
        `${json.apiVersion}: dashboards with "elements" and "layout" (schema v2) are not supported; export it as the classic model`,
      );
    }
    const name = asString(asObject(json.metadata).name);
    return { ...json.spec, uid: asString(json.spec.uid) || name };
  }
  const bare = isObject(json.dashboard) ? json.dashboard : json;
  if (!Array.isArray(bare.panels) && !Array.isArray(bare.rows) && typeof bare.title !== 'string') {
    throw new DashboardError('not a dashboard: it has neither "title" nor "panels" nor "rows"');
  }
  return bare;
}

/**
 * An export for sharing names its data sources and constants as inputs (`${DS_PROMETHEUS}`); the importing side fills
 * them in. Data source inputs become the type's default data source, constants their value.
 */
function resolveInputs(source: JsonObject): JsonObject {
  const inputs = asArray(source.__inputs).filter(isObject);
  if (inputs.length === 0) return source;
  const values = new Map<string, string>();
  for (const input of inputs) {
    const name = asString(input.name);
    if (asString(input.type) === 'constant') values.set(name, asString(input.value));
    else values.set(name, `default:${asString(input.pluginId)}`);
  }
  return replaceInputs(source, values) as JsonObject;
}

function replaceInputs(value: Json | undefined, values: ReadonlyMap<string, string>): Json | undefined {
  if (typeof value === 'string') {
    return value.includes('${')
      ? value.replace(/\$\{([A-Za-z0-9_-]+)\}/g, (all, name) => values.get(name) ?? all)
      : value;
  }
  if (Array.isArray(value)) return value.map((item) => replaceInputs(item, values) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceInputs(item, values)]));
}

/** An export carries its library panels beside the dashboard; each stands where the dashboard refers to it. */
function resolveLibraryPanels(source: JsonObject): JsonObject {
  const elements = asObject(source.__elements);
  if (Object.keys(elements).length === 0) return source;
  const resolve = (entry: Json): Json => {
    if (!isObject(entry)) return entry;
    const { model } = asObject(elements[asString(asObject(entry.libraryPanel).uid)]);
    const nested = Array.isArray(entry.panels) ? { panels: entry.panels.map(resolve) } : {};
    return isObject(model) ? { ...model, id: entry.id, gridPos: entry.gridPos } : { ...entry, ...nested };
  };
  return { ...source, panels: asArray(source.panels).map(resolve) };
}

function cursorMode(source: JsonObject): 0 | 1 | 2 {
  if (source.sharedCrosshair === true) return 1; // before schema version 14
  const mode = asNumber(source.graphTooltip, 0);
  return mode === 1 || mode === 2 ? mode : 0;
}

function loadVariables(source: JsonObject, problems: Problem[]) {
  const variables = asArray(asObject(source.templating).list).filter(isObject);
  return variables.map((variable, index) => loadVariable(variable, `templating.list[${index}]`, problems));
}

export function loadLink(link: JsonObject): DashboardLink {
  const byTags = asString(link.type) === 'dashboards';
  return {
    title: asString(link.title),
    url: byTags ? '' : asString(link.url) || asString(link.dashUri),
    tags: byTags ? asArray(link.tags).map((tag) => asString(tag)) : [],
    keepTime: asBoolean(link.keepTime, false),
    targetBlank: asBoolean(link.targetBlank, false),
  };
}

function stringsOr(value: Json | undefined, otherwise: readonly string[]): readonly string[] {
  const strings = asArray(value).filter((item) => typeof item === 'string' && item !== '');
  return strings.length > 0 ? (strings as string[]) : otherwise;
}
