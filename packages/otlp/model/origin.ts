// Where telemetry comes from: the resources (who) and instrumentation scopes (which library) of one batch.
import type { AttributeTable } from './attributes.ts';
import type { ValuePool } from './value.ts';

export interface ResourceTable {
  readonly count: number;
  /** Owner = index of the resource. */
  readonly attributes: AttributeTable;
  /** String ids. */
  readonly schemaUrl: Uint32Array;
  /** How many attributes the sender dropped. */
  readonly dropped: Uint32Array;
}

export interface ScopeTable {
  readonly count: number;
  /** String ids. */
  readonly name: Uint32Array;
  /** String ids. */
  readonly version: Uint32Array;
  readonly attributes: AttributeTable;
  /** String ids. */
  readonly schemaUrl: Uint32Array;
  readonly dropped: Uint32Array;
}

/**
 * What batches of every signal have in common. A batch is immutable: who wants it different makes another one that may
 * share its arrays.
 */
export interface TelemetryBatch extends ValuePool {
  /** Spans, log records, or data points of all kinds. */
  readonly count: number;
  readonly resources: ResourceTable;
  readonly scopes: ScopeTable;
}
