// Reads from JSON what the three signals share: resources, scopes, attributes, values and ids.
import type { U8Column } from '../build/growable.ts';
import type { ResourceColumns, ScopeColumns } from '../build/origin-columns.ts';
import type { InterningPool } from '../build/pool.ts';
import type { AttributeColumns } from '../build/value-columns.ts';
import { writeHexId } from '../model/id.ts';
import type { AnyValue } from '../model/value.ts';
import type { JsonNode } from './json-node.ts';
import { depthMax } from './wire-reader.ts';

interface Columns {
  readonly pool: InterningPool;
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
}

/** The names of the lists in a request of one signal. */
export interface RequestNames {
  readonly resources: 'resourceSpans' | 'resourceMetrics' | 'resourceLogs';
  readonly scopes: 'scopeSpans' | 'scopeMetrics' | 'scopeLogs';
  readonly records: 'spans' | 'metrics' | 'logRecords';
}

export class JsonOriginReader {
  readonly id: (text: string) => number;
  private readonly columns: Columns;

  constructor(columns: Columns) {
    this.columns = columns;
    this.id = (text) => columns.pool.id(text);
  }

  request(
    root: JsonNode,
    names: RequestNames,
    record: (node: JsonNode, resource: number, scope: number) => void,
  ): void {
    const { resources, scopes } = this.columns;
    root.each(names.resources, (entry) => {
      const resource = entry.member('resource');
      if (resource !== undefined) this.attributes(resource, 'attributes', resources.attributes);
      const dropped = resource?.int32('droppedAttributesCount') ?? 0;
      resources.end(this.id(entry.string('schemaUrl')), dropped);
      entry.each(names.scopes, (scopeEntry) => {
        this.scope(scopeEntry);
        scopeEntry.each(names.records, (node) => record(node, resources.count - 1, scopes.count - 1));
      });
    });
  }

  /** Reads attributes without closing their owner. */
  attributes(node: JsonNode, name: string, columns: AttributeColumns): void {
    node.each(name, (entry) => {
      columns.pushKey(this.id(entry.string('key')));
      columns.pushPlain(readValue(entry.member('value'), 0), this.id);
    });
  }

  private scope(entry: JsonNode): void {
    const { scopes } = this.columns;
    const scope = entry.member('scope');
    if (scope !== undefined) this.attributes(scope, 'attributes', scopes.attributes);
    scopes.end(
      this.id(scope?.string('name') ?? ''),
      this.id(scope?.string('version') ?? ''),
      this.id(entry.string('schemaUrl')),
      scope?.int32('droppedAttributesCount') ?? 0,
    );
  }
}

/** Reads an id in hexadecimal of any case; an absent or empty one is all zero. */
export function pushJsonId(node: JsonNode, name: string, column: U8Column, size: number): void {
  const text = node.string(name);
  const at = column.length;
  column.pushZeros(size);
  if (text !== '' && !writeHexId(text, size, column.data, at)) {
    node.member(name)!.fail(`is not ${size * 2} hexadecimal digits`);
  }
}

/** Reads an AnyValue; a member that is absent is the empty value. */
export function readValue(node: JsonNode | undefined, depth: number): AnyValue {
  if (node === undefined) return null;
  if (depth > depthMax) node.fail(`nests deeper than ${depthMax}`);
  if (node.member('stringValue') !== undefined) return node.string('stringValue');
  if (node.member('boolValue') !== undefined) return node.bool('boolValue');
  const int = node.member('intValue');
  if (int !== undefined) return int.asInt64();
  const double = node.member('doubleValue');
  if (double !== undefined) return double.asDouble();
  const array = node.member('arrayValue');
  if (array !== undefined) return array.list('values').map((item) => readValue(item, depth + 1));
  const kvlist = node.member('kvlistValue');
  if (kvlist !== undefined) {
    return new Map(
      kvlist.list('values').map((entry) => [entry.string('key'), readValue(entry.member('value'), depth + 1)]),
    );
  }
  return node.member('bytesValue') === undefined ? null : base64(node);
}

function base64(node: JsonNode): Uint8Array {
  const text = node.string('bytesValue');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) node.member('bytesValue')!.fail('is not base64');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
