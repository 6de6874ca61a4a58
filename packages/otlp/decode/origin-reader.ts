// Reads what the three signals share: the request's list of resources, each with its list of scopes and their records.
import type { ResourceColumns, ScopeColumns } from '../build/origin-columns.ts';
import { type AttributeReader, AttributeSite } from './attribute-reader.ts';
import { type WireReader, WireType } from './wire-reader.ts';

interface Columns {
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
}

/** Reads one record (span, log record, metric), whose length comes next. */
export type RecordReader = (outerEnd: number, resource: number, scope: number) => void;

/**
 * ExportTraceServiceRequest, ExportMetricsServiceRequest and ExportLogsServiceRequest have one shape and the same field
 * numbers; only the records differ.
 */
export class OriginReader {
  readonly attributes: AttributeReader;
  private readonly reader: WireReader;
  private readonly columns: Columns;
  private readonly record: RecordReader;
  private readonly resourceSite = new AttributeSite();
  private readonly scopeSite = new AttributeSite();
  private dropped = 0;
  private name = 0;
  private version = 0;
  private attributeCount = 0;

  constructor(reader: WireReader, columns: Columns, attributes: AttributeReader, record: RecordReader) {
    this.reader = reader;
    this.attributes = attributes;
    this.columns = columns;
    this.record = record;
  }

  /** Reads the whole request. */
  request(): void {
    const { reader } = this;
    const end = reader.bytes.length;
    this.resourceSite.begin(reader.strings.generation);
    this.scopeSite.begin(reader.strings.generation);
    while (reader.pos < end) {
      if (reader.tag() === 1) {
        this.resourceEntry(reader.message(end, 'resource list'));
      } else reader.skip(end);
    }
    reader.finish(end);
  }

  /** ResourceSpans, ResourceMetrics, ResourceLogs: the resource may follow its records. */
  private resourceEntry(end: number): void {
    const { reader, columns } = this;
    const index = columns.resources.count;
    let schemaUrl = 0;
    let dropped = 0;
    this.attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        reader.expect(WireType.bytes, 'resource');
        this.dropped = dropped;
        this.resource(reader.nested(end));
        dropped = this.dropped;
      } else if (field === 2) {
        reader.expect(WireType.bytes, 'scope list');
        const attributeCount = this.attributeCount;
        this.scopeEntry(reader.nested(end), index);
        this.attributeCount = attributeCount;
      } else if (field === 3) {
        schemaUrl = reader.string(end, -1, 'schema_url');
      } else reader.skip(end);
    }
    reader.finish(end);
    columns.resources.end(schemaUrl, dropped);
  }

  private resource(end: number): void {
    const { reader, columns } = this;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        reader.expect(WireType.bytes, 'Resource.attributes');
        this.attributes.keyValue(end, columns.resources.attributes, this.resourceSite, this.attributeCount++);
      } else if (field === 2) {
        this.dropped = reader.u32('Resource.dropped_attributes_count');
      } else reader.skip(end);
    }
    reader.finish(end);
  }

  /** ScopeSpans, ScopeMetrics, ScopeLogs. */
  private scopeEntry(end: number, resource: number): void {
    const { reader, columns } = this;
    const index = columns.scopes.count;
    let schemaUrl = 0;
    this.name = 0;
    this.version = 0;
    this.dropped = 0;
    this.attributeCount = 0;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 2) {
        reader.expect(WireType.bytes, 'record');
        this.record(end, resource, index);
      } else if (field === 1) {
        this.scope(reader.message(end, 'scope'));
      } else if (field === 3) {
        schemaUrl = reader.string(end, -1, 'schema_url');
      } else reader.skip(end);
    }
    reader.finish(end);
    columns.scopes.end(this.name, this.version, schemaUrl, this.dropped);
  }

  private scope(end: number): void {
    const { reader, columns } = this;
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        this.name = reader.string(end, -1, 'InstrumentationScope.name');
      } else if (field === 2) {
        this.version = reader.string(end, -1, 'InstrumentationScope.version');
      } else if (field === 3) {
        reader.expect(WireType.bytes, 'InstrumentationScope.attributes');
        this.attributes.keyValue(end, columns.scopes.attributes, this.scopeSite, this.attributeCount++);
      } else if (field === 4) {
        this.dropped = reader.u32('InstrumentationScope.dropped_attributes_count');
      } else reader.skip(end);
    }
    reader.finish(end);
  }
}
