// The answers to an export: success, partial success, and google.rpc.Status for failures; and how a client reads them.
import { parseJson } from '../decode/json-node.ts';
import { WireReader, WireType } from '../decode/wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

/** What was refused of a request that was otherwise accepted; 0 with a message is a warning. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** google.rpc.Status, with the one detail that OTLP uses (RetryInfo). */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

const rejectedName = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' } as const;
const retryInfoType = 'type.googleapis.com/google.rpc.RetryInfo';

/** An Export…ServiceResponse in protobuf; the three have the same field numbers. */
export function encodeResponse(partial: PartialSuccess | undefined): Buffer {
  const writer = new WireWriter();
  if (partial !== undefined) {
    const message = writer.begin(1);
    if (partial.rejected !== 0) writer.int64(1, partial.rejected);
    writer.string(2, partial.message);
    writer.end(message);
  }
  return writer.take();
}

export function encodeResponseJson(signal: Signal, partial: PartialSuccess | undefined): string {
  if (partial === undefined) return '{}';
  const rejected = { [rejectedName[signal]]: String(partial.rejected) };
  return JSON.stringify({ partialSuccess: { ...rejected, errorMessage: partial.message } });
}

/** Reads an Export…ServiceResponse in protobuf; an empty partial success counts as none. */
export function decodeResponse(bytes: Uint8Array): PartialSuccess | undefined {
  const reader = new WireReader();
  reader.begin(bytes, ['']);
  let rejected = 0;
  let message = '';
  while (reader.pos < reader.bytes.length) {
    if (reader.tag() !== 1) {
      reader.skip(reader.bytes.length);
      continue;
    }
    const end = reader.message(reader.bytes.length, 'partial_success');
    while (reader.pos < end) {
      const field = reader.tag();
      if (field === 1) {
        reader.expect(WireType.varint, 'rejected');
        rejected = Number(reader.int64());
      } else if (field === 2) {
        reader.expect(WireType.bytes, 'error_message');
        message = reader.text(end, 'error_message');
      } else reader.skip(end);
    }
  }
  return rejected === 0 && message === '' ? undefined : { rejected, message };
}

export function decodeResponseJson(signal: Signal, text: string): PartialSuccess | undefined {
  const partial = text === '' ? undefined : parseJson(text).member('partialSuccess');
  if (partial === undefined) return undefined;
  const rejected = Number(partial.int64(rejectedName[signal]));
  const message = partial.string('errorMessage');
  return rejected === 0 && message === '' ? undefined : { rejected, message };
}

/** A google.rpc.Status in protobuf. */
export function encodeStatus(status: RpcStatus): Buffer {
  const writer = new WireWriter();
  writer.u32(1, status.code);
  writer.string(2, status.message);
  if (status.retryAfterMs !== undefined) {
    const any = writer.begin(3);
    writer.string(1, retryInfoType);
    const value = writer.begin(2);
    const delay = writer.begin(1);
    writer.u32(1, Math.floor(status.retryAfterMs / 1000));
    writer.u32(2, Math.floor((status.retryAfterMs % 1000) * 1e6));
    writer.end(delay);
    writer.end(value);
    writer.end(any);
  }
  return writer.take();
}

export function encodeStatusJson(status: RpcStatus): string {
  return JSON.stringify({ code: status.code, message: status.message });
}

/** Reads a google.rpc.Status; details of other kinds are skipped. */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  const reader = new WireReader();
  reader.begin(bytes, ['']);
  const end = reader.bytes.length;
  let code = 0;
  let message = '';
  let retryAfterMs: number | undefined;
  while (reader.pos < end) {
    const field = reader.tag();
    if (field === 1) code = reader.u32('Status.code');
    else if (field === 2) {
      reader.expect(WireType.bytes, 'Status.message');
      message = reader.text(end, 'Status.message');
    } else if (field === 3) retryAfterMs = decodeRetryInfo(reader, reader.message(end, 'Status.details'));
    else reader.skip(end);
  }
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

function decodeRetryInfo(reader: WireReader, end: number): number | undefined {
  let type = '';
  let delayMs: number | undefined;
  while (reader.pos < end) {
    const field = reader.tag();
    if (field === 1) {
      reader.expect(WireType.bytes, 'Any.type_url');
      type = reader.text(end, 'Any.type_url');
    } else if (field === 2) {
      const valueEnd = reader.message(end, 'Any.value');
      if (type === retryInfoType) delayMs = decodeDelay(reader, valueEnd);
      else reader.pos = valueEnd;
    } else reader.skip(end);
  }
  return delayMs;
}

function decodeDelay(reader: WireReader, end: number): number {
  let delayMs = 0;
  while (reader.pos < end) {
    if (reader.tag() !== 1) {
      reader.skip(end);
      continue;
    }
    const durationEnd = reader.message(end, 'RetryInfo.retry_delay');
    while (reader.pos < durationEnd) {
      const field = reader.tag();
      if (field === 1) delayMs += reader.u32('Duration.seconds') * 1000;
      else if (field === 2) delayMs += reader.u32('Duration.nanos') / 1e6;
      else reader.skip(durationEnd);
    }
  }
  return delayMs;
}
