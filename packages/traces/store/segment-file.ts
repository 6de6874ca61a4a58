/** Sealed traces in a segment: writing one, and looking traces up in it (docs/format/traces-segment.md). */

import { type SpanBatch, traceIdBytes } from '@mario/otlp';
import {
  type BlockTable,
  decodeBlockTable,
  encodeBlocks,
  isStorageError,
  type ManifestEntry,
  openSegmentOrQuarantine,
  readBlock,
  type Segment,
  type StorageDirectory,
  StorageError,
  writeSegment,
} from '@mario/storage';
import { decodeSpanBlock, encodeSpanBlock } from './span-codec.ts';
import { gatherSpans } from './span-gather.ts';
import type { SpanRef } from './span-ref.ts';
import { type TagJson, TagSummary } from './tag-summary.ts';
import { findTraceRow, type TraceKey, traceIdOfKey } from './trace-id.ts';
import { nextTurn } from './turn.ts';

const SEGMENT_KIND = 'SPAN';
const SEGMENT_VERSION = 1;

/** Spans in a block: enough for zstd to find repetitions, few enough that reading one trace stays cheap. */
const BLOCK_SPANS = 2048;

/** A trace to seal; `spans` without doubles. */
export interface SealedTrace {
  readonly key: TraceKey;
  readonly spans: readonly SpanRef[];
  readonly minMs: number;
  readonly maxMs: number;
}

/** Where a trace lies in a segment. */
export interface TracePlace {
  readonly block: number;
  readonly row: number;
  readonly spans: number;
}

/** Writes the traces, sorted by key, in slices that let other work run. Gives the manifest's entry. */
export async function writeTraceSegment(
  directory: StorageDirectory,
  name: string,
  traces: readonly SealedTrace[],
  tags: TagSummary,
): Promise<ManifestEntry> {
  const columns = traceColumns(traces.length);
  const blocks: Uint8Array[] = [];
  let refs: SpanRef[] = [];
  let minTimeMs = Number.POSITIVE_INFINITY;
  let maxTimeMs = Number.NEGATIVE_INFINITY;
  let spanCount = 0;
  for (const [at, trace] of traces.entries()) {
    if (refs.length > 0 && refs.length + trace.spans.length > BLOCK_SPANS) {
      blocks.push(encodeSpanBlock(gatherSpans(refs)));
      refs = [];
      await nextTurn();
    }
    columns.ids.set(traceIdOfKey(trace.key), at * traceIdBytes);
    columns.block[at] = blocks.length;
    columns.row[at] = refs.length;
    columns.spans[at] = trace.spans.length;
    columns.min[at] = Math.floor(trace.minMs);
    columns.max[at] = Math.ceil(trace.maxMs);
    minTimeMs = Math.min(minTimeMs, columns.min[at]!);
    maxTimeMs = Math.max(maxTimeMs, columns.max[at]!);
    spanCount += trace.spans.length;
    for (const span of trace.spans) refs.push(span);
  }
  if (refs.length > 0) blocks.push(encodeSpanBlock(gatherSpans(refs)));
  const { sizeBytes } = await writeSegment(directory, name, {
    kind: SEGMENT_KIND,
    version: SEGMENT_VERSION,
    sections: [
      ...Object.entries(columns).map(([column, values]) => ({
        name: column,
        data: new Uint8Array(values.buffer),
        compression: 'zstd' as const,
      })),
      ...(await encodeBlocks('blocks', blocks)),
      { name: 'tags', data: new TextEncoder().encode(JSON.stringify(tags.toJson())), compression: 'zstd' },
    ],
  });
  return { name, sizeBytes, minTimeMs, maxTimeMs, meta: { spans: spanCount, traces: traces.length } };
}

interface TraceColumns {
  readonly ids: Uint8Array;
  readonly block: Uint32Array;
  readonly row: Uint32Array;
  readonly spans: Uint32Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

function traceColumns(count: number): TraceColumns {
  return {
    ids: new Uint8Array(count * traceIdBytes),
    block: new Uint32Array(count),
    row: new Uint32Array(count),
    spans: new Uint32Array(count),
    min: new Float64Array(count),
    max: new Float64Array(count),
  };
}

/** An open segment; its index is in memory (about 44 bytes a trace), its blocks are read when needed. */
export class TraceSegment {
  readonly entry: ManifestEntry;
  readonly #segment: Segment;
  readonly #table: BlockTable;
  readonly #columns: TraceColumns;
  #tags: Promise<TagSummary> | undefined;

  constructor(entry: ManifestEntry, segment: Segment, table: BlockTable, columns: TraceColumns) {
    this.entry = entry;
    this.#segment = segment;
    this.#table = table;
    this.#columns = columns;
  }

  get name(): string {
    return this.entry.name;
  }

  get traceCount(): number {
    return this.#columns.block.length;
  }

  get blockCount(): number {
    return this.#table.count;
  }

  /** The number of a trace, or -1. */
  find(id: Uint8Array): number {
    return findTraceRow(this.#columns.ids, id);
  }

  place(trace: number): TracePlace {
    const { block, row, spans } = this.#columns;
    return { block: block[trace]!, row: row[trace]!, spans: spans[trace]! };
  }

  /** The id of trace number `trace`, in the order of ids. A view: do not change it. */
  id(trace: number): Uint8Array {
    return this.#columns.ids.subarray(trace * traceIdBytes, (trace + 1) * traceIdBytes);
  }

  overlaps(trace: number, fromMs: number, toMs: number): boolean {
    return this.#columns.min[trace]! <= toMs && this.#columns.max[trace]! >= fromMs;
  }

  times(trace: number): { readonly minMs: number; readonly maxMs: number } {
    return { minMs: this.#columns.min[trace]!, maxMs: this.#columns.max[trace]! };
  }

  async block(index: number): Promise<SpanBatch> {
    return decodeSpanBlock(await readBlock(this.#segment, 'blocks', this.#table, index));
  }

  /** Bytes of a block in memory, for the cache's account. */
  blockBytes(index: number): number {
    return this.#table.rawBytes[index] ?? 0;
  }

  tags(): Promise<TagSummary> {
    this.#tags ??= this.#segment
      .read('tags')
      .then((bytes) => TagSummary.fromJson(JSON.parse(new TextDecoder().decode(bytes)) as TagJson));
    return this.#tags;
  }

  close(): Promise<void> {
    return this.#segment.close();
  }
}

/** Opens a segment; a damaged one is set aside and gives the error. */
export async function openTraceSegment(
  directory: StorageDirectory,
  entry: ManifestEntry,
): Promise<TraceSegment | StorageError> {
  const expected = { kind: SEGMENT_KIND, versionMax: SEGMENT_VERSION };
  const segment = await openSegmentOrQuarantine(directory, entry.name, expected);
  if (segment instanceof StorageError) return segment;
  try {
    const table = decodeBlockTable(await segment.read('blocks.table'));
    const buffer = async (name: string) => (await segment.read(name)).buffer;
    return new TraceSegment(entry, segment, table, {
      ids: new Uint8Array(await buffer('ids')),
      block: new Uint32Array(await buffer('block')),
      row: new Uint32Array(await buffer('row')),
      spans: new Uint32Array(await buffer('spans')),
      min: new Float64Array(await buffer('min')),
      max: new Float64Array(await buffer('max')),
    });
  } catch (error) {
    await segment.close();
    if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
    await directory.moveInto(entry.name, 'quarantine');
    return error;
  }
}
