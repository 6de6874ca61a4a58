/** The bodies of trace-by-id, in JSON and protobuf, versions 1 and 2 of the API. */

import { encodeSpans, type SpanBatch } from '@mario/otlp';
import { gatherSpans } from '../store/span-gather.ts';
import type { SpanRef } from '../store/span-ref.ts';
import { resourceSpansToJson } from './trace-json.ts';

export const PROTOBUF = 'application/protobuf';

/** Version 1: the trace itself; its list is called `batches` in JSON, as it was before OTLP renamed it. */
export function traceBody(trace: SpanBatch, protobuf: boolean): string | Uint8Array {
  const grouped = groupByOrigin(trace);
  // Tempo's Trace message has the same field as ExportTraceServiceRequest: repeated ResourceSpans = 1.
  return protobuf ? encodeSpans(grouped) : JSON.stringify({ batches: resourceSpansToJson(grouped) });
}

/** Version 2: TraceByIDResponse with the trace in field 1. */
export function traceBodyV2(trace: SpanBatch, protobuf: boolean): string | Uint8Array {
  const grouped = groupByOrigin(trace);
  if (!protobuf) return JSON.stringify({ trace: { resourceSpans: resourceSpansToJson(grouped) }, metrics: {} });
  const bytes = encodeSpans(grouped);
  return Buffer.concat([Uint8Array.of((1 << 3) | 2), varint(bytes.length), bytes]);
}

/** Spans of one resource and scope side by side, in the order in which the origins appear. */
function groupByOrigin(batch: SpanBatch): SpanBatch {
  const groups = new Map<string, SpanRef[]>();
  const byResource = new Map<number, SpanRef[][]>();
  for (let row = 0; row < batch.count; row++) {
    const resource = batch.resource[row]!;
    const key = `${resource}/${batch.scope[row]}`;
    let group = groups.get(key);
    if (group === undefined) {
      groups.set(key, (group = []));
      byResource.set(resource, [...(byResource.get(resource) ?? []), group]);
    }
    group.push({ batch, row });
  }
  return gatherSpans([...byResource.values()].flat(2));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
