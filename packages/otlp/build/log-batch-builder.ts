// Builds a batch of log records from plain objects.
import { spanIdBytes, traceIdBytes } from '../model/id.ts';
import type { LogBatch } from '../model/logs.ts';
import { type AttributesInput, idBytes, plainAttributes, plainValue, type ValueInput } from './attribute-input.ts';
import { BatchBuilder } from './batch-builder.ts';
import { LogColumns } from './log-columns.ts';
import { InterningPool } from './pool.ts';
import { pushSpanId, pushTraceId } from './span-columns.ts';

/** Ids are hexadecimal text or bytes. */
export interface LogInput {
  readonly timeNs?: bigint;
  /** Defaults to `timeNs`. */
  readonly observedNs?: bigint;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: ValueInput;
  readonly attributes?: AttributesInput;
  readonly droppedAttributes?: number;
  readonly traceId?: string | Uint8Array | undefined;
  readonly spanId?: string | Uint8Array | undefined;
  readonly flags?: number;
  readonly eventName?: string;
}

export class LogBatchBuilder extends BatchBuilder {
  private readonly columns: LogColumns<InterningPool>;

  constructor() {
    const columns = new LogColumns(new InterningPool());
    super(columns);
    this.columns = columns;
  }

  get count(): number {
    return this.columns.resource.length;
  }

  log(record: LogInput): this {
    const { columns, id } = this;
    const resource = this.currentResource();
    columns.timeNs.pushBigInt(record.timeNs ?? 0n);
    columns.observedNs.pushBigInt(record.observedNs ?? record.timeNs ?? 0n);
    columns.severityNumber.push(record.severityNumber ?? 0);
    columns.severityText.push(id(record.severityText ?? ''));
    columns.body.pushPlain(plainValue(record.body ?? null), id);
    for (const [key, value] of plainAttributes(record.attributes)) {
      columns.attributes.pushKey(id(key));
      columns.attributes.pushPlain(value, id);
    }
    columns.droppedAttributes.push(record.droppedAttributes ?? 0);
    pushTraceId(columns.traceIds, idBytes(record.traceId, traceIdBytes));
    pushSpanId(columns.spanIds, idBytes(record.spanId, spanIdBytes));
    columns.flags.push(record.flags ?? 0);
    columns.eventName.push(id(record.eventName ?? ''));
    columns.endRecord(resource, this.currentScope());
    return this;
  }

  /** Hands the batch over; the builder starts anew. */
  build(): LogBatch {
    return this.columns.take();
  }
}
