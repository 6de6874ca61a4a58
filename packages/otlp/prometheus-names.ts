/**
 * OpenTelemetry names as Prometheus writes them: escaping, unit suffixes, `_total`, `_ratio` (specification "Prometheus
 * and OpenMetrics Compatibility", OTLP metric points to Prometheus). For whoever stores metrics and whoever exposes them.
 */

/** Units of UCUM and the words that Prometheus uses for them. */
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/** `counter` is a monotonic sum. */
export type PrometheusNameType = 'counter' | 'gauge' | 'other';

/** In the classic alphabet, with words for unit and type behind it; words that the name has are not said again. */
export function suffixedName(name: string, unit: string, type: PrometheusNameType, namespace = ''): string {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
  const { main, per } = unitSuffixes(unit);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(per)) words.push('per', per);
  const moved = (word: string) => [...words.filter((each) => each !== word), word];
  const all = type === 'counter' ? moved('total') : type === 'gauge' && unit === '1' ? moved('ratio') : words;
  return notDigitFirst([...(namespace === '' ? [] : [namespace]), ...all].join('_'));
}

/** In the classic alphabet, otherwise as it is. */
export function escapedName(name: string, namespace = ''): string {
  const clean = name.replace(/[^a-zA-Z0-9_:]/gu, '_');
  return notDigitFirst(namespace === '' ? clean : `${namespace}_${clean}`);
}

export interface LabelEscaping {
  /** Underscores that follow one another stay as many. */
  readonly keepsRuns: boolean;
  /** A name that begins with one underscore gets `key` before it. */
  readonly guardsUnderscore: boolean;
}

/** A label name: whatever is not of the classic alphabet becomes an underscore; it must not begin with a digit. */
export function escapedLabelName(name: string, { keepsRuns, guardsUnderscore }: LabelEscaping): string {
  if (name === '') return name;
  const escaped = name.replace(/[^a-zA-Z0-9_]/gu, '_');
  const clean = keepsRuns ? escaped : escaped.replace(/_{2,}/g, '_');
  if (/^[0-9]/.test(clean)) return `key_${clean}`;
  return guardsUnderscore && clean.startsWith('_') && !clean.startsWith('__') ? `key${clean}` : clean;
}

/** The words of a unit's suffix: `ms` → milliseconds; `By/s` → bytes per second; annotations in braces vanish. */
export function unitSuffixes(unit: string): { readonly main: string; readonly per: string } {
  const slash = unit.indexOf('/');
  const main = (slash < 0 ? unit : unit.slice(0, slash)).trim();
  const per = slash < 0 ? '' : unit.slice(slash + 1).trim();
  return {
    main: /[{}]/.test(main) ? '' : cleanUnit(UNITS[main] ?? main),
    per: /[{}]/.test(per) ? '' : cleanUnit(PER_UNITS[per] ?? per),
  };
}

function cleanUnit(unit: string): string {
  return unit.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_+|_+$/g, '');
}

function notDigitFirst(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}
