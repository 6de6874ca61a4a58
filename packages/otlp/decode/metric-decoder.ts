// Decodes an ExportMetricsServiceRequest in protobuf into a metric batch.
import { MetricColumns } from '../build/metric-columns.ts';
import { PoolColumns } from '../build/pool.ts';
import { type MetricBatch, MetricType, Temporality } from '../model/metrics.ts';
import { AttributeReader, AttributeSite } from './attribute-reader.ts';
import { OriginReader } from './origin-reader.ts';
import { PointReader } from './point-reader.ts';
import { WireReader, WireType } from './wire-reader.ts';

/** Decodes `bytes`; throws `DecodeError`. */
export function decodeMetrics(bytes: Uint8Array): MetricBatch {
  return decoder.decode(bytes);
}

/** Field of `Metric.data` to the type of metric. */
const typeOfField: { readonly [field: number]: number } = {
  5: MetricType.gauge,
  7: MetricType.sum,
  9: MetricType.histogram,
  10: MetricType.exponentialHistogram,
  11: MetricType.summary,
};

class MetricDecoder {
  private readonly reader = new WireReader();
  private readonly columns = new MetricColumns(new PoolColumns());
  private readonly attributes = new AttributeReader(this.reader);
  private readonly points = new PointReader(this.reader, this.columns, this.attributes);
  private readonly origin = new OriginReader(this.reader, this.columns, this.attributes, (end, resource, scope) =>
    this.metric(end, resource, scope),
  );
  private readonly metadataSite = new AttributeSite();
  private namePredicted = -1;
  private temporality = 0;
  private monotonic = 0;

  decode(bytes: Uint8Array): MetricBatch {
    const { reader, columns } = this;
    const generation = reader.strings.generation;
    reader.begin(bytes, columns.pool.strings);
    if (generation !== reader.strings.generation) this.namePredicted = -1;
    this.metadataSite.begin(reader.strings.generation);
    this.points.begin(reader.strings.generation);
    try {
      this.origin.request();
      return columns.take();
    } catch (error) {
      columns.clear();
      throw error;
    } finally {
      reader.end();
    }
  }

  private metric(outerEnd: number, resource: number, scope: number): void {
    const { reader, columns } = this;
    const end = reader.nested(outerEnd);
    const { metadata } = columns.metrics;
    let name = 0;
    let description = 0;
    let unit = 0;
    let dataField = 0;
    let dataStart = 0;
    let dataEnd = 0;
    let attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        name = reader.string(end, this.namePredicted, 'Metric.name');
        this.namePredicted = reader.strings.entry;
      } else if (field === 2) description = reader.string(end, -1, 'Metric.description');
      else if (field === 3) unit = reader.string(end, -1, 'Metric.unit');
      else if (typeOfField[field] !== undefined) {
        // The kinds of data exclude each other: as in any protobuf `oneof`, the last one counts, so it is read last.
        dataEnd = reader.message(end, 'Metric.data');
        dataField = field;
        dataStart = reader.pos;
        reader.pos = dataEnd;
      } else if (field === 12) {
        reader.expect(WireType.bytes, 'Metric.metadata');
        this.attributes.keyValue(end, metadata, this.metadataSite, attributeCount++);
      } else reader.skip(end);
    }
    reader.finish(end);
    this.temporality = Temporality.unspecified;
    this.monotonic = 0;
    if (dataField !== 0) this.data(dataField, dataStart, dataEnd);
    reader.pos = end;
    const type = typeOfField[dataField] ?? MetricType.empty;
    const { temporality, monotonic } = this;
    columns.metrics.end({ name, description, unit, type, temporality, monotonic, resource, scope });
  }

  /** Gauge, Sum, Histogram, ExponentialHistogram, Summary: points are field 1 of all of them. */
  private data(dataField: number, start: number, end: number): void {
    const { reader } = this;
    const metric = this.columns.metrics.count;
    reader.pos = start;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) this.points.point(dataField, metric, reader.message(end, 'data_points'));
      else if (field === 2 && dataField !== 5 && dataField !== 11) {
        const temporality = reader.u32('aggregation_temporality');
        this.temporality = temporality <= Temporality.cumulative ? temporality : Temporality.unspecified;
      } else if (field === 3 && dataField === 7) this.monotonic = reader.u32('is_monotonic') === 0 ? 0 : 1;
      else reader.skip(end);
    }
    reader.finish(end);
  }
}

const decoder = new MetricDecoder();
