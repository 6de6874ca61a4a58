// Reads data points and exemplars straight into the point columns.
import type { F64Column } from '../build/growable.ts';
import type { MetricColumns } from '../build/metric-columns.ts';
import type {
  ExemplarColumns,
  ExponentialBucketColumns,
  ExponentialColumns,
  HistogramColumns,
} from '../build/point-columns.ts';
import type { AttributeColumns } from '../build/value-columns.ts';
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import { NumberType, Present } from '../model/metrics.ts';
import { type AttributeReader, AttributeSite } from './attribute-reader.ts';
import { type WireReader, WireType } from './wire-reader.ts';

export class PointReader {
  private readonly reader: WireReader;
  private readonly columns: MetricColumns;
  private readonly attributes: AttributeReader;
  private readonly pointSite = new AttributeSite();
  private readonly exemplarSite = new AttributeSite();
  private attributeCount = 0;
  private flags = 0;

  constructor(reader: WireReader, columns: MetricColumns, attributes: AttributeReader) {
    this.reader = reader;
    this.columns = columns;
    this.attributes = attributes;
  }

  begin(generation: number): void {
    this.pointSite.begin(generation);
    this.exemplarSite.begin(generation);
  }

  /** Reads one point up to `end`; `dataField` is the field of `Metric` that it stands in. */
  point(dataField: number, metric: number, end: number): void {
    this.attributeCount = 0;
    this.flags = 0;
    if (dataField === 9) this.histogram(metric, end);
    else if (dataField === 10) this.exponential(metric, end);
    else if (dataField === 11) this.summary(metric, end);
    else this.number(metric, end);
  }

  private number(metric: number, end: number): void {
    const { reader } = this;
    const { numbers } = this.columns;
    const row = numbers.beginPoint();
    while (reader.pos < end) {
      const field = reader.tag();
      switch (field) {
        case 2:
          reader.word64(numbers.startNs, row, 'start_time_unix_nano');
          break;
        case 3:
          reader.word64(numbers.timeNs, row, 'time_unix_nano');
          break;
        case 4:
        case 6:
          reader.word64(numbers.values, row, field === 4 ? 'as_double' : 'as_int');
          numbers.valueType.data[row] = field === 4 ? NumberType.double : NumberType.int;
          break;
        case 5:
          this.exemplar(numbers.exemplars, reader.message(end, 'exemplars'));
          break;
        case 7:
          this.attribute(numbers.attributes, end);
          break;
        case 8:
          this.flags = reader.u32('flags');
          break;
        default:
          reader.skip(end);
      }
    }
    reader.finish(end);
    numbers.endPoint(metric, this.flags);
  }

  private histogram(metric: number, end: number): void {
    const { reader } = this;
    const { histograms } = this.columns;
    const row = histograms.beginPoint();
    while (reader.pos < end) {
      const field = reader.tag();
      switch (field) {
        case 6:
          this.counts(histograms.buckets, end, 'bucket_counts');
          break;
        case 7:
          this.doubles(histograms.bounds, end, 'explicit_bounds');
          break;
        case 8:
          this.exemplar(histograms.exemplars, reader.message(end, 'exemplars'));
          break;
        case 9:
          this.attribute(histograms.attributes, end);
          break;
        case 10:
          this.flags = reader.u32('flags');
          break;
        case 11:
          this.extreme(histograms, row, Present.min);
          break;
        case 12:
          this.extreme(histograms, row, Present.max);
          break;
        default:
          this.distributionField(field, histograms, row, end);
      }
    }
    reader.finish(end);
    histograms.endPoint(metric, this.flags);
  }

  private exponential(metric: number, end: number): void {
    const { reader } = this;
    const { exponentials } = this.columns;
    const row = exponentials.beginPoint();
    let positiveFirst = 0;
    let negativeFirst = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      switch (field) {
        case 1:
          this.attribute(exponentials.attributes, end);
          break;
        case 6:
          exponentials.scale.set(row, zigzag(reader.u32('scale')));
          break;
        case 7:
          reader.expect(WireType.fixed64, 'zero_count');
          exponentials.zeroCount.data[row] = reader.fixed64Number();
          break;
        case 8:
          positiveFirst = this.buckets(exponentials.positive, positiveFirst, reader.message(end, 'positive'));
          break;
        case 9:
          negativeFirst = this.buckets(exponentials.negative, negativeFirst, reader.message(end, 'negative'));
          break;
        case 10:
          this.flags = reader.u32('flags');
          break;
        case 11:
          this.exemplar(exponentials.exemplars, reader.message(end, 'exemplars'));
          break;
        case 12:
          this.extreme(exponentials, row, Present.min);
          break;
        case 13:
          this.extreme(exponentials, row, Present.max);
          break;
        case 14:
          reader.expect(WireType.fixed64, 'zero_threshold');
          exponentials.zeroThreshold.data[row] = reader.double();
          break;
        default:
          this.distributionField(field, exponentials, row, end);
      }
    }
    reader.finish(end);
    exponentials.positive.endPoint(positiveFirst);
    exponentials.negative.endPoint(negativeFirst);
    exponentials.endPoint(metric, this.flags);
  }

  private summary(metric: number, end: number): void {
    const { reader } = this;
    const { summaries } = this.columns;
    const row = summaries.beginPoint();
    while (reader.pos < end) {
      const field = reader.tag();
      switch (field) {
        case 2:
          reader.word64(summaries.startNs, row, 'start_time_unix_nano');
          break;
        case 3:
          reader.word64(summaries.timeNs, row, 'time_unix_nano');
          break;
        case 4:
          reader.expect(WireType.fixed64, 'count');
          summaries.total.data[row] = reader.fixed64Number();
          break;
        case 5:
          reader.expect(WireType.fixed64, 'sum');
          summaries.sum.data[row] = reader.double();
          break;
        case 6:
          this.quantile(reader.message(end, 'quantile_values'));
          break;
        case 7:
          this.attribute(summaries.attributes, end);
          break;
        case 8:
          this.flags = reader.u32('flags');
          break;
        default:
          reader.skip(end);
      }
    }
    reader.finish(end);
    summaries.endPoint(metric, this.flags);
  }

  /** The fields that both kinds of histogram number alike. */
  private distributionField(
    field: number,
    columns: HistogramColumns | ExponentialColumns,
    row: number,
    end: number,
  ): void {
    const { reader } = this;
    if (field === 2) reader.word64(columns.startNs, row, 'start_time_unix_nano');
    else if (field === 3) reader.word64(columns.timeNs, row, 'time_unix_nano');
    else if (field === 4) {
      reader.expect(WireType.fixed64, 'count');
      columns.total.data[row] = reader.fixed64Number();
    } else if (field === 5) {
      reader.expect(WireType.fixed64, 'sum');
      columns.sum.data[row] = reader.double();
      columns.present.data[row]! |= Present.sum;
    } else reader.skip(end);
  }

  private extreme(columns: HistogramColumns | ExponentialColumns, row: number, which: 2 | 4): void {
    this.reader.expect(WireType.fixed64, which === Present.min ? 'min' : 'max');
    (which === Present.min ? columns.min : columns.max).data[row] = this.reader.double();
    columns.present.data[row]! |= which;
  }

  private attribute(columns: AttributeColumns, end: number): void {
    this.reader.expect(WireType.bytes, 'attributes');
    this.attributes.keyValue(end, columns, this.pointSite, this.attributeCount++);
  }

  /** Repeated fixed64: packed as a rule, one by one from old writers. */
  private counts(column: F64Column, end: number, place: string): void {
    const { reader } = this;
    if (reader.wireType === WireType.fixed64) {
      column.push(reader.fixed64Number());
      return;
    }
    const to = reader.message(end, place);
    while (reader.pos < to) column.push(reader.fixed64Number());
    reader.finish(to);
  }

  private doubles(column: F64Column, end: number, place: string): void {
    const { reader } = this;
    if (reader.wireType === WireType.fixed64) {
      column.push(reader.double());
      return;
    }
    const to = reader.message(end, place);
    while (reader.pos < to) column.push(reader.double());
    reader.finish(to);
  }

  /** Gives the index of the first bucket. */
  private buckets(columns: ExponentialBucketColumns, firstBefore: number, end: number): number {
    const { reader } = this;
    let first = firstBefore;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) first = zigzag(reader.u32('offset'));
      else if (field === 2) this.bucketCounts(columns.counts, end);
      else reader.skip(end);
    }
    reader.finish(end);
    return first;
  }

  /** Repeated varints, packed or not. */
  private bucketCounts(column: F64Column, end: number): void {
    const { reader } = this;
    if (reader.wireType === WireType.varint) {
      reader.varint64();
      column.push(reader.high * 4294967296 + reader.low);
      return;
    }
    const to = reader.message(end, 'bucket_counts');
    while (reader.pos < to) {
      reader.varint64();
      column.push(reader.high * 4294967296 + reader.low);
    }
    reader.finish(to);
  }

  private quantile(end: number): void {
    const { reader } = this;
    const { summaries } = this.columns;
    let quantile = 0;
    let value = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        reader.expect(WireType.fixed64, 'quantile');
        quantile = reader.double();
      } else if (field === 2) {
        reader.expect(WireType.fixed64, 'value');
        value = reader.double();
      } else reader.skip(end);
    }
    reader.finish(end);
    summaries.quantiles.push(quantile);
    summaries.quantileValues.push(value);
  }

  private exemplar(columns: ExemplarColumns, end: number): void {
    const { reader } = this;
    const row = columns.beginExemplar();
    let attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      switch (field) {
        case 2:
          reader.word64(columns.timeNs, row, 'Exemplar.time_unix_nano');
          break;
        case 3:
        case 6:
          reader.word64(columns.values, row, field === 3 ? 'Exemplar.as_double' : 'Exemplar.as_int');
          columns.valueType.data[row] = field === 3 ? NumberType.double : NumberType.int;
          break;
        case 4:
          reader.id(columns.spanIds, row, spanIdBytes, end, 'Exemplar.span_id');
          break;
        case 5:
          reader.id(columns.traceIds, row, traceIdBytes, end, 'Exemplar.trace_id');
          break;
        case 7:
          reader.expect(WireType.bytes, 'Exemplar.filtered_attributes');
          this.attributes.keyValue(end, columns.attributes, this.exemplarSite, attributeCount++);
          break;
        default:
          reader.skip(end);
      }
    }
    reader.finish(end);
    columns.attributes.endOwner();
  }
}

/** A signed number from protobuf's zigzag form. */
function zigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
