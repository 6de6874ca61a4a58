/** The transformation "Rows to fields": each row becomes a field of one row. */
import { map } from 'rxjs';
import { fieldOf } from './build-frame.ts';
import { type DataFrame, type DataTransformerInfo, type Field, type FieldConfig, FieldType } from './grafana-data.ts';

interface Mapping {
  readonly fieldName: string;
  /** `field.name`, `field.value`, `field.label`, `__ignore`, or a setting: `min`, `max`, `unit`, `decimals`, `color`. */
  readonly handlerKey?: string | null;
}

interface RowsToFieldsOptions {
  readonly mappings?: readonly Mapping[];
}

export const rowsToFields: DataTransformerInfo<RowsToFieldsOptions> = {
  id: 'rowsToFields' as DataTransformerInfo['id'],
  name: 'Rows to fields',
  defaultOptions: {},
  operator: (options) => (source) => source.pipe(map((frames) => frames.map((frame) => turn(frame, options)))),
};

/** Settings that a column of the same name gives without being told to. */
const SETTINGS: ReadonlySet<string> = new Set(['min', 'max', 'unit', 'decimals', 'displayName', 'color']);

function turn(frame: DataFrame, { mappings = [] }: RowsToFieldsOptions): DataFrame {
  const handlerOf = (field: Field): string | undefined => {
    const mapping = mappings.find(({ fieldName }) => fieldName === field.name);
    if (mapping?.handlerKey != null) return mapping.handlerKey;
    return [...SETTINGS].find((setting) => setting.toLowerCase() === field.name.toLowerCase());
  };
  const roles = new Map(frame.fields.map((field) => [field, handlerOf(field)]));
  const pick = (handler: string, type: FieldType) =>
    frame.fields.find((field) => roles.get(field) === handler) ??
    frame.fields.find((field) => field.type === type && roles.get(field) === undefined);
  const names = pick('field.name', FieldType.string);
  const values = pick('field.value', FieldType.number);
  if (names === undefined || values === undefined) return frame;
  const fields = Array.from({ length: frame.length }, (_, row) => {
    const config: FieldConfig = { ...values.config };
    const labels: Record<string, string> = {};
    for (const [field, handler] of roles) {
      if (field === names || field === values || handler === undefined) continue;
      const value: unknown = field.values[row];
      if (handler === 'field.label') labels[field.name] = String(value);
      else if (SETTINGS.has(handler)) Object.assign(config, settingOf(handler, value));
    }
    const hasLabels = Object.keys(labels).length > 0;
    return fieldOf(String(names.values[row]), values.type, [values.values[row]], {
      config,
      ...(hasLabels ? { labels } : {}),
    });
  });
  return { ...frame, fields, length: fields.length > 0 ? 1 : 0 };
}

function settingOf(setting: string, value: unknown): Partial<FieldConfig> {
  if (setting === 'color') return { color: { mode: 'fixed', fixedColor: String(value) } } as Partial<FieldConfig>;
  const numeric = setting === 'min' || setting === 'max' || setting === 'decimals';
  return { [setting]: numeric ? Number(value) : String(value) };
}
