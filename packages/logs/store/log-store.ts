/**
 * The store of logs: accepts pushes durably, keeps them in memory until they fill a segment, and gives blocks to queries.
 *
 * Order of things: a push is validated, written to the write-ahead log, then applied to memory; only then is it
 * acknowledged. A flush seals the memory, writes it as one segment, commits the manifest with the last sequence that the
 * segment holds, and drops the log up to there. After a crash the log is replayed on top of the manifest.
 */
import type { Clock, Log } from '@mario/service';
import {
  decideRetention,
  isStorageError,
  type Manifest,
  type ManifestEntry,
  openManifest,
  openSegmentOrQuarantine,
  openWriteAheadLog,
  type RetentionPolicy,
  type StorageDirectory,
  StorageError,
  type WriteAheadLog,
  writeSegment,
} from '@mario/storage';
import type { Matcher } from '../logql/ast.ts';
import type { LogBlock, LogSource, SelectRequest } from '../logql/evaluation/log-source.ts';
import { type Labels, printLabels } from '../logql/labels.ts';
import { HeadChunk } from './head-chunk.ts';
import type { StoreLimits } from './limits.ts';
import { mergeEntries } from './merge-entries.ts';
import type { PushEntry, PushOutcome, PushRefusal, PushStream } from './push.ts';
import { buildSegment, SEGMENT_KIND, SEGMENT_VERSION, SegmentFile, type SegmentStream } from './segment-file.ts';
import { type Stream, StreamIndex } from './stream-index.ts';
import { validatePush } from './validation.ts';
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
}

/** Who wants to see entries as they are accepted (live tail). */
export type AppendListener = (labels: Labels, entries: readonly PushEntry[]) => void;

const MAINTENANCE_PERIOD_MS = 10_000;

/** Longer than any query may run. */
const CLOSE_DELAY_MS = 300_000;

/** Memory beyond this multiple of the flush threshold: pushes wait until a segment is written. */
const HEAD_WAITING_FACTOR = 2;

/** Beyond this one pushes are refused: the disk takes nothing at all. */
const HEAD_OVERFLOW_FACTOR = 4;

const isSegmentName = (name: string): boolean => /^logs-\d+\.seg$/.test(name);

export class LogStore implements LogSource {
  readonly #options: LogStoreOptions;
  readonly #segmentDirectory: StorageDirectory;
  readonly #manifest: Manifest;
  readonly #wal: WriteAheadLog;
  readonly #index = new StreamIndex();
  readonly #files = new Map<string, SegmentFile>();
  readonly #listeners = new Set<AppendListener>();
  #headBytes = 0;
  #headEntryCount = 0;
  #oldestHeadMs: number | undefined;
  #appliedSequence = 0;
  #flushing: Promise<void> | undefined;
  #maintaining: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;
  #release: () => Promise<void> = async () => {};
  #closed = false;
  #counters = { duplicate: 0, corrupt: 0, flush: 0, flushFailure: 0, expired: 0 };

  private constructor(
    options: LogStoreOptions,
    segmentDirectory: StorageDirectory,
    manifest: Manifest,
    wal: WriteAheadLog,
  ) {
    this.#options = options;
    this.#segmentDirectory = segmentDirectory;
    this.#manifest = manifest;
    this.#wal = wal;
  }

  /** Locks the folder, opens the segments and replays the log. Rejects with a StorageError. */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const { directory } = options;
    const lock = await directory.lock();
    try {
      const manifest = await openManifest({ directory });
      const segments = await directory.subdirectory('segments');
      await manifest.removeOrphans(segments, isSegmentName);
      const wal = await openWriteAheadLog({ directory: await directory.subdirectory('wal') });
      const store = new LogStore(options, segments, manifest, wal);
      store.#release = () => lock.release();
      store.#counters.corrupt += manifest.corruptCount;
      await store.#openSegments();
      await store.#replay();
      store.#timer = options.clock.every(MAINTENANCE_PERIOD_MS, () => void store.maintain());
      return store;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #openSegments(): Promise<void> {
    for (const entry of this.#manifest.state.entries) {
      const opened = await openSegmentOrQuarantine(this.#segmentDirectory, entry.name, {
        kind: SEGMENT_KIND,
        versionMax: SEGMENT_VERSION,
      });
      try {
        if (opened instanceof StorageError) throw opened;
        this.#addFile(entry.name, await SegmentFile.open(opened));
      } catch (error) {
        if (!isStorageError(error, 'STORAGE_CORRUPT') && !isStorageError(error, 'STORAGE_NOT_FOUND')) throw error;
        this.#counters.corrupt++;
        this.#options.log.error('a segment of logs is damaged and was set aside', { segment: entry.name, error });
      }
    }
  }

  #addFile(name: string, file: SegmentFile): void {
    this.#files.set(name, file);
    const streams = file.streams.map((labels) => this.#index.getOrCreate(labels));
    file.blocks.forEach((info, block) => {
      const stream = streams[info.stream]!;
      stream.blocks.push({ file, block });
      if (stream.newestNs === undefined || info.maxNs > stream.newestNs) stream.newestNs = info.maxNs;
    });
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
        refusals.push({
          reason: 'stream_limit',
          message: `Maximum active stream limit exceeded when trying to create stream ${printLabels(stream.labels)}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'`,
          entryCount: stream.entries.length,
          lineBytes: stream.entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.line), 0),
          status: 429,
        });
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
        await this.#expire();
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
      await this.#writeSealed(sealedStreams, walSequence);
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

  async #writeSealed(streams: readonly Stream[], walSequence: number): Promise<void> {
    const parts: SegmentStream[] = streams.map((stream) => ({
      labels: stream.base.labels,
      entries: mergeEntries(stream.sealed.map((chunk) => chunk.snapshot())),
    }));
    const { input, summary } = await buildSegment(parts);
    const name = `logs-${String(this.#manifest.state.generation + 1).padStart(12, '0')}.seg`;
    const { sizeBytes } = await writeSegment(this.#segmentDirectory, name, input);
    const entry: ManifestEntry = {
      name,
      sizeBytes,
      minTimeMs: Number(summary.minNs / 1_000_000n),
      maxTimeMs: Number(summary.maxNs / 1_000_000n),
      meta: { entries: summary.entryCount, lineBytes: summary.lineBytes },
    };
    await this.#manifest.commit((state) => ({ ...state, walSequence, entries: [...state.entries, entry] }));
    const opened = await openSegmentOrQuarantine(this.#segmentDirectory, name, {
      kind: SEGMENT_KIND,
      versionMax: SEGMENT_VERSION,
    });
    if (opened instanceof StorageError) throw opened;
    const file = await SegmentFile.open(opened);
    // Without a pause between the two, so that no query sees the entries twice or not at all.
    this.#addFile(name, file);
    for (const stream of streams) stream.sealed = [];
  }

  async #expire(): Promise<void> {
    const { entries } = this.#manifest.state;
    const { clock, retention } = this.#options;
    const decision = decideRetention(entries, retention, clock.nowMs(), this.#wal.sizeBytes);
    const dropped = [...decision.dropByAge, ...decision.dropBySize];
    if (dropped.length === 0) return;
    const names = new Set(dropped.map((entry) => entry.name));
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.filter((entry) => !names.has(entry.name)),
    }));
    for (const name of names) {
      const file = this.#files.get(name);
      this.#files.delete(name);
      if (file !== undefined)
        for (const stream of this.#index.all()) stream.blocks = stream.blocks.filter((block) => block.file !== file);
      // Queries that began before may still read it; removing an open file only takes its name away.
      if (file !== undefined) clock.after(CLOSE_DELAY_MS, () => void file.segment.close());
      await this.#segmentDirectory.remove(name);
      this.#counters.expired++;
    }
    this.#index.removeEmpty();
  }

  stats(): LogStoreStats {
    return {
      streamCount: this.#index.size,
      activeStreamCount: this.#activeStreamCount(),
      headBytes: this.#headBytes,
      headEntryCount: this.#headEntryCount,
      segmentCount: this.#files.size,
      segmentBytes: this.#manifest.state.entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
      walBytes: this.#wal.sizeBytes,
      duplicateCount: this.#counters.duplicate,
      corruptCount: this.#counters.corrupt,
      flushCount: this.#counters.flush,
      flushFailureCount: this.#counters.flushFailure,
      expiredSegmentCount: this.#counters.expired,
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
    for (const file of this.#files.values()) await file.segment.close();
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

function lateRefusal(stream: PushStream, oldestNs: bigint): PushRefusal {
  const late = stream.entries.filter((entry) => entry.timeNs < oldestNs);
  const time = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();
  const first = time(late[0]!.timeNs);
  return {
    reason: 'too_far_behind',
    message: `entry with timestamp ${first} ignored, reason: 'entry too far behind, entry timestamp is: ${first}, oldest acceptable timestamp is: ${time(oldestNs)}', user 'fake', total ignored: ${late.length} out of ${stream.entries.length} for stream: ${printLabels(stream.labels)}`,
    entryCount: late.length,
    lineBytes: late.reduce((sum, entry) => sum + Buffer.byteLength(entry.line), 0),
    status: 400,
  };
}
