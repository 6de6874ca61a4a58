/**
 * The metrics store: write-ahead log, head, blocks. What `append` acknowledged is there after any crash, once; what
 * `deleteSeries` acknowledged does not come back.
 *
 * A request goes to the log as one record; when that is durable it is applied to the head. Every two hours (or when the
 * log is large) a new head begins, and the old one is written as a block; then the log is cut.
 */
import { type DirectoryLock, openWriteAheadLog, StorageError, type WriteAheadLog } from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { ExemplarSeries, LabelQuery, MetricMetadata, Queryable, SelectHints } from '../queryable.ts';
import { type AppendRequest, type AppendResult, newAppendResult, type SampleRow } from './append-request.ts';
import { Barrier } from './barrier.ts';
import { BlockList } from './block-list.ts';
import { ClockWatch } from './clock-watch.ts';
import { Compactor } from './compaction/compactor.ts';
import { clampDeletion, type DeletionRequest, encodeDeletion } from './deletion.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import type { Head } from './head.ts';
import { HeadList } from './head-list.ts';
import type { HeadLog } from './head-log.ts';
import { writeHead } from './head-writer.ts';
import { MetadataTable } from './metadata-table.ts';
import { recoverStore } from './recover-store.ts';
import { SeriesClock } from './series-clock.ts';
import { SeriesGate } from './series-gate.ts';
import { SeriesIndex } from './series-index.ts';
import { writeSnapshot } from './snapshot.ts';
import { type MetricsStoreOptions, STORE_LIMITS, type StoreStats } from './store-options.ts';
import { StoreReader } from './store-reader.ts';
import { RECORD_APPEND, RECORD_DELETE } from './wal-entries.ts';
import { WriteFailures } from './write-failures.ts';
import { type TakeStarts, takeStarts } from './zero-samples.ts';

/** A head spans this much time before it becomes a block, as the real server's. */
const HEAD_SPAN_MS = 2 * 60 * 60_000;

/** A larger log would make the next start slow: about a second for each 200 MB. */
const WAL_BYTES_MAX = 192 * 1024 * 1024;

const MAINTENANCE_PERIOD_MS = 30_000;

/** Writing the head so that idle series can go costs a small block; not more often than this. */
const ROOM_PERIOD_MS = 2 * 60_000;

/** A clock that is ahead is no reason to refuse; one that is far ahead would make all other samples old. */
const FUTURE_MS_MAX = 10 * 60_000;

export class MetricsStore implements Queryable {
  readonly index: SeriesIndex;
  readonly metadataTable = new MetadataTable();
  readonly #options: MetricsStoreOptions;
  readonly #clock = new SeriesClock();
  readonly #lock: DirectoryLock;
  readonly #wal: WriteAheadLog;
  readonly #blocks: BlockList;
  readonly #compactor: Compactor;
  readonly #heads: HeadList;
  readonly #exemplars: ExemplarRing;
  readonly #reader: StoreReader;
  readonly #gate: SeriesGate;
  readonly #watch: ClockWatch;
  readonly #failures: WriteFailures;
  readonly #starts: TakeStarts | undefined;
  #outOfOrderTimeWindowMs: number;
  /** Requests that hold refs which no head may know yet. */
  #pending = 0;
  #settled: Promise<unknown> = Promise.resolve();
  /** While a deletion is at work, further requests wait: the log tells which samples came before it. */
  readonly #barrier = new Barrier();
  #maintenance: Promise<unknown> | undefined;
  #timer: { cancel(): void } | undefined;
  #room: { wanted: 'no' | 'flush' | 'unload'; atMs: number } = { wanted: 'no', atMs: Number.NEGATIVE_INFINITY };
  #forgetLater = false;
  #closed = false;
  #turnBackCount = 0;
  readonly #counts = {
    appendedCount: 0,
    outOfOrderCount: 0,
    duplicateCount: 0,
    outOfBoundsCount: 0,
    flushCount: 0,
    flushFailureCount: 0,
    walCorruptionCount: 0,
    replayDurationMs: 0,
    deletionCount: 0,
  };

  static async open(options: MetricsStoreOptions): Promise<MetricsStore> {
    const lock = await options.directory.lock();
    try {
      const index = new SeriesIndex();
      const blocks = await BlockList.open(options.directory, index, options.log);
      const wal = await openWriteAheadLog({ directory: await options.directory.subdirectory('wal') });
      const store = new MetricsStore(options, lock, wal, index, blocks);
      await store.#recover();
      return store;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private constructor(
    options: MetricsStoreOptions,
    lock: DirectoryLock,
    wal: WriteAheadLog,
    index: SeriesIndex,
    blocks: BlockList,
  ) {
    const { clock, log } = options;
    this.index = index;
    this.#options = options;
    this.#lock = lock;
    this.#wal = wal;
    this.#blocks = blocks;
    this.#compactor = new Compactor(blocks, options.mergeThreadBytesMin);
    this.#exemplars = new ExemplarRing(options.exemplarsMax ?? 100_000);
    this.#outOfOrderTimeWindowMs = options.outOfOrderTimeWindowMs ?? 0;
    this.#starts = options.starts === undefined ? undefined : takeStarts(options.starts);
    // A block of a time that is not yet was written before the clock was set right.
    const beforeMs = Math.min(blocks.newest?.entry.maxTimeMs ?? -Infinity, clock.nowMs());
    this.#heads = new HeadList(index, this.#clock, beforeMs);
    this.#watch = new ClockWatch(clock, log);
    this.#failures = new WriteFailures(clock, log);
    this.#gate = new SeriesGate({
      index,
      seriesClock: this.#clock,
      limits: { ...STORE_LIMITS, ...options.limits },
      clock,
      log,
      makeRoom: () => this.#makeRoom(),
    });
    this.#reader = new StoreReader(index, this.#clock, this.#exemplars, () => ({
      blocks: this.#blocks.blocks,
      heads: this.#heads.all.map(({ head }) => head),
    }));
  }

  /**
   * The ref of a label set, for `append`; -1 when it is refused because a limit is met (counted). Refs stay valid until
   * `refGeneration` changes.
   */
  ref(labels: Labels): number {
    const known = this.index.find(labels);
    if (known !== undefined) return known;
    return this.#gate.admits(labels) ? this.index.add(labels) : -1;
  }

  /** Counts up when refs were given up: whoever keeps refs asks again, since they may come to stand for other series. */
  get refGeneration(): number {
    return this.index.removals;
  }

  /** Whether a ref that was asked for in that `refGeneration` stands for the same series still. */
  keeps(ref: number, refGeneration: number): boolean {
    return this.index.keeps(ref, refGeneration);
  }

  /** A reload may change it; the present samples stay. */
  setOutOfOrderTimeWindow(windowMs: number): void {
    this.#outOfOrderTimeWindowMs = windowMs;
  }

  /**
   * Stores the samples; resolves when they are durable and can be read. Rejects with a StorageError when they are not
   * (nothing is stored then); samples that are late, double or far in the future are dropped and counted in the result.
   */
  async append(given: AppendRequest): Promise<AppendResult> {
    this.#pending++;
    try {
      const starts = this.#starts;
      const request = starts === undefined ? given : await starts(given, this.#clock, (zeros) => this.append(zeros));
      while (this.#barrier.closed !== undefined) await this.#barrier.closed;
      if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'The metrics store is closed.');
      const result = newAppendResult();
      const rows = this.#inTime(request.rows, result);
      const { log, payload, epoch } = this.#encode(rows, request);
      if (payload !== undefined) {
        const done = this.#store(log, payload, epoch, rows, request, result);
        this.#settled = Promise.allSettled([this.#settled, done]);
        await done;
      }
      this.#count(result);
      return result;
    } finally {
      this.#pending--;
      if (this.#forgetLater && this.#pending === 0) this.#forgetSeries();
    }
  }

  /**
   * Deletes the samples in a time range (inclusive) of all series that one of the matcher lists takes, of what is there
   * now. When it resolves they are gone from every answer, and stay gone after any crash; the disk gets its space back
   * when blocks are compacted.
   */
  async deleteSeries(matcherSets: readonly (readonly LabelMatcher[])[], startMs: number, endMs: number): Promise<void> {
    for (const matchers of matcherSets) await this.#delete(clampDeletion({ matchers, startMs, endMs }));
  }

  /** Rewrites the blocks of which something is deleted without it. */
  async cleanTombstones(): Promise<void> {
    await this.#exclusively(async () => {
      await this.#compactor.clean(this.#options.clock.nowMs());
      this.#forgetSeries();
    });
  }

  /**
   * Writes a copy of the store below its directory, that opens as a store by itself, and gives its name. The head becomes
   * a block first, unless it is left out.
   */
  async snapshot(skipHead: boolean): Promise<string> {
    return this.#exclusively(async () => {
      if (!skipHead) await this.#flushHeads();
      return writeSnapshot(this.#options.directory, this.#blocks, this.#options.clock.nowMs());
    });
  }

  select(matchers: readonly LabelMatcher[], hints: SelectHints) {
    return this.#reader.select(matchers, hints);
  }

  /** The same as plain data over shared memory, for readers in other threads. */
  readonly selectSnapshot: StoreReader['selectSnapshot'] = (...of) => this.#reader.selectSnapshot(...of);

  readonly lastSamples: StoreReader['lastSamples'] = (...of) => this.#reader.lastSamples(...of);
  readonly labelNames: StoreReader['labelNames'] = (query) => this.#reader.labelNames(query);
  readonly labelValues: StoreReader['labelValues'] = (...of) => this.#reader.labelValues(...of);
  /** Labels of all series with samples in the time range, sorted. */
  readonly series: StoreReader['series'] = (query) => this.#reader.series(query);

  exemplars(query: LabelQuery): Promise<ExemplarSeries[]> {
    return Promise.resolve(this.#reader.exemplars(query));
  }

  metadata(metric?: string): Map<string, MetricMetadata[]> {
    return this.metadataTable.of(metric);
  }

  get stats(): StoreStats {
    return {
      ...this.#counts,
      ...this.#heads.stats,
      ...this.#blocks.stats,
      ...this.#compactor.stats,
      seriesCount: this.index.size,
      tombstoneCount: this.#blocks.deletionCount + this.#heads.tombstoneCount,
      walBytes: this.#wal.sizeBytes,
      seriesRefused: this.#gate.refused,
      exemplarCount: this.#exemplars.size,
      exemplarAppendedCount: this.#exemplars.appendedCount,
      appendFailureCount: this.#failures.count,
      clockJumpCount: this.#watch.jumpCount + this.#turnBackCount,
    };
  }

  /** Oldest sample in blocks and head, or Infinity. */
  get minTimeMs(): number {
    return Math.min(
      ...this.#blocks.blocks.map((block) => block.entry.minTimeMs),
      ...this.#heads.all.map(({ head }) => head.minTimeMs),
    );
  }

  /** Writes the head as a block now, whatever its age. Resolves when the block is durable and the log is cut. */
  async flush(): Promise<void> {
    await this.#exclusively(() => this.#flushHeads());
  }

  /** Merges blocks as far as there is something to merge, now. */
  async compact(): Promise<void> {
    await this.#exclusively(() => this.#compact());
  }

  /** Makes pending appends durable and closes the files. Calling twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#settled;
    await this.#maintenance?.catch(() => {});
    await this.#wal.close();
    await this.#blocks.close();
    await this.#lock.release();
  }

  /** The rows whose time is not far ahead of the clock. */
  #inTime(rows: readonly SampleRow[], result: AppendResult): readonly SampleRow[] {
    const nowMs = this.#options.clock.nowMs();
    const limitMs = nowMs + FUTURE_MS_MAX;
    if (this.#clock.newestMs > limitMs) this.#turnBack(nowMs);
    if (rows.every((row) => row.timestampMs <= limitMs)) return rows;
    return rows.filter((row) => {
      if (row.timestampMs <= limitMs) return true;
      result.outOfBounds += row.count;
      return false;
    });
  }

  /** The clock was ahead and is not any more: samples from then stay, and must not make those of now old. */
  #turnBack(nowMs: number): void {
    this.#options.log.warn(
      'the clock was set back: samples of a time that is not yet stay, new ones begin a new head',
      {
        newest_sample: new Date(this.#clock.newestMs).toISOString(),
        now: new Date(nowMs).toISOString(),
      },
    );
    this.#turnBackCount++;
    this.#heads.turnBack(nowMs);
    // Requests on their way to the old head may still move times ahead.
    void this.#settled.then(() => this.#clock.turnBack(nowMs + FUTURE_MS_MAX));
  }

  #encode(rows: readonly SampleRow[], request: AppendRequest) {
    const exemplars = (request.exemplars ?? []).filter(({ ref, exemplar }) => this.#exemplars.isNew(ref, exemplar));
    const metadata = (request.metadata ?? []).filter(([family, each]) => !this.metadataTable.knows(family, each));
    const log = this.#heads.active;
    const empty = rows.length === 0 && exemplars.length === 0 && metadata.length === 0;
    const payload = empty ? undefined : log.encode(rows, exemplars, metadata, this.#outOfOrderTimeWindowMs);
    return { log, payload, epoch: log.epoch };
  }

  async #store(
    log: HeadLog,
    payload: Uint8Array<ArrayBuffer>,
    epoch: number,
    rows: readonly SampleRow[],
    request: AppendRequest,
    result: AppendResult,
  ): Promise<void> {
    try {
      log.logged(await this.#wal.append(RECORD_APPEND, payload), payload);
      if (log.epoch !== epoch) {
        const { exemplars = [], metadata = [] } = request;
        log.logged(
          await this.#wal.append(RECORD_APPEND, log.encode(rows, exemplars, metadata, this.#outOfOrderTimeWindowMs)),
        );
      }
    } catch (error) {
      // Definitions in the failed record may be missing for later ones: everything is defined again.
      log.forgetLogged();
      this.#failures.failed('storing samples', error);
      throw error;
    }
    this.#failures.succeeded();
    for (const row of rows) log.head.apply(row, log.head.group(row.group), this.#outOfOrderTimeWindowMs, result);
    for (const { ref, exemplar } of request.exemplars ?? []) this.#exemplars.add(ref, exemplar);
    for (const [family, metadata] of request.metadata ?? []) this.metadataTable.add(family, metadata);
  }

  #count(result: AppendResult): void {
    this.#counts.appendedCount += result.appended;
    this.#counts.outOfOrderCount += result.outOfOrder;
    this.#counts.duplicateCount += result.duplicate;
    this.#counts.outOfBoundsCount += result.outOfBounds;
  }

  async #delete(request: DeletionRequest): Promise<void> {
    while (this.#barrier.closed !== undefined) await this.#barrier.closed;
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'The metrics store is closed.');
    const done = this.#deleteAlone(request);
    this.#settled = Promise.allSettled([this.#settled, done]);
    await this.#barrier.during(done);
  }

  async #deleteAlone(request: DeletionRequest): Promise<void> {
    // What was asked to be stored before is deleted as well.
    await this.#settled;
    let sequence: number;
    try {
      sequence = await this.#wal.append(RECORD_DELETE, encodeDeletion(request));
    } catch (error) {
      this.#failures.failed('deleting series', error);
      throw error;
    }
    const deletion = { id: sequence, ...request };
    this.#heads.delete(deletion);
    await this.#blocks.delete(deletion);
    this.#counts.deletionCount++;
  }

  async #recover(): Promise<void> {
    const startMs = this.#options.clock.monotonicMs();
    const report = await recoverStore({
      wal: this.#wal,
      blocks: this.#blocks,
      heads: this.#heads,
      metadata: this.metadataTable,
      exemplars: this.#exemplars,
      ref: (labels) => this.ref(labels),
      log: this.#options.log,
    });
    this.#counts.walCorruptionCount = report.corruptFileCount;
    this.#counts.replayDurationMs = this.#options.clock.monotonicMs() - startMs;
    this.#timer = this.#options.clock.every(MAINTENANCE_PERIOD_MS, () => void this.#maintain());
  }

  /** Runs after the periodic work that is under way, and keeps the next away. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    while (this.#maintenance !== undefined) await this.#maintenance.catch(() => {});
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'The metrics store is closed.');
    const done = work().finally(() => (this.#maintenance = undefined));
    this.#maintenance = done;
    return done;
  }

  /** The periodic work: a new head when the present one is old or its log is large, blocks, retention, memory. */
  async #maintain(): Promise<void> {
    if (this.#maintenance !== undefined || this.#closed) return;
    await this.#exclusively(() => this.#tidy()).catch((error) =>
      this.#failures.failed('maintenance of the metrics store', error),
    );
  }

  async #tidy(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const trusted = this.#watch.trusted();
    const { head } = this.#heads.active;
    const old = head.maxTimeMs - head.minTimeMs >= HEAD_SPAN_MS;
    const full = this.#wal.sizeBytes > WAL_BYTES_MAX;
    if (old || full || this.#heads.frozen.length > 0 || this.#room.wanted === 'flush') await this.#flushHeads();
    const ageMsMax = trusted ? (this.#options.retentionMs ?? 0) : 0;
    const policy = { ageMsMax, sizeBytesMax: this.#options.retentionSizeBytes ?? 0 };
    const dropped = await this.#blocks.dropOld(policy, nowMs, this.#wal.sizeBytes);
    const room = this.#room.wanted === 'unload';
    this.#room.wanted = this.#room.wanted === 'flush' ? 'unload' : 'no';
    const unloaded = this.#blocks.unloadUnused(room ? 0 : undefined);
    if (dropped || unloaded) this.#forgetSeries();
    await this.#blocks.closeRetired(nowMs);
    await this.#compact();
  }

  async #compact(): Promise<void> {
    const { clock, retentionMs = 0 } = this.#options;
    let merged = false;
    while (!this.#closed && (await this.#compactor.mergeNext(retentionMs, clock.nowMs()))) merged = true;
    if (merged) this.#forgetSeries();
  }

  /** Idle series leave the memory when their head is a block and that is not loaded. */
  #makeRoom(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#room.wanted !== 'no' || Math.abs(nowMs - this.#room.atMs) < ROOM_PERIOD_MS) return;
    this.#room = { wanted: 'flush', atMs: nowMs };
    this.#options.clock.after(0, () => void this.#maintain());
  }

  async #flushHeads(): Promise<void> {
    if (this.#heads.frozen.length === 0) {
      if (this.#heads.active.head.sampleCount === 0) return;
      this.#heads.freeze();
      this.index.rest();
    }
    // Requests that began before the change belong to the old head: their records are older than all of the new one.
    await this.#settled;
    for (const log of this.#heads.frozen) {
      try {
        await writeHead(log, {
          blocks: this.#blocks,
          index: this.index,
          metadata: this.metadataTable.all(),
          exemplars: this.#reader.exemplars({ matcherSets: [], startMs: -Infinity, endMs: Infinity }),
          // The same turn as the block's appearance: a reader sees the samples once.
          written: () => this.#heads.written(log),
        });
      } catch (error) {
        this.#counts.flushFailureCount++;
        throw error;
      }
      this.#counts.flushCount++;
      this.#forgetSeries();
      await this.#wal.rotate();
      await this.#wal.truncateThrough(log.sequence);
    }
    // What was removed before the present head began is in none.
    const reused = this.index.reuse();
    this.#clock.forget(reused);
    this.#exemplars.forget(reused);
  }

  /** Takes series out of the index that are in no head and no loaded block. */
  #forgetSeries(): void {
    // A request on its way to the log holds refs that no head has yet.
    this.#forgetLater = this.#pending > 0;
    if (this.#forgetLater) return;
    const heads = this.#heads.all.map(({ head }): Head => head);
    const gone = new Set<number>();
    for (let ref = 0; ref < this.index.refCount; ref++) {
      if (!this.index.has(ref) || heads.some((head) => head.has(ref))) continue;
      if (this.#blocks.blocks.some((block) => block.loaded?.has(ref))) continue;
      gone.add(ref);
    }
    if (gone.size === 0) return;
    this.index.remove(gone);
    this.#gate.forgetIdle();
  }
}
