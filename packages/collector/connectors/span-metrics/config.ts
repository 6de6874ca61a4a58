// The configuration of the span metrics connector, with the keys and defaults of the real one.
import type { ConfigNode } from '@mario/service';
import { count, durationMs, flag, type ReadContext, text } from '../../config/read-context.ts';
import { type DurationShape, defaultBoundsMs } from '../series/durations.ts';

/** An attribute of the span, or of its resource, that becomes one of the series. */
export interface Dimension {
  readonly name: string;
  /** Taken when neither has it; undefined leaves the dimension out. */
  readonly fallback: string | undefined;
}

/** Bounds are in the configuration's `unit`. */
export interface DurationConfig extends DurationShape {
  readonly dimensions: readonly Dimension[];
}

export interface SpanMetricsConfig {
  readonly namespace: string;
  readonly dimensions: readonly Dimension[];
  readonly callsDimensions: readonly Dimension[];
  /** In which durations are measured, and told by exemplars. */
  readonly unit: 'ms' | 's';
  /** Undefined when durations are not measured. */
  readonly duration: DurationConfig | undefined;
  /** Undefined when events are not counted. */
  readonly eventDimensions: readonly Dimension[] | undefined;
  readonly excluded: ReadonlySet<string>;
  readonly delta: boolean;
  /** 0: after each batch. */
  readonly flushIntervalMs: number;
  /** Series without new spans for this long go; 0: never. */
  readonly expirationMs: number;
  /** Exemplars of a series between two flushes; 0: none. */
  readonly exemplarsMax: number;
  /** Attributes by which resources are told apart; empty: all. */
  readonly resourceKeys: readonly string[];
  /** Resources of which series are kept; the one not seen for longest goes when another comes. */
  readonly resourcesMax: number;
  /** Series of one metric and resource; further spans are counted in one series for all of them. */
  readonly seriesMax: number;
}

const defaultNamespace = 'traces.span.metrics';
const defaultFlushIntervalMs = 60_000;
/** The real connector has no limit unless told; a span name with an id in it must not fill the memory. */
const defaultSeriesMax = 20_000;
/** The real connector's. */
const defaultResourcesMax = 1000;
/** As many as are of use for one point of a chart. */
const defaultExemplarsMax = 5;
const exponentialSizeDefault = 160;
/** Below this a histogram could not hold two values of different magnitude. */
const exponentialSizeMin = 2;

/** What every series has unless it is excluded. */
export const commonDimensions = [
  'service.name',
  'span.name',
  'span.kind',
  'status.code',
  'collector.instance.id',
] as const;

/** Names that no dimension of the configuration may have. */
const reservedDimensions = commonDimensions.filter((name) => name !== 'collector.instance.id');

export function readSpanMetricsConfig(node: ConfigNode, context: ReadContext): SpanMetricsConfig {
  const fields = node.fields({
    namespace: 'used',
    dimensions: 'used',
    calls_dimensions: 'used',
    exclude_dimensions: 'used',
    histogram: 'used',
    events: 'used',
    exemplars: 'used',
    aggregation_temporality: 'used',
    aggregation_cardinality_limit: 'used',
    metrics_flush_interval: 'used',
    metrics_expiration: 'used',
    series_expiration: 'used',
    // The real one asks for it only where a feature gate took the resource's attributes away, which no gate does here.
    add_resource_attributes: 'used',
    resource_metrics_key_attributes: 'used',
    include_instrumentation_scope: 'used',
    enable_metrics_sampling_method: 'unused',
    dimensions_cache_size: 'unused',
    resource_metrics_cache_size: 'used',
    metric_timestamp_cache_size: 'unused',
  });
  const dimensions = readDimensions(fields.dimensions, [], context);
  if ((fields.include_instrumentation_scope?.list().length ?? 0) > 0) {
    context.refuse(
      fields.include_instrumentation_scope!,
      'include_instrumentation_scope is not supported by the embedded span metrics connector',
    );
  }
  const expirations = [fields.metrics_expiration, fields.series_expiration].map((each) => durationMs(each, 0));
  const limit = count(fields.aggregation_cardinality_limit, 0);
  return {
    namespace: text(fields.namespace, defaultNamespace),
    dimensions,
    callsDimensions: readDimensions(fields.calls_dimensions, dimensions, context),
    ...readHistogram(fields.histogram, dimensions, context),
    eventDimensions: readEvents(fields.events, dimensions, context),
    excluded: new Set(fields.exclude_dimensions?.strings() ?? []),
    delta: fields.aggregation_temporality?.string() === 'AGGREGATION_TEMPORALITY_DELTA',
    flushIntervalMs: durationMs(fields.metrics_flush_interval, defaultFlushIntervalMs),
    expirationMs: Math.min(...expirations.map((ms) => ms || Number.POSITIVE_INFINITY)),
    exemplarsMax: readExemplars(fields.exemplars),
    resourceKeys: fields.resource_metrics_key_attributes?.strings() ?? [],
    resourcesMax: count(fields.resource_metrics_cache_size, defaultResourcesMax) || defaultResourcesMax,
    seriesMax: limit > 0 ? limit : defaultSeriesMax,
  };
}

function readDimensions(node: ConfigNode | undefined, others: readonly Dimension[], context: ReadContext): Dimension[] {
  const taken = new Set<string>([...reservedDimensions, ...others.map(({ name }) => name)]);
  return (node?.list() ?? []).flatMap((item) => {
    const fields = item.fields({ name: 'used', default: 'used', glob: 'used' });
    if (fields.glob !== undefined) {
      context.refuse(fields.glob, 'glob is not supported by the embedded span metrics connector: name each dimension');
      return [];
    }
    const name = text(fields.name, '');
    if (taken.has(name)) item.error(`failed validating dimensions: duplicate dimension name ${name}`);
    taken.add(name);
    return [{ name, fallback: fields.default?.string() }];
  });
}

function readHistogram(
  node: ConfigNode | undefined,
  dimensions: readonly Dimension[],
  context: ReadContext,
): Pick<SpanMetricsConfig, 'unit' | 'duration'> {
  const fields =
    node?.fields({ disable: 'used', unit: 'used', explicit: 'used', exponential: 'used', dimensions: 'used' }) ?? {};
  const name = text(fields.unit, 'ms');
  if (name !== 'ms' && name !== 's') fields.unit!.error(`unknown unit ${JSON.stringify(name)}: must be "ms" or "s"`);
  const unit = name === 's' ? 's' : 'ms';
  if (fields.explicit !== undefined && fields.exponential !== undefined) {
    node!.error('use either `explicit` or `exponential` buckets histogram');
  }
  const { buckets } = fields.explicit?.fields({ buckets: 'used' }) ?? {};
  const given = (buckets?.list() ?? []).map((each) => durationMs(each, 0));
  const boundsMs = given.length > 0 ? given : defaultBoundsMs;
  const { max_size } = fields.exponential?.fields({ max_size: 'used' }) ?? {};
  const sizeMax = count(max_size, exponentialSizeDefault) || exponentialSizeDefault;
  if (sizeMax < exponentialSizeMin) max_size!.error(`must be at least ${exponentialSizeMin}`);
  const own = readDimensions(fields.dimensions, dimensions, context);
  if (flag(fields.disable, false)) return { unit, duration: undefined };
  const duration = {
    bounds: fields.exponential === undefined ? boundsMs.map((ms) => (unit === 's' ? ms / 1000 : ms)) : undefined,
    sizeMax,
    dimensions: own,
  };
  return { unit, duration };
}

function readEvents(
  node: ConfigNode | undefined,
  dimensions: readonly Dimension[],
  context: ReadContext,
): readonly Dimension[] | undefined {
  const fields = node?.fields({ enabled: 'used', dimensions: 'used' }) ?? {};
  const own = readDimensions(fields.dimensions, dimensions, context);
  if (!flag(fields.enabled, false)) return undefined;
  if (own.length === 0) node!.error('failed validating event dimensions: no dimensions configured for events');
  return own;
}

function readExemplars(node: ConfigNode | undefined): number {
  const fields = node?.fields({ enabled: 'used', max_per_data_point: 'used' }) ?? {};
  return flag(fields.enabled, false) ? count(fields.max_per_data_point, defaultExemplarsMax) : 0;
}
