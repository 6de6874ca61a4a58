// Log records of a batch that is being built; the decoders and the builder write to it.

import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import { U8Column, U32Column, Word64Column } from './growable.ts';
import { ResourceColumns, ScopeColumns } from './origin-columns.ts';
import type { PoolColumns } from './pool.ts';
import { AttributeColumns, ValueColumns } from './value-columns.ts';

/** All columns of one record are pushed before those of the next; `endRecord` closes its attributes. */
export class LogColumns<Pool extends PoolColumns = PoolColumns> {
  readonly pool: Pool;
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
  readonly resource = new U32Column();
  readonly scope = new U32Column();
  readonly timeNs = new Word64Column();
  readonly observedNs = new Word64Column();
  readonly severityNumber = new U8Column();
  readonly severityText = new U32Column();
  readonly body: ValueColumns;
  readonly attributes: AttributeColumns;
  readonly droppedAttributes = new U32Column();
  readonly traceIds = new U8Column();
  readonly spanIds = new U8Column();
  readonly flags = new U32Column();
  readonly eventName = new U32Column();

  constructor(pool: Pool) {
    this.pool = pool;
    this.resources = new ResourceColumns(pool);
    this.scopes = new ScopeColumns(pool);
    this.body = new ValueColumns(pool);
    this.attributes = new AttributeColumns(pool);
  }

  /** Pushes a zero to each column of one entry a record, to be overwritten; gives the record's row. */
  beginRecord(): number {
    this.timeNs.push(0, 0);
    this.observedNs.push(0, 0);
    this.severityNumber.push(0);
    this.severityText.push(0);
    this.body.push(0, 0);
    this.droppedAttributes.push(0);
    this.traceIds.pushZeros(traceIdBytes);
    this.spanIds.pushZeros(spanIdBytes);
    this.flags.push(0);
    this.eventName.push(0);
    return this.resource.length;
  }

  endRecord(resource: number, scope: number): void {
    this.resource.push(resource);
    this.scope.push(scope);
    this.attributes.endOwner();
  }

  take(): LogBatch {
    const count = this.resource.length;
    const pool = this.pool.take();
    return {
      signal: 'logs',
      count,
      ...pool,
      resources: this.resources.take(pool),
      scopes: this.scopes.take(pool),
      resource: this.resource.take(),
      scope: this.scope.take(),
      timeNs: this.timeNs.take(),
      observedNs: this.observedNs.take(),
      severityNumber: this.severityNumber.take(),
      severityText: this.severityText.take(),
      body: this.body.takeValues(pool),
      attributes: this.attributes.takeAttributes(pool),
      droppedAttributes: this.droppedAttributes.take(),
      traceIds: this.traceIds.take(),
      spanIds: this.spanIds.take(),
      flags: this.flags.take(),
      eventName: this.eventName.take(),
    };
  }

  /** Forgets a half-built batch. */
  clear(): void {
    const { resource, scope, severityText, droppedAttributes, flags, eventName } = this;
    for (const column of [resource, scope, severityText, droppedAttributes, flags, eventName]) column.clear();
    const { pool, resources, scopes, timeNs, observedNs, severityNumber, body, attributes, traceIds, spanIds } = this;
    for (const part of [pool, resources, scopes, timeNs, observedNs, severityNumber, body, attributes]) part.clear();
    traceIds.clear();
    spanIds.clear();
  }
}
