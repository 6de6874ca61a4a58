/**
 * The store of logs: accepts pushes durably, keeps them in memory until they fill a segment, and gives blocks to queries.
 *
 * Order of things: a push is validated, written to the write-ahead log, then applied to memory; only then is it
 * acknowledged. A flush seals the memory, writes it as one segment, commits the manifest with the last sequence that the
 * segment holds, and drops the log up to there. After a crash the log is replayed on top of the manifest.
 */
import type { Clock, Log } from '@mario/service';
import {
  type Manifest,
  openManifest,
  openWriteAheadLog,
  type RetentionPolicy,
  type StorageDirectory,
  StorageError,
  type WriteAheadLog,
} from '@mario/storage';
import type { Matcher } from '../logql/ast.ts';
import type { LogBlock, LogSource, SelectRequest } from '../logql/evaluation/log-source.ts';
import type { Labels } from '../logql/labels.ts';
import { HeadChunk } from './head-chunk.ts';
import type { StoreLimits } from './limits.ts';
import { mergeEntries } from './merge-entries.ts';
import type { PushEntry, PushOutcome, PushRefusal, PushStream } from './push.ts';
import { SegmentSet } from './segment-set.ts';
import { type Stream, StreamIndex } from './stream-index.ts';
import { lateRefusal, streamLimitRefusal, validatePush } from './validation.ts';
import { decodePush, encodePush, RECORD_PUSH } from './wal-codec.ts';

export interface LogStoreOptions {
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: StoreLimits;
  readonly retention: RetentionPolicy;
  /** Memory of entries at which they are written into a segment. */
  readonly headBytesMax: number;
  /** Age of the oldest unwritten push at which the same happens (Loki's max_chunk_age). */
  readonly headAgeMsMax: number;
}

export interface LogStoreStats {
  readonly streamCount: number;
  readonly activeStreamCount: number;
  readonly headBytes: number;
  readonly headEntryCount: number;
  readonly segmentCount: number;
  readonly segmentBytes: number;
  readonly walBytes: number;
  readonly duplicateCount: number;
  readonly corruptCount: number;
  readonly flushCount: number;
  readonly flushFailureCount: number;
  readonly expiredSegmentCount: number;
  readonly mergedSegmentCount: number;
}

/** Who wants to see entries as they are accepted (live tail). */
export type AppendListener = (labels: Labels, entries: readonly PushEntry[]) => void;

const MAINTENANCE_PERIOD_MS = 10_000;

/** Memory beyond this multiple of the flush threshold: pushes wait until a segment is written. */
const HEAD_WAITING_FACTOR = 2;

/** Beyond this one pushes are refused: the disk takes nothing at all. */
const HEAD_OVERFLOW_FACTOR = 4;

interface StoreParts {
  readonly manifest: Manifest;
  readonly segments: SegmentSet;
  readonly wal: WriteAheadLog;
  readonly index: StreamIndex;
  readonly release: () => Promise<void>;
}

export class LogStore implements LogSource {
  readonly #options: LogStoreOptions;
  readonly #manifest: Manifest;
  readonly #segments: SegmentSet;
  readonly #wal: WriteAheadLog;
  readonly #index: StreamIndex;
  readonly #listeners = new Set<AppendListener>();
  readonly #release: () => Promise<void>;
  #headBytes = 0;
  #headEntryCount = 0;
  #oldestHeadMs: number | undefined;
  #appliedSequence = 0;
  #flushing: Promise<void> | undefined;
  #maintaining: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;
  #closed = false;
  #counters = { duplicate: 0, corrupt: 0, flush: 0, flushFailure: 0 };

  private constructor(options: LogStoreOptions, parts: StoreParts) {
    this.#options = options;
    this.#manifest = parts.manifest;
    this.#segments = parts.segments;
    this.#wal = parts.wal;
    this.#index = parts.index;
    this.#release = parts.release;
  }

  /** Locks the folder, opens the segments and replays the log. Rejects with a StorageError. */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const { directory, clock, log } = options;
    const lock = await directory.lock();
    try {
      const manifest = await openManifest({ directory });
      const index = new StreamIndex();
      const segmentDirectory = await directory.subdirectory('segments');
      const segments = await SegmentSet.open({ directory: segmentDirectory, manifest, index, clock, log });
      const wal = await openWriteAheadLog({ directory: await directory.subdirectory('wal') });
      const store = new LogStore(options, { manifest, segments, wal, index, release: () => lock.release() });
      store.#counters.corrupt += manifest.corruptCount;
      await store.#replay();
      store.#timer = clock.every(MAINTENANCE_PERIOD_MS, () => void store.maintain());
      return store;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #replay(): Promise<void> {
    const report = await this.#wal.replay((record) => {
      if (record.type !== RECORD_PUSH) return;
      for (const stream of decodePush(record.payload)) this.#apply(stream);
      this.#appliedSequence = record.sequence;
    }, this.#manifest.state.walSequence);
    this.#appliedSequence = Math.max(this.#appliedSequence, this.#manifest.state.walSequence, this.#wal.lastSequence);
    this.#counters.corrupt += report.corruptFileCount;
    if (report.corruptFileCount > 0)
      this.#options.log.error('parts of the write-ahead log are damaged', { gaps: report.gaps });
  }

  /**
   * Accepts what passes the limits; resolves when that is durable. Rejects with a StorageError when the disk refuses
   * (nothing was accepted then).
   */
  async push(streams: readonly PushStream[]): Promise<PushOutcome> {
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'The store of logs is closed.');
    const { headBytesMax } = this.#options;
    // Senders wait for the disk rather than being sent away; only a disk that does not take anything refuses them.
    if (this.#headBytes > headBytesMax * HEAD_WAITING_FACTOR) await this.maintain();
    if (this.#headBytes > headBytesMax * HEAD_OVERFLOW_FACTOR) {
      throw new StorageError('STORAGE_LIMIT', 'Logs arrive faster than the disk takes them: send again later.');
    }
    const { limits, clock } = this.#options;
    const validated = validatePush(streams, limits, clock.nowMs());
    const admitted = this.#admit(validated.streams);
    const refusals = [...validated.refusals, ...admitted.refusals];
    const acceptedCount = admitted.streams.reduce((sum, stream) => sum + stream.entries.length, 0);
    if (acceptedCount > 0) {
      const sequence = await this.#wal.append(RECORD_PUSH, encodePush(admitted.streams));
      this.#appliedSequence = sequence;
      for (const stream of admitted.streams) {
        this.#apply(stream);
        for (const listener of this.#listeners) listener(stream.labels, stream.entries);
      }
      if (this.#headBytes >= headBytesMax) void this.maintain();
    }
    return { acceptedCount, refusals };
  }

  /** Limits that depend on what is stored: the number of streams, and how late an entry may be. */
  #admit(streams: readonly PushStream[]): { streams: readonly PushStream[]; refusals: readonly PushRefusal[] } {
    const { limits } = this.#options;
    const admitted: PushStream[] = [];
    const refusals: PushRefusal[] = [];
    let active = this.#activeStreamCount();
    for (const stream of streams) {
      const known = this.#index.find(stream.labels);
      if (known?.isActive !== true && ++active > limits.streamCountMax) {
        refusals.push(streamLimitRefusal(stream));
        continue;
      }
      const late = this.#lateBefore(known);
      const entries = late === undefined ? stream.entries : stream.entries.filter((entry) => entry.timeNs >= late);
      if (entries.length < stream.entries.length) refusals.push(lateRefusal(stream, late!));
      if (entries.length > 0) admitted.push({ labels: stream.labels, entries });
    }
    return { streams: admitted, refusals };
  }

  #activeStreamCount(): number {
    let count = 0;
    for (const stream of this.#index.all()) if (stream.isActive) count++;
    return count;
  }

  #lateBefore(stream: Stream | undefined): bigint | undefined {
    const { lateMsMax } = this.#options.limits;
    if (stream?.newestNs === undefined || lateMsMax === 0) return undefined;
    return stream.newestNs - BigInt(lateMsMax) * 1_000_000n;
  }

  #apply({ labels, entries }: PushStream): void {
    const stream = this.#index.getOrCreate(labels);
    this.#oldestHeadMs ??= this.#options.clock.nowMs();
    stream.lastPushMs = this.#options.clock.nowMs();
    for (const entry of entries) {
      // As Loki: an entry that is there already is accepted and not stored again, so a sender may repeat itself.
      if (stream.head.some((chunk) => chunk.has(entry)) || stream.sealed.some((chunk) => chunk.has(entry))) {
        this.#counters.duplicate++;
        continue;
      }
      let chunk = stream.head.at(-1);
      if (chunk === undefined || chunk.isFull) {
        chunk = new HeadChunk();
        stream.head.push(chunk);
      }
      const before = chunk.memoryBytes;
      chunk.insert(entry);
      this.#headBytes += chunk.memoryBytes - before;
      this.#headEntryCount++;
      if (stream.newestNs === undefined || entry.timeNs > stream.newestNs) stream.newestNs = entry.timeNs;
    }
  }

  /** Calls back with every accepted entry, after it is durable. Gives the function that stops it. */
  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async select({ matchers, startNs, endNs }: SelectRequest): Promise<readonly LogBlock[]> {
    const blocks: LogBlock[] = [];
    for (const stream of this.#index.select(matchers)) {
      for (const { file, block } of stream.blocks) {
        const info = file.blocks[block]!;
        if (info.minNs > endNs || info.maxNs < startNs) continue;
        blocks.push({
          stream: stream.base,
          minNs: info.minNs,
          maxNs: info.maxNs,
          entryCount: info.entryCount,
          sizeBytes: info.textBytes,
          read: (needles) => file.read(block, needles, stream.base.map),
        });
      }
      for (const chunk of [...stream.sealed, ...stream.head]) {
        if (chunk.count === 0 || chunk.minNs > endNs || chunk.maxNs < startNs) continue;
        blocks.push(headBlock(stream, chunk));
      }
    }
    return blocks;
  }

  /** The label sets with entries in the time range. */
  series(matchers: readonly Matcher[], startNs: bigint, endNs: bigint): readonly Labels[] {
    return this.#index
      .select(matchers)
      .filter((stream) => stream.overlaps(startNs, endNs))
      .map((stream) => stream.base.labels);
  }

  /** Writes and forgets what is due. Runs do not overlap; the promise resolves after this one. */
  maintain(): Promise<void> {
    this.#maintaining = this.#maintaining.then(async () => {
      try {
        const { clock, headAgeMsMax, headBytesMax } = this.#options;
        const aged = this.#oldestHeadMs !== undefined && clock.nowMs() - this.#oldestHeadMs >= headAgeMsMax;
        if (aged || this.#headBytes >= headBytesMax) await this.flush();
        await this.#segments.expire(this.#options.retention, this.#wal.sizeBytes);
        await this.#segments.compact();
      } catch (error) {
        this.#counters.flushFailure++;
        this.#options.log.error(
          'logs could not be written into a segment, they stay in memory and in the write-ahead log',
          { error },
        );
      }
    });
    return this.#maintaining;
  }

  /** Writes everything in memory into a segment. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const walSequence = this.#appliedSequence;
    const sealedStreams: Stream[] = [];
    const sealedBytes = this.#headBytes;
    const sealedCount = this.#headEntryCount;
    for (const stream of this.#index.all()) {
      if (stream.head.length === 0) continue;
      stream.sealed = [...stream.sealed, ...stream.head];
      stream.head = [];
      sealedStreams.push(stream);
    }
    this.#oldestHeadMs = undefined;
    if (sealedStreams.length === 0) return;
    try {
      const parts = sealedStreams.map((stream) => ({
        labels: stream.base.labels,
        entries: mergeEntries(stream.sealed.map((chunk) => chunk.snapshot())),
      }));
      await this.#segments.write(parts, {
        walSequence,
        swap: () => {
          for (const stream of sealedStreams) stream.sealed = [];
        },
      });
      this.#headBytes -= sealedBytes;
      this.#headEntryCount -= sealedCount;
      this.#counters.flush++;
    } catch (error) {
      // Back to where it was; the next flush takes it along.
      for (const stream of sealedStreams) {
        stream.head = [...stream.sealed, ...stream.head];
        stream.sealed = [];
      }
      this.#oldestHeadMs = this.#options.clock.nowMs();
      throw error;
    }
    await this.#wal.rotate();
    await this.#wal.truncateThrough(walSequence);
  }

  stats(): LogStoreStats {
    return {
      streamCount: this.#index.size,
      activeStreamCount: this.#activeStreamCount(),
      headBytes: this.#headBytes,
      headEntryCount: this.#headEntryCount,
      segmentCount: this.#segments.count,
      segmentBytes: this.#segments.sizeBytes,
      walBytes: this.#wal.sizeBytes,
      duplicateCount: this.#counters.duplicate,
      corruptCount: this.#counters.corrupt + this.#segments.corruptCount,
      flushCount: this.#counters.flush,
      flushFailureCount: this.#counters.flushFailure,
      expiredSegmentCount: this.#segments.expiredCount,
      mergedSegmentCount: this.#segments.mergedCount,
    };
  }

  /** Stops, leaving what is in memory to the write-ahead log. Calling twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#maintaining;
    await this.#flushing?.catch(() => undefined);
    await this.#wal.close();
    await this.#segments.close();
    await this.#release();
  }
}

function headBlock(stream: Stream, chunk: HeadChunk): LogBlock {
  return {
    stream: stream.base,
    minNs: chunk.minNs,
    maxNs: chunk.maxNs,
    entryCount: chunk.count,
    sizeBytes: chunk.lineBytes,
    read: async () => chunk.snapshot(),
  };
}
