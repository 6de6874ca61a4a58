// Groups the records of a batch by resource and scope, as all three requests nest them.
import type { TelemetryBatch } from '../model/origin.ts';
import { writeAttributes } from './value-writer.ts';
import type { WireWriter } from './wire-writer.ts';

/** Where each record comes from, record by record. */
export interface Origins {
  readonly count: number;
  readonly resource: Uint32Array;
  readonly scope: Uint32Array;
}

/** A run of records that share a resource, and in it runs that share a scope. */
export interface ResourceRun {
  readonly resource: number;
  readonly scopes: readonly ScopeRun[];
}

interface ScopeRun {
  readonly scope: number;
  readonly from: number;
  readonly to: number;
}

/** The runs in the order of the records, which is not changed. */
export function originRuns(origins: Origins): ResourceRun[] {
  const runs: ResourceRun[] = [];
  for (let i = 0; i < origins.count; ) {
    const resource = origins.resource[i]!;
    const scopes: ScopeRun[] = [];
    while (i < origins.count && origins.resource[i] === resource) {
      const from = i;
      const scope = origins.scope[i]!;
      while (i < origins.count && origins.resource[i] === resource && origins.scope[i] === scope) i++;
      scopes.push({ scope, from, to: i });
    }
    runs.push({ resource, scopes });
  }
  return runs;
}

/** Writes the request; `record` writes record `i` as field 2. */
export function writeRequest(
  writer: WireWriter,
  batch: TelemetryBatch,
  origins: Origins,
  record: (i: number) => void,
): Buffer {
  const { resources, scopes, strings } = batch;
  for (const run of originRuns(origins)) {
    const entry = writer.begin(1);
    const resource = writer.begin(1);
    writeAttributes(writer, 1, resources.attributes, run.resource);
    writer.u32(2, resources.dropped[run.resource]!);
    writer.end(resource);
    for (const { scope, from, to } of run.scopes) {
      const scopeEntry = writer.begin(2);
      const scopeMessage = writer.begin(1);
      writer.string(1, strings[scopes.name[scope]!]!);
      writer.string(2, strings[scopes.version[scope]!]!);
      writeAttributes(writer, 3, scopes.attributes, scope);
      writer.u32(4, scopes.dropped[scope]!);
      writer.end(scopeMessage);
      for (let i = from; i < to; i++) record(i);
      writer.string(3, strings[scopes.schemaUrl[scope]!]!);
      writer.end(scopeEntry);
    }
    writer.string(3, strings[resources.schemaUrl[run.resource]!]!);
    writer.end(entry);
  }
  return writer.take();
}
