/** What a dashboard is to this project: Grafana's JSON of any age, brought to one shape and nothing lost that a panel needs. */

/** JSON as it comes from a file: narrowed by whoever reads it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Of the file, before it was brought up to date. */
  readonly schemaVersion: number;
  /** As written in the file: `now-6h`, `now`, or absolute. */
  readonly time: { readonly from: string; readonly to: string };
  /** `browser`, `utc` or an IANA name. */
  readonly timezone: string;
  /** `30s`, or empty for no refresh. */
  readonly refresh: string;
  readonly refreshIntervals: readonly string[];
  /** 0: each panel its own cursor; 1: the cursor is shared; 2: the cursor and the tooltip. */
  readonly graphTooltip: 0 | 1 | 2;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  readonly links: readonly DashboardLink[];
}

/** Panels between one row header and the next. The first row has no title when the dashboard starts with panels. */
export interface Row {
  readonly id: number;
  /** Absent: these panels stand above the first header. */
  readonly title: string | undefined;
  readonly collapsed: boolean;
  /** Name of the variable whose values repeat the row. */
  readonly repeat: string | undefined;
  readonly panels: readonly Panel[];
}

/** Grafana's grid: 24 columns, a unit of height is 30 px and 8 px of gap. `y` counts from the row's first line. */
export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel {
  /** Unique in the dashboard: duplicates and missing ids are numbered anew. */
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPos;
  readonly datasource: DatasourceRef | undefined;
  readonly targets: readonly Target[];
  readonly options: JsonObject;
  readonly fieldConfig: FieldConfigSource;
  readonly transformations: readonly Transformation[];
  /** Smallest step of its queries (`1m`), empty when not set. */
  readonly interval: string;
  readonly maxDataPoints: number | undefined;
  readonly timeFrom: string;
  readonly timeShift: string;
  readonly repeat: string | undefined;
  readonly repeatDirection: 'h' | 'v';
  readonly maxPerRow: number;
  readonly transparent: boolean;
  readonly links: readonly DashboardLink[];
  /** Values that stand for variables in this panel only, because it was repeated. */
  readonly scopedVariables: Readonly<Record<string, VariableValue>>;
}

/** Either half may be missing in old files; `uid` may be a variable (`${datasource}`) or a name. */
export interface DatasourceRef {
  readonly type: string | undefined;
  readonly uid: string | undefined;
}

export interface Target extends JsonObject {
  readonly refId: string;
  readonly hide: boolean;
}

export interface FieldConfigSource {
  readonly defaults: JsonObject;
  readonly overrides: readonly FieldOverride[];
}

/** A type and not an interface, so that it is assignable to JSON. */
export type FieldOverride = {
  readonly matcher: { readonly id: string; readonly options: Json | undefined };
  readonly properties: readonly { readonly id: string; readonly value: Json | undefined }[];
};

export interface Transformation {
  readonly id: string;
  readonly options: JsonObject;
  readonly disabled: boolean;
}

export interface DashboardLink {
  readonly title: string;
  /** Empty where the link stands for all dashboards with certain tags. */
  readonly url: string;
  readonly tags: readonly string[];
  /** The time range goes along. */
  readonly keepTime: boolean;
  readonly targetBlank: boolean;
}

export type VariableType =
  | 'query'
  | 'custom'
  | 'interval'
  | 'textbox'
  | 'constant'
  | 'datasource'
  | 'adhoc'
  | 'groupby'
  | 'switch'
  | 'system';

export type VariableValue = string | readonly string[];

export interface VariableOption {
  readonly text: string;
  readonly value: string;
}

/** The value that stands for every option. */
export const ALL_VALUE = '$__all';

export interface AdhocFilter {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly label: string;
  readonly hide: 'nothing' | 'label' | 'variable';
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** What `All` becomes instead of the list of options; empty for the list. */
  readonly allValue: string;
  /** Of the file; what is chosen now is state of the page. */
  readonly current: VariableValue;
  readonly options: readonly VariableOption[];
  /** Query, list of custom values, constant, data source type or default text, by type. */
  readonly query: string;
  /** Narrows and rewrites the options: `/(?<text>…)(?<value>…)/`. */
  readonly regex: string;
  /** 0 as delivered; then pairs of ascending and descending: alphabetical, numerical, case-insensitive, natural. */
  readonly sort: number;
  readonly datasource: DatasourceRef | undefined;
  /** An interval variable with `auto` divides the range by this count. */
  readonly auto: boolean;
  readonly autoCount: number;
  readonly autoMin: string;
  readonly filters: readonly AdhocFilter[];
}

/** Something that was wrong with the file and what was done about it. */
export interface Problem {
  /** `panels[3].targets[0]`, for people. */
  readonly where: string;
  readonly message: string;
}
