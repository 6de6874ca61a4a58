/** The formats of `${name:format}`: how one or several values are written into a query, a link or a text. */
import type { VariableValue } from '../dashboard.ts';

export interface FormatSubject {
  readonly name: string;
  readonly value: VariableValue;
  /** What people see for the value. */
  readonly text: VariableValue;
}

type Formatter = (subject: FormatSubject, argument: string) => string;

const FORMATTERS: Readonly<Record<string, Formatter>> = {
  raw: ({ value }) => joined(value, ','),
  csv: ({ value }) => joined(value, ','),
  glob: ({ value }) =>
    typeof value === 'string' ? value : value.length > 1 ? `{${value.join(',')}}` : (value[0] ?? ''),
  pipe: ({ value }) => joined(value, '|'),
  join: ({ value }, separator) => joined(value, separator === '' ? ',' : separator),
  text: ({ text }) => joined(text, ' + '),
  json: ({ value }) => JSON.stringify(value),
  html: ({ value }) => escapeHtml(joined(value, ', ')),
  regex: ({ value }) =>
    typeof value === 'string' ? escapeRegex(value) : grouped(value.map(escapeRegex), '(', '|', ')'),
  lucene: ({ value }) => (typeof value === 'string' ? escapeLucene(value) : luceneList(value)),
  distributed: ({ name, value }) =>
    typeof value === 'string' ? value : value.map((item, index) => (index === 0 ? item : `${name}=${item}`)).join(','),
  percentencode: ({ value }) =>
    // Unlike glob, Grafana puts braces around a single value of a list as well.
    encodeStrictly(typeof value === 'string' ? value : `{${value.join(',')}}`),
  uriencode: ({ value }) => encodeURI(joined(value, ',')),
  singlequote: ({ value }) => quoted(value, "'", (text) => text.replaceAll("'", "\\'")),
  doublequote: ({ value }) => quoted(value, '"', (text) => text.replaceAll('"', '\\"')),
  sqlstring: ({ value }) => quoted(value, "'", (text) => text.replaceAll("'", "''")),
  queryparam: ({ name, value }) => queryParameters(`var-${encodeURIComponent(name)}`, value),
  customqueryparam: ({ name, value }, argument) => {
    const [key = '', prefix = ''] = argument.split(':');
    const values = list(value).map((item) => prefix + item);
    return queryParameters(encodeURIComponent(key || name), values);
  },
  date: ({ value }, pattern) => formatDate(Number(joined(value, ',')), pattern),
};

/** `format` may carry an argument after a colon (`date:iso`, `customqueryparam:key:prefix`). */
export function formatValue(subject: FormatSubject, format: string): string {
  const colon = format.indexOf(':');
  const name = colon === -1 ? format : format.slice(0, colon);
  const argument = colon === -1 ? '' : format.slice(colon + 1);
  // Unknown formats are written as glob, which is what Grafana falls back to.
  const formatter = Object.hasOwn(FORMATTERS, name) ? FORMATTERS[name]! : FORMATTERS.glob!;
  return formatter(subject, argument);
}

function list(value: VariableValue): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function joined(value: VariableValue, separator: string): string {
  return list(value).join(separator);
}

function grouped(items: readonly string[], open: string, separator: string, close: string): string {
  return items.length === 1 ? items[0]! : open + items.join(separator) + close;
}

function quoted(value: VariableValue, quote: string, escaped: (text: string) => string): string {
  return list(value)
    .map((item) => quote + escaped(item) + quote)
    .join(',');
}

function queryParameters(key: string, value: VariableValue): string {
  return list(value)
    .map((item) => `${key}=${encodeStrictly(item)}`)
    .join('&');
}

/** RFC 3986 reserves more than encodeURIComponent escapes. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => '%' + char.charCodeAt(0).toString(16).toUpperCase());
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}

function escapeLucene(text: string): string {
  if (text === '') return '__empty__';
  return text.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, '\\$1');
}

function luceneList(values: readonly string[]): string {
  if (values.length === 0) return '__empty__';
  return `(${values.map((value) => `"${escapeLucene(value)}"`).join(' OR ')})`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => HTML_ENTITIES[char]!);
}

/** `iso`, `seconds`, milliseconds without an argument, or the common letters of moment's patterns (in UTC). */
export function formatDate(ms: number, pattern: string): string {
  if (!Number.isFinite(ms)) return '';
  const date = new Date(ms);
  if (pattern === '' || pattern === 'iso') return date.toISOString();
  if (pattern === 'seconds') return String(Math.floor(ms / 1000));
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const parts: Readonly<Record<string, string>> = {
    YYYY: String(date.getUTCFullYear()),
    YY: pad(date.getUTCFullYear() % 100),
    MM: pad(date.getUTCMonth() + 1),
    DD: pad(date.getUTCDate()),
    HH: pad(date.getUTCHours()),
    mm: pad(date.getUTCMinutes()),
    ss: pad(date.getUTCSeconds()),
    SSS: pad(date.getUTCMilliseconds(), 3),
    M: String(date.getUTCMonth() + 1),
    D: String(date.getUTCDate()),
    H: String(date.getUTCHours()),
  };
  return pattern.replace(/YYYY|YY|MM|DD|HH|mm|ss|SSS|M|D|H/g, (part) => parts[part]!);
}
