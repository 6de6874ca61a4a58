/** One panel: names and defaults of today's schema, whatever the age of the file. */
import type {
  DashboardLink,
  DatasourceRef,
  FieldConfigSource,
  FieldOverride,
  GridPos,
  Json,
  JsonObject,
  Panel,
  Problem,
  Target,
  Transformation,
} from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject, numberOrNone } from '../json.ts';
import { migrateFieldOptions } from './migrate-field-options.ts';
import { migrateGraph } from './migrate-graph.ts';
import { migrateHeatmap } from './migrate-heatmap.ts';
import { migrateMappings } from './migrate-mappings.ts';
import { migrateSinglestat } from './migrate-singlestat.ts';
import { migrateOldTable } from './migrate-table.ts';

/** Each takes the panel's JSON of an old type and gives JSON of the type that took its place. */
const MIGRATIONS: Readonly<Record<string, (panel: JsonObject) => JsonObject>> = {
  graph: migrateGraph,
  singlestat: migrateSinglestat,
  'grafana-singlestat-panel': migrateSinglestat,
  'table-old': migrateOldTable,
  table: migrateOldTable,
  heatmap: migrateHeatmap,
};

const RENAMED_TYPES: Readonly<Record<string, string>> = {
  'grafana-piechart-panel': 'piechart',
  'natel-discrete-panel': 'state-timeline',
  'flant-statusmap-panel': 'status-history',
};

/** Transformations that later versions renamed, with the options that they had. */
const RENAMED_TRANSFORMATIONS: Readonly<Record<string, string>> = {
  seriesToColumns: 'joinByField',
};

export function loadPanel(source: JsonObject, id: number, gridPos: GridPos, where: string, problems: Problem[]): Panel {
  const type = asString(source.type);
  const migrate = Object.hasOwn(MIGRATIONS, type) ? MIGRATIONS[type] : undefined;
  const renamed = { ...source, type: RENAMED_TYPES[type] ?? type };
  const panel = migrateFieldOptions(migrate?.(renamed) ?? renamed);
  if (type === '') problems.push({ where, message: 'the panel has no type' });
  const { title, description } = panel;
  return {
    id,
    type: asString(panel.type),
    title: asString(title),
    description: asString(description),
    gridPos,
    datasource: loadDatasource(panel.datasource),
    targets: asArray(panel.targets).filter(isObject).map(loadTarget),
    options: textOptions(panel),
    fieldConfig: loadFieldConfig(asObject(panel.fieldConfig)),
    transformations: asArray(panel.transformations).filter(isObject).map(loadTransformation),
    interval: asString(panel.interval),
    maxDataPoints: numberOrNone(panel.maxDataPoints),
    timeFrom: asString(panel.timeFrom),
    timeShift: asString(panel.timeShift),
    repeat: asString(panel.repeat) || undefined,
    repeatDirection: asString(panel.repeatDirection) === 'v' ? 'v' : 'h',
    maxPerRow: Math.max(1, asNumber(panel.maxPerRow, 4)),
    transparent: asBoolean(panel.transparent, false),
    links: asArray(panel.links).filter(isObject).map(loadPanelLink),
    scopedVariables: {},
  };
}

function loadPanelLink(link: JsonObject): DashboardLink {
  const keepTime = asBoolean(link.keepTime, false);
  return {
    title: asString(link.title),
    url: asString(link.url),
    tags: [],
    keepTime,
    targetBlank: asBoolean(link.targetBlank, false),
  };
}

/** Data sources are named by object since version 8.3, by name or uid before; null means the default one. */
export function loadDatasource(value: Json | undefined): DatasourceRef | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { type: undefined, uid: value };
  if (!isObject(value)) return undefined;
  const uid = asString(value.uid) || undefined;
  const type = asString(value.type) || undefined;
  return uid === undefined && type === undefined ? undefined : { type, uid };
}

/** `index` names targets that have no letter: A to Z, then A1… as Grafana's editor never makes more. */
function loadTarget(target: JsonObject, index: number): Target {
  const letter = String.fromCharCode(65 + (index % 26)) + (index >= 26 ? String(Math.floor(index / 26)) : '');
  return { ...target, refId: asString(target.refId) || letter, hide: asBoolean(target.hide, false) };
}

/** Text panels kept their content beside the options until version 7. */
function textOptions(panel: JsonObject): JsonObject {
  const options = asObject(panel.options);
  if (panel.type !== 'text' || options.content !== undefined) return options;
  return { ...options, content: asString(panel.content), mode: asString(panel.mode, 'markdown') };
}

function loadFieldConfig(source: JsonObject): FieldConfigSource {
  const defaults = asObject(source.defaults);
  const mappings = migrateMappings(defaults.mappings);
  return {
    defaults: { ...defaults, ...(mappings === undefined ? {} : { mappings }), ...fixedThresholds(defaults.thresholds) },
    overrides: asArray(source.overrides).filter(isObject).map(loadOverride),
  };
}

function loadOverride(override: JsonObject): FieldOverride {
  const matcher = asObject(override.matcher);
  return {
    matcher: { id: asString(matcher.id), options: matcher.options },
    properties: asArray(override.properties)
      .filter(isObject)
      .map((property) => {
        const id = asString(property.id);
        if (id === 'mappings') return { id, value: migrateMappings(property.value) ?? [] };
        if (id === 'thresholds') return { id, value: fixedThresholds(property.value).thresholds ?? property.value };
        return { id, value: property.value };
      }),
  };
}

/** The first step covers everything below the second: JSON has no -Infinity, so files write null or leave it out. */
function fixedThresholds(value: Json | undefined): JsonObject {
  if (!isObject(value)) return {};
  const steps = asArray(value.steps).filter(isObject);
  const fixed = steps.map((step, index) => ({
    ...step,
    color: asString(step.color, 'green'),
    value: index === 0 ? null : asNumber(step.value, 0),
  }));
  return { thresholds: { ...value, mode: asString(value.mode, 'absolute'), steps: fixed } };
}

function loadTransformation(transformation: JsonObject): Transformation {
  const id = asString(transformation.id);
  return {
    id: RENAMED_TRANSFORMATIONS[id] ?? id,
    options: asObject(transformation.options),
    disabled: asBoolean(transformation.disabled, false),
  };
}
