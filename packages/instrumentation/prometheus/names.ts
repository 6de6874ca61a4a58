/**
 * OpenTelemetry names and units as Prometheus names (OpenTelemetry specification, "Prometheus and OpenMetrics
 * Compatibility"), in the way that the Collector's exporter and Prometheus' own OTLP intake do it, so that both export
 * paths end in the same series.
 */

/** Words of the units; what is not here is appended as it is. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
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
const PER_UNIT_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

export type PrometheusType = 'counter' | 'gauge' | 'histogram';

/** The family's name with unit and type suffixes; for a counter it ends in `_total`. */
export function prometheusName(name: string, unit: string, type: PrometheusType): string {
  let tokens = name.split(/[^\p{L}\p{Nd}:]+/u).filter((token) => token !== '');
  const slash = unit.indexOf('/');
  const main = unitWord(slash < 0 ? unit : unit.slice(0, slash), UNIT_WORDS);
  const per = slash < 0 ? '' : unitWord(unit.slice(slash + 1), PER_UNIT_WORDS);
  // A unit that the name already has anywhere is not repeated.
  if (main !== '' && !tokens.includes(main)) tokens.push(main);
  if (per !== '' && !tokens.includes(per)) tokens.push('per', per);
  if (type === 'counter') tokens = [...tokens.filter((token) => token !== 'total'), 'total'];
  else if (type === 'gauge' && unit === '1') tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  const joined = tokens.join('_').replaceAll(/[^a-zA-Z0-9_:]/g, '_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** The unit's word when the name carries it as its last part, for OpenMetrics' `# UNIT`; otherwise undefined. */
export function prometheusUnit(familyName: string, unit: string, type: PrometheusType): string | undefined {
  const word = type === 'gauge' && unit === '1' ? 'ratio' : unitWord(unit, UNIT_WORDS);
  return word !== '' && familyName.endsWith(`_${word}`) ? word : undefined;
}

/** `key_` before a digit, one underscore for each run of characters that a label may not have. */
export function prometheusLabel(name: string): string {
  const cleaned = name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replaceAll(/__+/g, '_');
  if (/^\d/.test(cleaned)) return `key_${cleaned}`;
  return cleaned;
}

function unitWord(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  if (/[{}]/.test(trimmed)) return '';
  const word = words[trimmed] ?? trimmed;
  return word.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
}
