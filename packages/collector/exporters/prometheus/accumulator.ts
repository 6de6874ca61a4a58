// The latest value of each series, as the prometheus exporter shows it when it is scraped.
import {
  type AttributeTable,
  anyValueText,
  attributeKey,
  attributeMap,
  attributeText,
  type ExemplarTable,
  flagNoRecordedValue,
  type MetricBatch,
  MetricType,
  numberValue,
  type Points,
  Present,
  spanIdHex,
  Temporality,
  traceIdHex,
  valueText,
} from '@mario/otlp';
import type { PrometheusConfig } from './config.ts';
import { labelName, metricName } from './names.ts';

/** Series beyond this are refused: each scrape would carry them all. */
const seriesMax = 200_000;
/** Of one point; later ones replace earlier ones. */
const exemplarsMax = 64;

export type LabelPairs = readonly (readonly [name: string, value: string])[];

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly series: Map<string, Series>;
}

export interface Series {
  readonly labels: LabelPairs;
  value: SeriesValue;
  timeNs: bigint;
  updatedMs: number;
}

export interface SeriesValue {
  /** Of counters and gauges. */
  readonly number: number;
  readonly count: number;
  /** Undefined when the histogram has none. */
  readonly sum: number | undefined;
  /** Upper bounds of all buckets but the last, and their own (not cumulative) counts. */
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
  readonly exemplars: readonly Exemplar[];
}

export interface Exemplar {
  readonly labels: LabelPairs;
  readonly value: number;
  readonly timeNs: bigint;
}

const nothing: SeriesValue = {
  number: 0,
  count: 0,
  sum: undefined,
  bounds: [],
  buckets: [],
  quantiles: [],
  exemplars: [],
};

export class Accumulator {
  readonly families = new Map<string, Family>();
  private readonly config: PrometheusConfig;
  private readonly warn: (message: string) => void;
  private seriesCount = 0;
  private readonly conflicts = new Set<string>();

  constructor(config: PrometheusConfig, warn: (message: string) => void) {
    this.config = config;
    this.warn = warn;
  }

  /** Takes all points of a batch; gives how many could not be taken. */
  add(batch: MetricBatch, nowMs: number): number {
    const { numbers, histograms, exponentials, summaries } = batch;
    const common = this.commonLabels(batch);
    const target = { batch, common, nowMs };
    return (
      this.addPoints(target, numbers, (i) => ({
        ...nothing,
        number: numberValue(numbers, i),
        exemplars: exemplarsOf(numbers.exemplars, i),
      })) +
      this.addPoints(target, histograms, (i) => ({
        ...nothing,
        count: histograms.total[i]!,
        sum: (histograms.present[i]! & Present.sum) === 0 ? undefined : histograms.sum[i]!,
        bounds: [...histograms.bounds.subarray(histograms.boundOffsets[i]!, histograms.boundOffsets[i + 1]!)],
        buckets: [...histograms.buckets.subarray(histograms.bucketOffsets[i]!, histograms.bucketOffsets[i + 1]!)],
        exemplars: exemplarsOf(histograms.exemplars, i),
      })) +
      // In the text formats a native histogram has only its sum and count.
      this.addPoints(target, exponentials, (i) => ({
        ...nothing,
        count: exponentials.total[i]!,
        sum: (exponentials.present[i]! & Present.sum) === 0 ? undefined : exponentials.sum[i]!,
        exemplars: exemplarsOf(exponentials.exemplars, i),
      })) +
      this.addPoints(target, summaries, (i) => ({
        ...nothing,
        count: summaries.total[i]!,
        sum: summaries.sum[i]!,
        quantiles: Array.from({ length: summaries.quantileOffsets[i + 1]! - summaries.quantileOffsets[i]! }, (_, k) => {
          const at = summaries.quantileOffsets[i]! + k;
          return [summaries.quantiles[at]!, summaries.quantileValues[at]!] as const;
        }),
      }))
    );
  }

  /** Forgets what was not updated for `metric_expiration`. */
  expire(nowMs: number): void {
    for (const [name, family] of this.families) {
      for (const [key, series] of family.series) {
        if (nowMs - series.updatedMs >= this.config.expirationMs && family.series.delete(key)) this.seriesCount--;
      }
      if (family.series.size === 0) this.families.delete(name);
    }
  }

  /** Labels that all points of a resource and scope have, and `target_info` for the rest of the resource. */
  private commonLabels(batch: MetricBatch): (metric: number) => LabelPairs {
    const { resources, scopes, metrics, strings } = batch;
    const byOrigin = new Map<string, LabelPairs>();
    return (metric) => {
      const resource = metrics.resource[metric]!;
      const scope = metrics.scope[metric]!;
      const key = `${resource} ${scope}`;
      let labels = byOrigin.get(key);
      if (labels === undefined) {
        const found = [...identity(resources.attributes, resource)];
        if (this.config.resourceToTelemetry) found.push(...attributePairs(resources.attributes, resource));
        if (!this.config.withoutScopeInfo) {
          found.push(...scopeAttributePairs(scopes.attributes, scope));
          found.push(['otel_scope_name', strings[scopes.name[scope]!]!]);
          found.push(['otel_scope_version', strings[scopes.version[scope]!]!]);
          found.push(['otel_scope_schema_url', strings[scopes.schemaUrl[scope]!]!]);
        }
        labels = found.filter(([, value]) => value !== '');
        byOrigin.set(key, labels);
      }
      return labels;
    };
  }

  private addPoints(
    { batch, common, nowMs }: { batch: MetricBatch; common: (metric: number) => LabelPairs; nowMs: number },
    points: Points,
    read: (row: number) => SeriesValue,
  ): number {
    let rejected = 0;
    for (let row = 0; row < points.count; row++) {
      const metric = points.metric[row]!;
      const family = this.family(batch, metric);
      if (family === undefined) {
        rejected++;
        continue;
      }
      this.addTargetInfo(batch, metric, points.timeNs[row]!, nowMs);
      const labels = mergeLabels(
        [...common(metric), ...attributePairs(points.attributes, row)],
        this.config.constLabels,
      );
      const reserved = labels.find(([name]) => isReserved(name, family.type));
      if (reserved !== undefined) {
        this.warnOnce(family.name, `metric ${family.name} has the reserved label ${reserved[0]} and is left out`);
        rejected++;
        continue;
      }
      if ((points.flags[row]! & flagNoRecordedValue) !== 0) {
        if (family.series.delete(keyOf(labels))) this.seriesCount--;
        continue;
      }
      const delta = batch.metrics.temporality[metric] === Temporality.delta;
      if (!this.put(family, labels, read(row), points.timeNs[row]!, nowMs, delta)) rejected++;
    }
    return rejected;
  }

  private family(batch: MetricBatch, metric: number): Family | undefined {
    const { metrics, strings } = batch;
    const type = metrics.type[metric]!;
    const monotonic = metrics.monotonic[metric] !== 0;
    const name = metricName(
      { name: strings[metrics.name[metric]!]!, unit: strings[metrics.unit[metric]!]!, type, monotonic },
      this.config.namespace,
      this.config.addMetricSuffixes,
    );
    if (name === '') {
      this.warnOnce(name, 'a metric without a name is left out; its name has no letter, digit or colon');
      return undefined;
    }
    const shown = shownType(type, monotonic);
    const known = this.families.get(name);
    if (known !== undefined) {
      if (known.type === shown) return known;
      this.warnOnce(name, `metric ${name} is a ${known.type} and arrives as a ${shown} as well, which is left out`);
      return undefined;
    }
    const family: Family = { name, help: strings[metrics.description[metric]!]!, type: shown, series: new Map() };
    this.families.set(name, family);
    return family;
  }

  private warnOnce(name: string, message: string): void {
    if (this.conflicts.has(name)) return;
    this.conflicts.add(name);
    this.warn(message);
  }

  private put(
    family: Family,
    labels: LabelPairs,
    value: SeriesValue,
    timeNs: bigint,
    nowMs: number,
    delta: boolean,
  ): boolean {
    const key = keyOf(labels);
    const known = family.series.get(key);
    if (known === undefined) {
      if (this.seriesCount >= seriesMax) return false;
      this.seriesCount++;
      family.series.set(key, { labels, value, timeNs, updatedMs: nowMs });
      return true;
    }
    // What is older than what is shown is late and says nothing new.
    if (timeNs < known.timeNs) return true;
    const kept = value.exemplars.length > 0 ? value.exemplars : known.value.exemplars;
    known.value = { ...(delta ? sumOf(known.value, value) : value), exemplars: kept.slice(-exemplarsMax) };
    known.timeNs = timeNs;
    known.updatedMs = nowMs;
    return true;
  }

  private addTargetInfo(batch: MetricBatch, metric: number, timeNs: bigint, nowMs: number): void {
    const resource = batch.metrics.resource[metric]!;
    const table = batch.resources.attributes;
    const found = identity(table, resource);
    const rest = attributePairs(table, resource, identityKeys);
    if (found.length === 0 || rest.length === 0) return;
    let family = this.families.get('target_info');
    if (family === undefined) {
      family = { name: 'target_info', help: 'Target metadata', type: 'gauge', series: new Map() };
      this.families.set('target_info', family);
    }
    const labels = mergeLabels([...found, ...rest], this.config.constLabels);
    this.put(family, labels, { ...nothing, number: 1 }, timeNs, nowMs, false);
  }
}

const identityKeys: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** `job` and `instance` of a resource. */
function identity(table: AttributeTable, resource: number): (readonly [string, string])[] {
  const service = attributeText(table, resource, 'service.name');
  const namespace = attributeText(table, resource, 'service.namespace');
  const instance = attributeText(table, resource, 'service.instance.id');
  const labels: (readonly [string, string])[] = [];
  if (service !== undefined) labels.push(['job', namespace === undefined ? service : `${namespace}/${service}`]);
  if (instance !== undefined) labels.push(['instance', instance]);
  return labels;
}

function attributePairs(
  table: AttributeTable,
  owner: number,
  without: ReadonlySet<string> = new Set(),
  prefix = '',
): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  const end = table.offsets[owner + 1]!;
  for (let row = table.offsets[owner]!; row < end; row++) {
    const key = attributeKey(table, row);
    if (!without.has(key)) found.push([key, valueText(table, row)]);
  }
  // Values of keys that become one label are joined in the order of the keys (the specification's rule).
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  return found.map(([key, value]) => [labelName(prefix + key), value]);
}

/** Attributes that would take the name of a label that says something else of the scope. */
const scopeLabelKeys: ReadonlySet<string> = new Set(['name', 'version', 'schema_url']);

function scopeAttributePairs(table: AttributeTable, scope: number): (readonly [string, string])[] {
  return attributePairs(table, scope, scopeLabelKeys, 'otel_scope_');
}

/** Labels in order of their names; values of keys that became equal are joined, constant labels win. */
function mergeLabels(pairs: readonly (readonly [string, string])[], constant: LabelPairs): LabelPairs {
  const merged = new Map<string, string>();
  for (const [name, value] of pairs) {
    const known = merged.get(name);
    merged.set(name, known === undefined || known === value ? value : `${known};${value}`);
  }
  for (const [name, value] of constant) merged.set(name, value);
  merged.delete('');
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Labels that the exposition writes itself: a second one would make the reader refuse the page with all its series. */
function isReserved(label: string, type: Family['type']): boolean {
  if (label.startsWith('__')) return true;
  return (label === 'le' && type === 'histogram') || (label === 'quantile' && type === 'summary');
}

function keyOf(labels: LabelPairs): string {
  return labels.map(([name, value]) => `${name}\u0000${value}`).join('\u0001');
}

function shownType(type: number, monotonic: boolean): Family['type'] {
  if (type === MetricType.histogram || type === MetricType.exponentialHistogram) return 'histogram';
  if (type === MetricType.summary) return 'summary';
  return type === MetricType.sum && monotonic ? 'counter' : 'gauge';
}

/** Delta points are added up; a histogram whose bounds have changed starts anew. */
function sumOf(before: SeriesValue, more: SeriesValue): SeriesValue {
  const sameBounds = before.bounds.length === more.bounds.length && before.bounds.every((b, i) => b === more.bounds[i]);
  if (!sameBounds) return more;
  return {
    ...more,
    number: before.number + more.number,
    count: before.count + more.count,
    sum: more.sum === undefined ? undefined : (before.sum ?? 0) + more.sum,
    buckets: more.buckets.map((count, i) => count + (before.buckets[i] ?? 0)),
  };
}

function exemplarsOf(exemplars: ExemplarTable, point: number): Exemplar[] {
  const found: Exemplar[] = [];
  for (let row = exemplars.offsets[point]!; row < exemplars.offsets[point + 1]!; row++) {
    const labels: (readonly [string, string])[] = [...attributeMap(exemplars.attributes, row)].map(([key, value]) => [
      labelName(key),
      anyValueText(value),
    ]);
    const traceId = traceIdHex(exemplars.traceIds, row);
    const spanId = spanIdHex(exemplars.spanIds, row);
    if (/[^0]/.test(traceId)) labels.push(['trace_id', traceId]);
    if (/[^0]/.test(spanId)) labels.push(['span_id', spanId]);
    found.push({ labels, value: numberValue(exemplars, row), timeNs: exemplars.timeNs[row]! });
  }
  return found;
}
