// Writes the accumulated series in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0.
import type { Exemplar, Family, LabelPairs, Series } from './accumulator.ts';

export interface ExpositionOptions {
  readonly openMetrics: boolean;
  readonly timestamps: boolean;
}

/** Go's shortest form of `%g`. */
const goExponentFrom = 6;
/** OpenMetrics allows this many characters in all labels of an exemplar. */
const exemplarCharsMax = 128;

export function formatExposition(families: Iterable<Family>, options: ExpositionOptions): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  const text = sorted.map((family) => formatFamily(family, options)).join('');
  return options.openMetrics ? `${text}# EOF\n` : text;
}

function formatFamily(family: Family, options: ExpositionOptions): string {
  const { openMetrics } = options;
  // OpenMetrics names a counter's family without `_total`; a counter whose name lacks it cannot be one there.
  const isTotal = family.name.endsWith('_total');
  const name = openMetrics && family.type === 'counter' && isTotal ? family.name.slice(0, -6) : family.name;
  const type = openMetrics && family.type === 'counter' && !isTotal ? 'unknown' : family.type;
  const help = family.help.replace(openMetrics ? /[\\\n"]/g : /[\\\n]/g, escaped);
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const series of family.series.values()) text += formatSeries(family, series, options);
  return text;
}

function formatSeries(family: Family, series: Series, options: ExpositionOptions): string {
  const { name, type } = family;
  const { labels, value } = series;
  const time = options.timestamps ? formatTime(series.timeNs, options.openMetrics) : '';
  const line = (suffix: string, more: LabelPairs, number: number, exemplar = '') =>
    `${name}${suffix}${formatLabels([...labels, ...more])} ${formatNumber(number)}${time}${exemplar}\n`;
  const exemplarText = (exemplar: Exemplar | undefined) =>
    options.openMetrics && exemplar !== undefined ? formatExemplar(exemplar) : '';
  if (type === 'histogram') return formatHistogram(series, options.openMetrics, line, exemplarText);
  if (type === 'summary') {
    const quantiles = value.quantiles
      .map(([q, v]) => line('', [['quantile', labelNumber(q, options.openMetrics)]], v))
      .join('');
    return quantiles + line('_sum', [], value.sum ?? 0) + line('_count', [], value.count);
  }
  return line('', [], value.number, type === 'counter' ? exemplarText(value.exemplars.at(-1)) : '');
}

function formatHistogram(
  { value }: Series,
  openMetrics: boolean,
  line: (suffix: string, more: LabelPairs, number: number, exemplar?: string) => string,
  exemplarText: (exemplar: Exemplar | undefined) => string,
): string {
  const { bounds, buckets, count, exemplars } = value;
  let text = '';
  let cumulative = 0;
  let lower = Number.NEGATIVE_INFINITY;
  for (const [i, bound] of [...bounds, Number.POSITIVE_INFINITY].entries()) {
    // OTLP's last bucket and a given bound of +Inf are the same bucket.
    const isLast = bound === Number.POSITIVE_INFINITY;
    cumulative = isLast ? count : cumulative + (buckets[i] ?? 0);
    const above = lower;
    const exemplar = exemplars.findLast((each) => each.value > above && each.value <= bound);
    text += line('_bucket', [['le', labelNumber(bound, openMetrics)]], cumulative, exemplarText(exemplar));
    lower = bound;
    if (isLast) break;
  }
  if (value.sum !== undefined) text += line('_sum', [], value.sum);
  return text + line('_count', [], count);
}

function formatExemplar({ labels, value, timeNs }: Exemplar): string {
  let chars = 0;
  const kept = [...labels].reverse().filter(([name, text]) => {
    chars += name.length + text.length;
    return chars <= exemplarCharsMax;
  });
  return ` # ${formatLabels(kept) || '{}'} ${formatNumber(value)}${formatTime(timeNs, true)}`;
}

function formatLabels(labels: LabelPairs): string {
  if (labels.length === 0) return '';
  return `{${labels.map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`).join(',')}}`;
}

function escaped(char: string): string {
  return char === '\n' ? '\\n' : `\\${char}`;
}

/** Milliseconds in the text format, seconds in OpenMetrics. */
function formatTime(timeNs: bigint, openMetrics: boolean): string {
  if (timeNs === 0n) return '';
  return openMetrics ? ` ${Number(timeNs / 1_000_000n) / 1000}` : ` ${timeNs / 1_000_000n}`;
}

/**
 * A number in a label, as Go writes it (`1.048576e+06`): the label is a part of the series' identity. OpenMetrics wants
 * a point in whole numbers.
 */
function labelNumber(value: number, openMetrics: boolean): string {
  const text = goNumber(value);
  return openMetrics && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** With an exponent of at least two digits below 1e-4 and from a million on. */
function goNumber(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatNumber(value);
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < goExponentFrom) return formatNumber(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
