// OpenTelemetry's names as Prometheus names them: the "OpenTelemetry to Prometheus" section of the compatibility
// specification, as the Collector's exporters apply it.
import { MetricType } from '@mario/otlp';

const units: { readonly [unit: string]: string } = {
  d: 'days', h: 'hours', min: 'minutes', s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds',
  By: 'bytes', KiBy: 'kibibytes', MiBy: 'mebibytes', GiBy: 'gibibytes', TiBy: 'tibibytes',
  KBy: 'kilobytes', MBy: 'megabytes', GBy: 'gigabytes', TBy: 'terabytes',
  m: 'meters', V: 'volts', A: 'amperes', J: 'joules', W: 'watts', g: 'grams',
  Cel: 'celsius', Hz: 'hertz', '1': '', '%': 'percent',
}; // biome-ignore format: a table of units

const perUnits: { readonly [unit: string]: string } = {
  s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', mo: 'month', y: 'year',
}; // biome-ignore format: a table of units

export interface MetricNaming {
  readonly name: string;
  readonly unit: string;
  readonly type: number;
  readonly monotonic: boolean;
}

/** The name of a metric; with suffixes for its unit and type unless they are switched off. */
export function metricName(metric: MetricNaming, namespace: string, addSuffixes: boolean): string {
  const name = addSuffixes ? suffixedName(metric, namespace) : plainName(metric.name, namespace);
  return /^\d/.test(name) ? `_${name}` : name;
}

function plainName(name: string, namespace: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_:]/g, '_');
  return namespace === '' ? clean : `${namespace}_${clean}`;
}

function suffixedName({ name, unit, type, monotonic }: MetricNaming, namespace: string): string {
  let tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  const [main = '', per] = unit.split('/', 2).map((part) => part.trim());
  tokens = withUnit(tokens, main, per);
  if (type === MetricType.sum && monotonic) tokens = [...tokens.filter((token) => token !== 'total'), 'total'];
  if (unit === '1' && type === MetricType.gauge) tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  return [namespace, ...tokens].filter((token) => token !== '').join('_');
}

/** Units in braces are annotations; a unit that the name has already is not said again. */
function withUnit(tokens: readonly string[], main: string, per: string | undefined): string[] {
  const found = [...tokens];
  if (main !== '' && !/[{}]/.test(main)) {
    const suffix = cleanUnit(units[main] ?? main);
    if (suffix !== '' && !found.includes(suffix)) found.push(suffix);
  }
  if (per !== undefined && per !== '' && !/[{}]/.test(per)) {
    const suffix = cleanUnit(perUnits[per] ?? per);
    if (suffix !== '' && !found.includes(suffix)) found.push('per', suffix);
  }
  return found;
}

function cleanUnit(unit: string): string {
  return unit.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');
}

/** The name of a label: what Prometheus does not take becomes `_`, a leading digit or `_` gets `key` before it. */
export function labelName(key: string): string {
  if (key === '') return key;
  const clean = key.replace(/[^a-zA-Z0-9_]/g, '_');
  if (/^\d/.test(clean)) return `key_${clean}`;
  return clean.startsWith('_') && !clean.startsWith('__') ? `key${clean}` : clean;
}
