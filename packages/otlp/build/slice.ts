// Parts of a batch, without copying: all slices share the memory of the whole.
import type { AttributeTable } from '../model/attributes.ts';
import type { LogBatch } from '../model/logs.ts';
import type { ExemplarTable, ExponentialBuckets, MetricBatch, Points } from '../model/metrics.ts';
import type { SpanBatch } from '../model/spans.ts';

/** Spans `from` up to, not including, `to`. */
export function sliceSpans(batch: SpanBatch, from: number, to: number): SpanBatch {
  const { events, links } = batch;
  return {
    ...batch,
    count: to - from,
    resource: batch.resource.subarray(from, to),
    scope: batch.scope.subarray(from, to),
    traceIds: batch.traceIds.subarray(from * 16, to * 16),
    spanIds: batch.spanIds.subarray(from * 8, to * 8),
    parentSpanIds: batch.parentSpanIds.subarray(from * 8, to * 8),
    traceState: batch.traceState.subarray(from, to),
    flags: batch.flags.subarray(from, to),
    name: batch.name.subarray(from, to),
    kind: batch.kind.subarray(from, to),
    startNs: batch.startNs.subarray(from, to),
    endNs: batch.endNs.subarray(from, to),
    statusCode: batch.statusCode.subarray(from, to),
    statusMessage: batch.statusMessage.subarray(from, to),
    attributes: sliceAttributes(batch.attributes, from, to),
    droppedAttributes: batch.droppedAttributes.subarray(from, to),
    events: { ...events, offsets: sliceOffsets(events.offsets, from, to), dropped: events.dropped.subarray(from, to) },
    links: { ...links, offsets: sliceOffsets(links.offsets, from, to), dropped: links.dropped.subarray(from, to) },
  };
}

/** Records `from` up to, not including, `to`. */
export function sliceLogs(batch: LogBatch, from: number, to: number): LogBatch {
  return {
    ...batch,
    count: to - from,
    resource: batch.resource.subarray(from, to),
    scope: batch.scope.subarray(from, to),
    timeNs: batch.timeNs.subarray(from, to),
    observedNs: batch.observedNs.subarray(from, to),
    severityNumber: batch.severityNumber.subarray(from, to),
    severityText: batch.severityText.subarray(from, to),
    body: {
      ...batch.body,
      types: batch.body.types.subarray(from, to),
      payload: batch.body.payload.subarray(from, to),
    },
    attributes: sliceAttributes(batch.attributes, from, to),
    droppedAttributes: batch.droppedAttributes.subarray(from, to),
    traceIds: batch.traceIds.subarray(from * 16, to * 16),
    spanIds: batch.spanIds.subarray(from * 8, to * 8),
    flags: batch.flags.subarray(from, to),
    eventName: batch.eventName.subarray(from, to),
  };
}

/**
 * Points `from` up to, not including, `to`, counted through numbers, histograms, exponential histograms and summaries
 * in this order. The table of metrics stays whole.
 */
export function sliceMetrics(batch: MetricBatch, from: number, to: number): MetricBatch {
  let before = 0;
  const within = (points: Points): [number, number] => {
    const start = Math.min(Math.max(from - before, 0), points.count);
    const end = Math.min(Math.max(to - before, start), points.count);
    before += points.count;
    return [start, end];
  };
  const { numbers, histograms, exponentials, summaries } = batch;
  const n = within(numbers);
  const h = within(histograms);
  const e = within(exponentials);
  const s = within(summaries);
  return {
    ...batch,
    count: to - from,
    numbers: {
      ...slicePoints(numbers, n),
      valueType: numbers.valueType.subarray(...n),
      doubles: numbers.doubles.subarray(...n),
      ints: numbers.ints.subarray(...n),
      exemplars: sliceExemplars(numbers.exemplars, n),
    },
    histograms: {
      ...sliceDistribution(histograms, h),
      bounds: histograms.bounds,
      boundOffsets: sliceOffsets(histograms.boundOffsets, ...h),
      buckets: histograms.buckets,
      bucketOffsets: sliceOffsets(histograms.bucketOffsets, ...h),
    },
    exponentials: {
      ...sliceDistribution(exponentials, e),
      scale: exponentials.scale.subarray(...e),
      zeroCount: exponentials.zeroCount.subarray(...e),
      zeroThreshold: exponentials.zeroThreshold.subarray(...e),
      positive: sliceBuckets(exponentials.positive, e),
      negative: sliceBuckets(exponentials.negative, e),
    },
    summaries: {
      ...slicePoints(summaries, s),
      total: summaries.total.subarray(...s),
      sum: summaries.sum.subarray(...s),
      quantileOffsets: sliceOffsets(summaries.quantileOffsets, ...s),
      quantiles: summaries.quantiles,
      quantileValues: summaries.quantileValues,
    },
  };
}

type Range = [from: number, to: number];

function slicePoints(points: Points, [from, to]: Range): Points {
  return {
    count: to - from,
    metric: points.metric.subarray(from, to),
    startNs: points.startNs.subarray(from, to),
    timeNs: points.timeNs.subarray(from, to),
    flags: points.flags.subarray(from, to),
    attributes: sliceAttributes(points.attributes, from, to),
  };
}

function sliceDistribution(points: MetricBatch['histograms'] | MetricBatch['exponentials'], range: Range) {
  return {
    ...slicePoints(points, range),
    total: points.total.subarray(...range),
    sum: points.sum.subarray(...range),
    min: points.min.subarray(...range),
    max: points.max.subarray(...range),
    present: points.present.subarray(...range),
    exemplars: sliceExemplars(points.exemplars, range),
  };
}

function sliceBuckets(buckets: ExponentialBuckets, [from, to]: Range): ExponentialBuckets {
  return {
    first: buckets.first.subarray(from, to),
    offsets: sliceOffsets(buckets.offsets, from, to),
    counts: buckets.counts,
  };
}

function sliceExemplars(exemplars: ExemplarTable, [from, to]: Range): ExemplarTable {
  return { ...exemplars, offsets: sliceOffsets(exemplars.offsets, from, to) };
}

function sliceAttributes(table: AttributeTable, from: number, to: number): AttributeTable {
  return { ...table, offsets: sliceOffsets(table.offsets, from, to) };
}

function sliceOffsets(offsets: Uint32Array, from: number, to: number): Uint32Array {
  return offsets.subarray(from, to + 1);
}
