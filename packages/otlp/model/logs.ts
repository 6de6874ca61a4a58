// A batch of log records as columns.
import type { AttributeTable } from './attributes.ts';
import type { TelemetryBatch } from './origin.ts';
import type { ValueColumn } from './value.ts';

/** Row `i` of each column belongs to record `i`; columns of names hold string ids. */
export interface LogBatch extends TelemetryBatch {
  readonly signal: 'logs';
  readonly resource: Uint32Array;
  readonly scope: Uint32Array;
  /** 0 when the sender did not know. */
  readonly timeNs: BigUint64Array;
  readonly observedNs: BigUint64Array;
  /** 0 (unspecified) to 24, as in the specification. */
  readonly severityNumber: Uint8Array;
  readonly severityText: Uint32Array;
  readonly body: ValueColumn;
  readonly attributes: AttributeTable;
  readonly droppedAttributes: Uint32Array;
  /** 16 bytes a record, all zero when the record belongs to no trace. */
  readonly traceIds: Uint8Array;
  /** 8 bytes a record. */
  readonly spanIds: Uint8Array;
  readonly flags: Uint32Array;
  readonly eventName: Uint32Array;
}
