/**
 * OpenTelemetry names as Prometheus writes them: escaping, unit suffixes, `_total`, `_ratio` (specification
 * "Prometheus and OpenMetrics Compatibility", OTLP metric points to Prometheus).
 */
import type { OtlpConfig, TranslationStrategy } from '../config/otlp-config.ts';

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

export type NamedType = 'counter' | 'gauge' | 'other';

/** The metric's name for the strategy; `counter` is a monotonic sum. */
export function metricName(name: string, unit: string, type: NamedType, strategy: TranslationStrategy): string {
  switch (strategy) {
    case 'NoTranslation':
      return name;
    case 'NoUTF8EscapingWithSuffixes':
      return withSuffixes(name, unit, type);
    case 'UnderscoreEscapingWithoutSuffixes':
      return escapeName(name);
    case 'UnderscoreEscapingWithSuffixes':
      return compliantName(name, unit, type);
  }
}

/** How label names are escaped; the rest of an OtlpConfig does not matter. */
export type LabelNaming = Pick<
  OtlpConfig,
  'translationStrategy' | 'labelUnderscoreSanitization' | 'labelPreserveMultipleUnderscores'
>;

/** A label name: whatever is not of the classic alphabet becomes an underscore, names must not begin like internal ones. */
export function labelName(name: string, naming: LabelNaming): string {
  const { translationStrategy: strategy } = naming;
  if (strategy === 'NoTranslation' || strategy === 'NoUTF8EscapingWithSuffixes' || name === '') return name;
  const escaped = name.replace(/[^a-zA-Z0-9_]/gu, '_');
  const clean = naming.labelPreserveMultipleUnderscores ? escaped : escaped.replace(/_{2,}/g, '_');
  if (/^[0-9]/.test(clean)) return `key_${clean}`;
  const internal = naming.labelUnderscoreSanitization && clean.startsWith('_') && !clean.startsWith('__');
  return internal ? `key${clean}` : clean;
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

function compliantName(name: string, unit: string, type: NamedType): string {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
  const { main, per } = unitSuffixes(unit);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(per)) words.push('per', per);
  const moved = (word: string) => [...words.filter((each) => each !== word), word];
  const all = type === 'counter' ? moved('total') : type === 'gauge' && unit === '1' ? moved('ratio') : words;
  const joined = all.join('_');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

function withSuffixes(name: string, unit: string, type: NamedType): string {
  const { main, per } = unitSuffixes(unit);
  let out = name;
  const tail = type === 'counter' ? '_total' : type === 'gauge' && unit === '1' ? '_ratio' : '';
  if (tail !== '' && out.endsWith(tail)) out = out.slice(0, -tail.length);
  if (main !== '' && !out.endsWith(main)) out += `_${main}`;
  if (per !== '' && !out.endsWith(per)) out += `_per_${per}`;
  return out + tail;
}

function escapeName(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_:]/gu, '_');
  return /^[0-9]/.test(clean) ? `_${clean}` : clean;
}

function cleanUnit(unit: string): string {
  return unit.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_+|_+$/g, '');
}
