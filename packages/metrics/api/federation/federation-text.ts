/** Families in the text format 0.0.4, as Go's client library writes it. */
import type { FloatHistogram } from '../../model/histogram.ts';
import { quoteGo } from '../../model/labels.ts';
import { isClassicName } from '../../model/name-escaping.ts';
import { formatGoG } from '../../promql/format.ts';
import { cumulativeBuckets } from './cumulative-buckets.ts';
import type { FederatedFamily, FederatedMetric } from './federated-family.ts';

type Label = readonly [name: string, value: string];

export function* federationText(families: readonly FederatedFamily[]): Generator<string> {
  for (const { name, type, metrics } of families) {
    yield `# TYPE ${quotedName(name)} ${type === 'untyped' ? type : 'histogram'}\n`;
    for (const metric of metrics) {
      const { histogram, value } = metric.sample;
      yield histogram === undefined ? line(name, metric, value) : histogramLines(name, metric, histogram);
    }
  }
}

/** Only custom buckets come here: these are what a classic histogram is. */
function histogramLines(name: string, metric: FederatedMetric, histogram: FloatHistogram): string {
  const buckets = [...cumulativeBuckets(histogram), { upper: Infinity, count: histogram.count }];
  return [
    ...buckets.map(({ upper, count }) => line(`${name}_bucket`, metric, count, ['le', number(upper)])),
    line(`${name}_sum`, metric, histogram.sum),
    line(`${name}_count`, metric, histogram.count),
  ].join('');
}

function line(name: string, { labels, sample }: FederatedMetric, value: number, more?: Label): string {
  const all = more === undefined ? labels : [...labels, more];
  const parts = all.map(([label, text]) => `${quotedName(label)}="${escapeValue(text)}"`);
  const head = isClassicName(name) ? name : '';
  if (head === '') parts.unshift(quotedName(name));
  return `${head}{${parts.join(',')}} ${number(value)} ${sample.timestampMs}\n`;
}

function quotedName(name: string): string {
  return isClassicName(name) ? name : quoteGo(name);
}

function escapeValue(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

/** The sign of a zero is not told. */
function number(value: number): string {
  return value === 0 ? '0' : formatGoG(value);
}
