/** The durable store of traces: write-ahead log, head, sealed segments, compaction, retention. */

import { PermanentError, RetryableError, type SpanBatch, type TracesConsumer } from '@mario/otlp';
import type { Clock, Log, Timer } from '@mario/service';
import {
  type DirectoryLock,
  decideRetention,
  isStorageError,
  type Manifest,
  type ManifestEntry,
  openManifest,
  openWriteAheadLog,
  type RetentionPolicy,
  type StorageDirectory,
  StorageError,
  type WriteAheadLog,
} from '@mario/storage';
import { BlockCache } from './block-cache.ts';
import { chooseCompaction } from './compaction.ts';
import { Head, withoutDoubles } from './head.ts';
import { runScan, type ScanRange, spanRefs, type Trace } from './scan.ts';
import { openTraceSegment, type SealedTrace, type TraceSegment, writeTraceSegment } from './segment-file.ts';
import { compactSpans, decodeSpanBlock, encodeSpanBlock } from './span-codec.ts';
import { gatherSpans } from './span-gather.ts';
import type { SpanRef } from './span-ref.ts';
import { TagSummary } from './tag-summary.ts';
import { type TraceKey, traceKey } from './trace-id.ts';
import { nextTurn } from './turn.ts';

const RECORD_SPANS = 1;

/** The head is sealed at this many spans or bytes: seconds of replay after a crash, blocks of a useful size. */
const HEAD_SPANS_MAX = 100_000;
/** … or at this age, so that the log of a quiet store does not grow for days. */
const HEAD_AGE_MS_MAX = 30 * 60_000;
/** How often age and retention are looked at. */
const HOUSEKEEPING_PERIOD_MS = 30_000;
/** Spans of one trace in the head: a loop that traces itself must not fill the store (Tempo: max_bytes_per_trace). */
const TRACE_SPANS_MAX = 100_000;

export interface TraceStoreOptions {
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: RetentionPolicy;
  /** Of the head and of cached blocks together. */
  readonly memoryBytesMax: number;
  /** For tests. */
  readonly headSpansMax?: number;
}

/** Counters since start, for the service's own metrics. */
export interface TraceStoreStats {
  spansReceived: number;
  bytesReceived: number;
  spansDiscardedTooLarge: number;
  segmentsWritten: number;
  compactions: number;
  segmentsDeleted: number;
  corruptSegments: number;
  sealFailures: number;
}

export async function openTraceStore(options: TraceStoreOptions): Promise<TraceStore> {
  const lock = await options.directory.lock();
  try {
    const manifest = await openManifest({ directory: options.directory });
    const segments = await options.directory.subdirectory('segments');
    await manifest.removeOrphans(segments, (name) => name.endsWith('.seg'));
    const wal = await openWriteAheadLog({ directory: await options.directory.subdirectory('wal') });
    const store = new TraceStore(options, lock, manifest, segments, wal);
    await store.recover();
    return store;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

export class TraceStore implements TracesConsumer {
  readonly stats: TraceStoreStats = {
    spansReceived: 0,
    bytesReceived: 0,
    spansDiscardedTooLarge: 0,
    segmentsWritten: 0,
    compactions: 0,
    segmentsDeleted: 0,
    corruptSegments: 0,
    sealFailures: 0,
  };
  readonly #options: TraceStoreOptions;
  readonly #lock: DirectoryLock;
  readonly #manifest: Manifest;
  readonly #directory: StorageDirectory;
  readonly #wal: WriteAheadLog;
  readonly #cache: BlockCache;
  #head: Head;
  /** A head that is being written; it answers queries until its segment does. */
  #sealing: Head | undefined;
  #segments: readonly TraceSegment[] = [];
  #segmentNumber = 0;
  #background: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(
    options: TraceStoreOptions,
    lock: DirectoryLock,
    manifest: Manifest,
    directory: StorageDirectory,
    wal: WriteAheadLog,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#manifest = manifest;
    this.#directory = directory;
    this.#wal = wal;
    this.#cache = new BlockCache(Math.floor(options.memoryBytesMax / 4));
    this.#head = new Head(options.clock.nowMs());
  }

  /** Opens the live segments and replays the log. Called once, by `openTraceStore`. */
  async recover(): Promise<void> {
    const { log } = this.#options;
    const { entries, walSequence } = this.#manifest.state;
    const opened: TraceSegment[] = [];
    for (const entry of entries) {
      const segment = await openTraceSegment(this.#directory, entry);
      if (segment instanceof StorageError) {
        this.stats.corruptSegments++;
        log.error('a segment of traces cannot be read and is left out', { segment: entry.name, error: segment });
      } else opened.push(segment);
    }
    if (opened.length < entries.length) {
      await this.#manifest.commit((state) => ({ ...state, entries: opened.map(({ entry }) => entry) }));
    }
    this.#segments = opened;
    this.#segmentNumber = Math.max(0, ...entries.map(({ name }) => Number.parseInt(name, 10)));
    const report = await this.#wal.replay(({ type, payload, sequence }) => {
      if (type === RECORD_SPANS) this.#head.add(decodeSpanBlock(payload.slice()), sequence, payload.length);
    }, walSequence);
    if (report.corruptFileCount > 0 || report.gaps.length > 0) {
      log.error('the write-ahead log of traces was damaged; the damaged part was set aside', { gaps: report.gaps });
    }
    this.#head.lastSequence = this.#wal.lastSequence;
    this.#timer = this.#options.clock.every(HOUSEKEEPING_PERIOD_MS, () => this.#housekeep());
  }

  /** Durable when it resolves; see TracesConsumer. */
  async consumeTraces(batch: SpanBatch): Promise<void> {
    if (this.#closed) throw new RetryableError('The traces store is shutting down: send again later.');
    if (this.#headBytes() > this.#options.memoryBytesMax) {
      throw new RetryableError('The memory of the traces store is full: send again later, or raise --memory.', {
        exhausted: true,
      });
    }
    const accepted = this.#withoutLargeTraces(batch);
    const rejected = batch.count - accepted.count;
    if (accepted.count > 0) await this.#append(accepted);
    if (rejected === 0) return;
    this.stats.spansDiscardedTooLarge += rejected;
    throw new PermanentError(`TRACE_TOO_LARGE: max spans per trace (${TRACE_SPANS_MAX}) exceeded`, { rejected });
  }

  /** All spans of a trace, in the order of their start, or undefined when there are none. */
  async traceById(id: Uint8Array, range?: ScanRange): Promise<SpanBatch | undefined> {
    const key = traceKey(id, 0);
    const spans: SpanRef[] = [];
    for (const head of this.#heads()) {
      const trace = head.traces.get(key);
      if (trace !== undefined) spans.push(...trace.spans);
    }
    for (const segment of this.#segments) {
      const { minTimeMs, maxTimeMs } = segment.entry;
      if (range !== undefined && (minTimeMs > range.toMs || maxTimeMs < range.fromMs)) continue;
      const number = segment.find(id);
      if (number < 0) continue;
      const { block, row, spans: count } = segment.place(number);
      spans.push(...spanRefs(await this.#cache.read(segment, block), row, count));
    }
    if (spans.length === 0) return undefined;
    const unique = withoutDoubles(spans);
    unique.sort((a, b) => compareNs(a.batch.startNs[a.row]!, b.batch.startNs[b.row]!));
    return gatherSpans(unique);
  }

  /** Visits every trace that touches the range; see scan.ts. */
  scan(options: {
    readonly range: ScanRange;
    readonly visit: (trace: Trace) => void;
    readonly enough?: (newestMs: number) => boolean;
    readonly mayMatch?: (tags: TagSummary) => boolean;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void> {
    const { mayMatch } = options;
    return runScan({
      heads: this.#heads(),
      segments: this.#segments,
      range: options.range,
      readBlock: (segment, block) => this.#cache.read(segment, block),
      visit: options.visit,
      enough: options.enough ?? (() => false),
      mayMatch: async (segment) => mayMatch === undefined || mayMatch(await segment.tags()),
      signal: options.signal,
    });
  }

  /** Which attributes and values there are in a time range (by whole segments). */
  async tags(range: ScanRange): Promise<TagSummary> {
    const merged = new TagSummary();
    for (const head of this.#heads()) merged.merge(head.tags);
    for (const segment of this.#segments) {
      const { minTimeMs, maxTimeMs } = segment.entry;
      if (minTimeMs <= range.toMs && maxTimeMs >= range.fromMs) merged.merge(await segment.tags());
    }
    return merged;
  }

  get liveTraceCount(): number {
    return this.#heads().reduce((sum, head) => sum + head.traces.size, 0);
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { entry }) => sum + entry.sizeBytes, this.#wal.sizeBytes);
  }

  /** Seals the head now, compacts and drops what is too old. For tests and for the API. */
  async flush(): Promise<void> {
    await this.#background;
    this.#startBackground(true);
    await this.#background;
  }

  /** Stops intake, finishes what is being written, closes the log. Everything else is in the log. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#background;
    await this.#wal.close();
    for (const segment of this.#segments) await segment.close();
    await this.#lock.release();
  }

  #heads(): Head[] {
    return this.#sealing === undefined ? [this.#head] : [this.#head, this.#sealing];
  }

  #headBytes(): number {
    return this.#head.sizeBytes + (this.#sealing?.sizeBytes ?? 0);
  }

  #withoutLargeTraces(batch: SpanBatch): SpanBatch {
    const counts = new Map<TraceKey, number>();
    const fits: SpanRef[] = [];
    for (let row = 0; row < batch.count; row++) {
      const key = traceKey(batch.traceIds, row);
      const count = (counts.get(key) ?? this.#head.traces.get(key)?.spans.length ?? 0) + 1;
      counts.set(key, count);
      if (count <= TRACE_SPANS_MAX) fits.push({ batch, row });
    }
    return fits.length === batch.count ? compactSpans(batch) : gatherSpans(fits);
  }

  async #append(batch: SpanBatch): Promise<void> {
    const record = encodeSpanBlock(batch);
    let sequence: number;
    try {
      sequence = await this.#wal.append(RECORD_SPANS, record);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      throw new RetryableError(error.message, { exhausted: error.code === 'MARIO_STORAGE_LIMIT', cause: error });
    }
    // No await between here and the log's answer: the head must take records in the order of their sequence.
    this.#head.add(batch, sequence, record.length);
    this.stats.spansReceived += batch.count;
    this.stats.bytesReceived += record.length;
    if (this.#head.spanCount >= (this.#options.headSpansMax ?? HEAD_SPANS_MAX) || this.#headIsHeavy()) {
      this.#startBackground(true);
    }
  }

  /** A quarter of the memory: the head, the one being sealed and the cache together stay within the budget. */
  #headIsHeavy(): boolean {
    return this.#head.sizeBytes > this.#options.memoryBytesMax / 4;
  }

  #housekeep(): void {
    const tooOld = this.#options.clock.nowMs() - this.#head.createdMs > HEAD_AGE_MS_MAX;
    this.#startBackground(tooOld && this.#head.spanCount > 0);
  }

  /** Sealing, compaction and retention run one at a time; a failure is logged and tried again later. */
  #startBackground(seal: boolean): void {
    if (this.#background !== undefined || this.#closed) return;
    this.#background = this.#runBackground(seal)
      .catch((error: unknown) => {
        this.stats.sealFailures++;
        this.#options.log.error('sealing, compacting or dropping traces failed, trying again later', { error });
      })
      .finally(() => {
        this.#background = undefined;
      });
  }

  async #runBackground(seal: boolean): Promise<void> {
    if (this.#sealing !== undefined) await this.#seal(this.#sealing);
    if (seal && this.#head.spanCount > 0) {
      this.#sealing = this.#head;
      this.#head = new Head(this.#options.clock.nowMs());
      this.#head.lastSequence = this.#sealing.lastSequence;
      await this.#seal(this.#sealing);
    }
    await this.#compact();
    await this.#retain();
  }

  async #seal(head: Head): Promise<void> {
    const traces = await sortedTraces(head);
    const segment = await this.#writeSegment(traces, head.tags);
    await this.#manifest.commit((state) => ({
      ...state,
      walSequence: head.lastSequence,
      entries: [...state.entries, segment.entry],
    }));
    this.#segments = [...this.#segments, segment];
    this.#sealing = undefined;
    this.stats.segmentsWritten++;
    await this.#wal.rotate();
    await this.#wal.truncateThrough(head.lastSequence);
  }

  async #writeSegment(traces: readonly SealedTrace[], tags: TagSummary): Promise<TraceSegment> {
    const name = `${String(++this.#segmentNumber).padStart(10, '0')}.seg`;
    const entry = await writeTraceSegment(this.#directory, name, traces, tags);
    const segment = await openTraceSegment(this.#directory, entry);
    if (segment instanceof StorageError) throw segment;
    return segment;
  }

  async #compact(): Promise<void> {
    const chosen = chooseCompaction(this.#segments);
    if (chosen.length === 0 || this.#closed) return;
    const tags = new TagSummary();
    for (const segment of chosen) tags.merge(await segment.tags());
    const merged = await this.#writeSegment(await mergeTraces(chosen), tags);
    await this.#replace(chosen, merged);
    this.stats.compactions++;
  }

  async #retain(): Promise<void> {
    const { retention, clock } = this.#options;
    const entries = this.#manifest.state.entries;
    const decision = decideRetention(entries, retention, clock.nowMs(), this.#wal.sizeBytes);
    const dropped = new Set<ManifestEntry>([...decision.dropByAge, ...decision.dropBySize]);
    const gone = this.#segments.filter(({ entry }) => [...dropped].some(({ name }) => name === entry.name));
    if (gone.length === 0) return;
    await this.#replace(gone, undefined);
    this.stats.segmentsDeleted += gone.length;
    this.#options.log.info('dropped traces by retention', {
      byAge: decision.dropByAge.length,
      bySize: decision.dropBySize.length,
    });
  }

  async #replace(gone: readonly TraceSegment[], by: TraceSegment | undefined): Promise<void> {
    const names = new Set(gone.map(({ name }) => name));
    await this.#manifest.commit((state) => ({
      ...state,
      entries: [...state.entries.filter(({ name }) => !names.has(name)), ...(by === undefined ? [] : [by.entry])],
    }));
    this.#segments = [...this.#segments.filter(({ name }) => !names.has(name)), ...(by === undefined ? [] : [by])];
    for (const segment of gone) {
      this.#cache.forget(segment);
      // A query may still read it: the open file stays readable until the last reader lets go of it.
      await this.#directory.remove(segment.name);
    }
  }
}

/** Traces looked at for doubles before other work gets its turn. */
const TRACES_PER_SLICE = 1000;

/** All traces of a head, sorted by id, without doubles. */
async function sortedTraces(head: Head): Promise<SealedTrace[]> {
  const traces: SealedTrace[] = [];
  for (const trace of head.traces.values()) {
    traces.push({ key: trace.key, spans: head.spansOf(trace), minMs: trace.minMs, maxMs: trace.maxMs });
    if (traces.length % TRACES_PER_SLICE === 0) await nextTurn();
  }
  return traces.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** All traces of some segments, sorted by id, without doubles. */
async function mergeTraces(segments: readonly TraceSegment[]): Promise<SealedTrace[]> {
  const traces = new Map<TraceKey, { key: TraceKey; spans: SpanRef[]; minMs: number; maxMs: number }>();
  for (const segment of segments) {
    const blocks = await Promise.all(Array.from({ length: segment.blockCount }, (_, block) => segment.block(block)));
    for (let number = 0; number < segment.traceCount; number++) {
      const key = traceKey(segment.id(number), 0);
      const { block, row, spans } = segment.place(number);
      const { minMs, maxMs } = segment.times(number);
      const refs = spanRefs(blocks[block]!, row, spans);
      const known = traces.get(key);
      if (known === undefined) traces.set(key, { key, spans: refs, minMs, maxMs });
      else {
        known.spans = withoutDoubles([...known.spans, ...refs]);
        known.minMs = Math.min(known.minMs, minMs);
        known.maxMs = Math.max(known.maxMs, maxMs);
      }
    }
  }
  return [...traces.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function compareNs(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
