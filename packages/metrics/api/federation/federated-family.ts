/** The newest samples of the selected series, in families as exposition formats have them. */
import { type FloatHistogram, usesCustomBuckets } from '../../model/histogram.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { type EscapingScheme, escapeName } from '../../model/name-escaping.ts';

export interface FederatedSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}

export interface FederatedFamily {
  readonly name: string;
  /** Floats are untyped, because the type is not kept with the sample. */
  readonly type: 'untyped' | 'histogram' | 'gaugehistogram';
  readonly metrics: readonly FederatedMetric[];
}

export interface FederatedMetric {
  /** Escaped, without the name of the metric; values may be empty. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly sample: FederatedSample;
}

export interface FamilyOptions {
  readonly externalLabels: Labels;
  readonly escaping: EscapingScheme;
  /** Whether the format has native histograms with exponential buckets; without, their samples are left out. */
  readonly nativeHistograms: boolean;
}

/** By name; floats and histograms of one name that follow one another are families of their own. */
export function federatedFamilies(samples: readonly FederatedSample[], options: FamilyOptions): FederatedFamily[] {
  const families: { name: string; type: FederatedFamily['type']; metrics: FederatedMetric[] }[] = [];
  let lastName = '';
  for (const sample of byName(samples)) {
    const { labels, histogram } = sample;
    const isNative = histogram !== undefined && !usesCustomBuckets(histogram);
    if (isNative && !options.nativeHistograms) continue;
    const type = typeOf(histogram);
    const name = labels.metricName;
    let family = families.at(-1);
    if (family === undefined || lastName !== name || family.type !== type) {
      family = { name: escapeName(name, options.escaping), type, metrics: [] };
      families.push(family);
      lastName = name;
    }
    family.metrics.push({ labels: federatedLabels(labels, options), sample });
  }
  return families;
}

/** Without those that have no name, which no format can tell. */
function byName(samples: readonly FederatedSample[]): FederatedSample[] {
  const named = samples.filter(({ labels }) => labels.metricName !== '');
  return named.sort(({ labels: a }, { labels: b }) =>
    a.metricName < b.metricName ? -1 : a.metricName > b.metricName ? 1 : 0,
  );
}

function typeOf(histogram: FloatHistogram | undefined): FederatedFamily['type'] {
  if (histogram === undefined) return 'untyped';
  return histogram.counterResetHint === 'gauge' ? 'gaugehistogram' : 'histogram';
}

function federatedLabels(labels: Labels, { externalLabels, escaping }: FamilyOptions): [string, string][] {
  const all = [...labels].filter(([name]) => name !== METRIC_NAME);
  // An empty instance keeps the scraping server from adding its own when labels are honoured.
  const attached = new Map([['instance', ''], ...externalLabels]);
  for (const name of [...attached.keys()].sort()) if (!labels.has(name)) all.push([name, attached.get(name)!]);
  return all.map(([name, value]) => [escapeName(name, escaping), value]);
}
