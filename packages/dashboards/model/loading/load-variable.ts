/** One variable of the dashboard, whose query was text in old files and is an object in newer ones. */
import type {
  AdhocFilter,
  Json,
  JsonObject,
  Problem,
  Variable,
  VariableOption,
  VariableType,
  VariableValue,
} from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject } from '../json.ts';
import { loadDatasource } from './load-panel.ts';

const TYPES: ReadonlySet<string> = new Set<VariableType>([
  'query',
  'custom',
  'interval',
  'textbox',
  'constant',
  'datasource',
  'adhoc',
  'groupby',
  'switch',
  'system',
]);

/** Grafana divides the range into this many steps for an interval variable's `auto`. */
const AUTO_COUNT = 30;

export function loadVariable(source: JsonObject, where: string, problems: Problem[]): Variable {
  const type = asString(source.type, 'query');
  if (!TYPES.has(type)) problems.push({ where, message: `unknown type of variable "${type}"; it is read as text` });
  const known = (TYPES.has(type) ? type : 'textbox') as VariableType;
  const name = asString(source.name);
  if (name === '') problems.push({ where, message: 'the variable has no name, so nothing can refer to it' });
  const query = queryText(source.query, source.definition);
  return {
    name,
    type: known,
    label: asString(source.label) || name,
    hide: hiddenPart(source.hide, known),
    multi: asBoolean(source.multi, false),
    includeAll: asBoolean(source.includeAll, false),
    allValue: asString(source.allValue),
    current: currentOf(source, known, query),
    options: optionsOf(source, known, query),
    query,
    regex: asString(source.regex),
    sort: asNumber(source.sort, 0),
    datasource: loadDatasource(source.datasource),
    auto: asBoolean(source.auto, false),
    autoCount: Math.max(1, asNumber(source.auto_count, AUTO_COUNT)),
    autoMin: asString(source.auto_min, '10s'),
    filters: asArray(source.filters ?? source.baseFilters)
      .filter(isObject)
      .map(filterOf),
  };
}

function filterOf(filter: JsonObject): AdhocFilter {
  return { key: asString(filter.key), operator: asString(filter.operator, '='), value: asString(filter.value) };
}

/** Objects: `{query}` (Prometheus), `{label, stream, type}` (Loki), `{type, label}` (Tempo). */
function queryText(query: Json | undefined, definition: Json | undefined): string {
  if (!isObject(query)) return asString(query);
  if (typeof query.query === 'string') return query.query;
  if (isObject(query.query)) return queryText(query.query, definition);
  if (typeof query.label === 'string') {
    const stream = asString(query.stream);
    return stream === '' ? `label_values(${query.label})` : `label_values(${stream}, ${query.label})`;
  }
  if (query.type === 0) return 'label_names()';
  return asString(definition);
}

function hiddenPart(value: Json | undefined, type: VariableType): Variable['hide'] {
  if (value === 2 || value === 'hideVariable' || (type === 'constant' && value === undefined)) return 'variable';
  return value === 1 || value === 'hideLabel' ? 'label' : 'nothing';
}

function currentOf(source: JsonObject, type: VariableType, query: string): VariableValue {
  const current = asObject(source.current);
  const value = current.value ?? current.text;
  if (Array.isArray(value)) return value.map((item) => asString(item));
  if (type === 'constant') return query || asString(value);
  const text = asString(value);
  if (text === '' && type === 'textbox') return query;
  return text === 'All' && source.includeAll === true ? '$__all' : text;
}

function optionsOf(source: JsonObject, type: VariableType, query: string): readonly VariableOption[] {
  if (type === 'custom') return customOptions(query);
  if (type === 'interval') {
    const intervals = splitValues(query.replace(/\s+/g, ''));
    return intervals.filter((value) => value !== '').map((value) => ({ text: value, value }));
  }
  if (type === 'constant' || type === 'textbox') return [{ text: query, value: query }];
  if (type === 'switch') {
    return [
      { text: asString(source.enabledValue, 'true'), value: asString(source.enabledValue, 'true') },
      { text: asString(source.disabledValue, 'false'), value: asString(source.disabledValue, 'false') },
    ];
  }
  return asArray(source.options)
    .filter(isObject)
    .map((option) => ({ text: asString(option.text), value: asString(option.value) }))
    .filter((option) => option.value !== '$__all');
}

/** `a, b, shown as : value`; a comma of a value is escaped with a backslash. */
function customOptions(query: string): readonly VariableOption[] {
  return splitValues(query)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      // Before trimming: the value behind ` : ` may be nothing but a space, which stands for empty.
      const pair = /^\s*(.+)\s:\s(.+)$/.exec(part);
      const text = part.trim();
      return pair === null ? { text, value: text } : { text: pair[1]!.trim(), value: pair[2]!.trim() };
    });
}

function splitValues(query: string): readonly string[] {
  return (query.match(/(?:\\,|[^,])+/g) ?? []).map((part) => part.replaceAll('\\,', ','));
}
