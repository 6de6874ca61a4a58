/** Gives every field its settings: the panel's defaults, what overrides match, and how its values are written. */
import type { FieldConfigSource, FieldOverride, Json } from '../dashboard.ts';
import {
  type DataFrame,
  type Field,
  type FieldColorModeId,
  type FieldConfig,
  FieldType,
  type GrafanaTheme2,
  getDisplayProcessor,
  getFieldDisplayName,
  getFieldMatcher,
} from './grafana-data.ts';

export interface FieldConfigContext {
  readonly theme: GrafanaTheme2;
  /** `browser`, `utc` or an IANA name. */
  readonly timezone: string;
  readonly interpolate: (text: string) => string;
  /** How values are coloured where neither the panel nor an override says so. */
  readonly colorMode?: 'palette-classic' | 'thresholds';
}

/** New frames; those given are not changed. */
export function applyFieldConfig(
  frames: readonly DataFrame[],
  source: FieldConfigSource,
  context: FieldConfigContext,
): readonly DataFrame[] {
  const all = [...frames];
  const overrides = source.overrides.flatMap((override) => {
    const matches = matcherOf(override);
    return matches === undefined ? [] : [{ matches, properties: override.properties }];
  });
  let seriesIndex = 0;
  const configured = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const config = configOf(field, source, context);
      for (const { matches, properties } of overrides) {
        if (!matches(field, frame, all)) continue;
        for (const { id, value } of properties) setProperty(config, id, interpolated(value, context));
      }
      const index = field.type === FieldType.number ? seriesIndex++ : seriesIndex;
      return { ...field, config, state: { seriesIndex: index } } as Field;
    }),
  }));
  const whole = [...configured];
  const range = rangeOf(configured.flatMap((frame) => frame.fields));
  for (const frame of configured) {
    for (const field of frame.fields) finishField(field, frame, whole, range, context);
  }
  return configured;
}

function matcherOf({ matcher }: FieldOverride): ReturnType<typeof getFieldMatcher> | undefined {
  try {
    return getFieldMatcher({ id: matcher.id, options: matcher.options });
  } catch {
    return undefined; // a matcher of a later version: the panel shows without this override
  }
}

function configOf(field: Field, source: FieldConfigSource, context: FieldConfigContext): FieldConfig {
  const config = structuredClone({ ...source.defaults }) as FieldConfig & Record<string, unknown>;
  for (const key of Object.keys(config)) if (config[key] == null) delete config[key];
  // What the data source says wins only where the panel says nothing.
  const merged = {
    ...field.config,
    ...config,
    custom: { ...field.config.custom, ...(config.custom as object | undefined) },
  };
  merged.color ??= { mode: (context.colorMode ?? 'thresholds') as FieldColorModeId };
  if (typeof merged.displayName === 'string') merged.displayName = context.interpolate(merged.displayName);
  return merged;
}

function interpolated(value: Json | undefined, context: FieldConfigContext): unknown {
  return typeof value === 'string' ? context.interpolate(value) : value;
}

/** `custom.lineStyle` goes into `config.custom`, everything else is a standard setting. Null takes a setting away. */
function setProperty(config: FieldConfig, id: string, value: unknown): void {
  const custom = id.startsWith('custom.');
  const target = (custom ? (config.custom ??= {}) : config) as Record<string, unknown>;
  const path = (custom ? id.slice('custom.'.length) : id).split('.');
  const last = path.pop()!;
  let place = target;
  for (const key of path) {
    // A path comes from a file: it must not reach the prototypes that all objects share.
    if (key === '__proto__' || key === 'constructor') return;
    place = (place[key] ??= {}) as Record<string, unknown>;
  }
  if (last === '__proto__') return;
  if (value == null) delete place[last];
  else place[last] = value;
}

/** `${__field.labels.x}` and its kin in a name are written with the field at hand. */
function finishField(
  field: Field,
  frame: DataFrame,
  all: DataFrame[],
  range: Range | undefined,
  context: FieldConfigContext,
): void {
  const { config } = field;
  if (config.displayName?.includes('${__')) {
    config.displayName = config.displayName.replace(
      /\$\{__(series|field)\.?([^}]*)\}/g,
      (reference, _kind, path: string) => {
        if (path === 'name' || path === 'displayName') return config.displayNameFromDS ?? field.name;
        const label = /^labels(?:\.(.+)|\["(.+)"\])$/.exec(path);
        if (label !== null) return field.labels?.[(label[1] ?? label[2])!] ?? '';
        return path === 'labels' ? JSON.stringify(field.labels ?? {}) : reference;
      },
    );
  }
  if ((config.min === undefined || config.max === undefined) && range !== undefined) {
    const [min, max] = [config.min ?? range.min, config.max ?? range.max];
    field.state = { ...field.state, range: { min, max, delta: max - min } };
  }
  field.display = getDisplayProcessor({ field, theme: context.theme, timeZone: context.timezone });
  getFieldDisplayName(field, frame, all);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Of all numbers of the panel, so that bars and colours of its fields can be compared. */
function rangeOf(fields: readonly Field[]): Range | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const field of fields) {
    if (field.type !== FieldType.number) continue;
    for (const value of field.values as (number | null)[]) {
      if (value == null || !Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : undefined;
}
