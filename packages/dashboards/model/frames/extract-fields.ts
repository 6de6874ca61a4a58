/** The transformation "Extract fields": the parts of JSON, of key=value pairs or of labels become fields of their own. */
import { map } from 'rxjs';
import { fieldOf } from './build-frame.ts';
import { type DataFrame, type DataTransformerInfo, FieldType } from './grafana-data.ts';

interface ExtractFieldsOptions {
  readonly source?: string;
  readonly format?: string;
  readonly jsonPaths?: readonly { readonly path: string; readonly alias?: string }[];
  readonly replace?: boolean;
  readonly keepTime?: boolean;
}

/** A line with more parts than this is no table. */
const PARTS_MAX = 500;

export const extractFields: DataTransformerInfo<ExtractFieldsOptions> = {
  id: 'extractFields' as DataTransformerInfo['id'],
  name: 'Extract fields',
  defaultOptions: {},
  operator: (options) => (source) => source.pipe(map((frames) => frames.map((frame) => extract(frame, options)))),
};

function extract(frame: DataFrame, options: ExtractFieldsOptions): DataFrame {
  const { source, format = 'auto', jsonPaths = [], replace = false, keepTime = false } = options;
  const field = frame.fields.find(({ name }) => name === source);
  if (field === undefined) return frame;
  if (format !== 'auto' && format !== 'json' && format !== 'kvp') {
    throw new Error(`extracting fields by "${format}" is not supported here`);
  }
  const paths = jsonPaths.filter(({ path }) => path !== '');
  const columns = new Map<string, unknown[]>();
  for (let row = 0; row < frame.length; row++) {
    const parts = partsOf(field.values[row], format);
    const found = paths.length === 0 ? Object.entries(parts) : paths.map((each) => valueAt(parts, each));
    for (const [name, value] of found) {
      let column = columns.get(name);
      if (column === undefined && columns.size < PARTS_MAX) {
        columns.set(name, (column = new Array<unknown>(frame.length).fill(undefined)));
      }
      if (column !== undefined) column[row] = value;
    }
  }
  const extracted = [...columns].map(([name, values]) => fieldOf(name, typeOf(values), values));
  const kept = replace ? frame.fields.filter(({ type }) => keepTime && type === FieldType.time) : frame.fields;
  return { ...frame, fields: [...kept, ...extracted] };
}

function partsOf(value: unknown, format: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  const text = String(value ?? '').trim();
  if (format !== 'kvp' && text.startsWith('{')) {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      return {};
    }
  }
  return format === 'json' ? {} : keyValues(text);
}

const KEY_VALUE = /([^\s=,;:{}"]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;}]+))/g;

function keyValues(text: string): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const [, key, quoted, bare] of text.matchAll(KEY_VALUE)) {
    if (key !== '__proto__') parts[key!] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
  }
  return parts;
}

/** `a.b[0].c` and `a["b"]`. */
function valueAt(
  parts: unknown,
  { path, alias }: { readonly path: string; readonly alias?: string },
): readonly [string, unknown] {
  let value = parts;
  for (const [, bare, index, quoted] of path.matchAll(/([^.[\]"]+)|\[(\d+)\]|\["([^"]+)"\]/g)) {
    const key = bare ?? index ?? quoted!;
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return [alias || path, value];
}

function typeOf(values: readonly unknown[]): FieldType {
  const first = values.find((value) => value !== undefined && value !== null);
  if (typeof first === 'number') return FieldType.number;
  if (typeof first === 'boolean') return FieldType.boolean;
  return typeof first === 'object' ? FieldType.other : FieldType.string;
}
