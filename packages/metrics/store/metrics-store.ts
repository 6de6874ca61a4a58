/**
 * The metrics store: write-ahead log, head, blocks. What `append` acknowledged is there after any crash, once.
 *
 * A request goes to the log as one record; when that is durable it is applied to the head. Every two hours (or when the
 * log is large) a new head begins, and the old one is written as a block; then the log is cut.
 */
import {
  type DirectoryLock,
  decideRetention,
  isStorageError,
  type Manifest,
  openManifest,
  openSegmentOrQuarantine,
  openWriteAheadLog,
  type StorageDirectory,
  StorageError,
  type WalReplayReport,
  type WriteAheadLog,
  writeSegment,
} from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { ExemplarSeries, LabelQuery, MetricMetadata, Queryable, SelectHints } from '../queryable.ts';
import { type AppendRequest, type AppendResult, newAppendResult, type SampleRow } from './append-request.ts';
import { Block } from './block.ts';
import { BLOCK_KIND, BLOCK_VERSION, encodeBlock } from './block-writer.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { Head } from './head.ts';
import { HeadLog } from './head-log.ts';
import { MetadataTable } from './metadata-table.ts';
import { SeriesClock } from './series-clock.ts';
import { SeriesIndex } from './series-index.ts';
import { type MetricsStoreOptions, STORE_LIMITS, type StoreLimits, type StoreStats } from './store-options.ts';
import { StoreReader } from './store-reader.ts';
import { RECORD_APPEND } from './wal-entries.ts';

/** A head spans this much time before it becomes a block, as the real server's. */
const HEAD_SPAN_MS = 2 * 60 * 60_000;

/** A larger log would make the next start slow: about a second for each 200 MB. */
const WAL_BYTES_MAX = 192 * 1024 * 1024;

const MAINTENANCE_PERIOD_MS = 30_000;

/** Decoded blocks in memory; the longest unused go first. */
const LOADED_BYTES_MAX = 256 * 1024 * 1024;

/** A clock that is ahead is no reason to refuse; one that is far ahead would make all other samples old. */
const FUTURE_MS_MAX = 10 * 60_000;

export class MetricsStore implements Queryable {
  readonly index = new SeriesIndex();
  readonly metadataTable = new MetadataTable();
  /** Counts up when refs were given up: whoever keeps refs asks again. */
  refGeneration = 0;
  readonly #options: MetricsStoreOptions;
  readonly #limits: StoreLimits;
  readonly #clock = new SeriesClock();
  readonly #lock: DirectoryLock;
  readonly #manifest: Manifest;
  readonly #wal: WriteAheadLog;
  readonly #blockDirectory: StorageDirectory;
  readonly #blocks: Block[] = [];
  readonly #exemplars: ExemplarRing;
  readonly #reader: StoreReader;
  #outOfOrderTimeWindowMs: number;
  #active: HeadLog;
  /** Heads that take no more samples and are not yet written; oldest first. */
  #frozen: HeadLog[] = [];
  #pending = 0;
  #settled: Promise<unknown> = Promise.resolve();
  #maintenance: Promise<void> | undefined;
  #timer: { cancel(): void } | undefined;
  #closed = false;
  readonly #counts = {
    ...newAppendResult(),
    seriesRefused: 0,
    corrupt: 0,
    flushes: 0,
    flushFailures: 0,
    walCorrupt: 0,
    replayMs: 0,
  };

  static async open(options: MetricsStoreOptions): Promise<MetricsStore> {
    const lock = await options.directory.lock();
    try {
      const manifest = await openManifest({ directory: options.directory });
      const blockDirectory = await options.directory.subdirectory('blocks');
      await manifest.removeOrphans(blockDirectory, (name) => name.endsWith('.seg'));
      const wal = await openWriteAheadLog({ directory: await options.directory.subdirectory('wal') });
      const store = new MetricsStore(options, lock, manifest, wal, blockDirectory);
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
    manifest: Manifest,
    wal: WriteAheadLog,
    blockDirectory: StorageDirectory,
  ) {
    this.#options = options;
    this.#limits = { ...STORE_LIMITS, ...options.limits };
    this.#lock = lock;
    this.#manifest = manifest;
    this.#wal = wal;
    this.#blockDirectory = blockDirectory;
    this.#exemplars = new ExemplarRing(options.exemplarsMax ?? 100_000);
    this.#outOfOrderTimeWindowMs = options.outOfOrderTimeWindowMs ?? 0;
    this.#active = new HeadLog(new Head(this.#clock), this.index);
    this.#reader = new StoreReader(this.index, this.#clock, this.#exemplars, () => ({
      blocks: this.#blocks,
      heads: [...this.#frozen, this.#active].map(({ head }) => head),
    }));
  }

  /**
   * The ref of a label set, for `append`; -1 when it is refused because a limit is met (counted). Refs stay valid until
   * `refGeneration` changes.
   */
  ref(labels: Labels): number {
    const known = this.index.find(labels);
    if (known !== undefined) return known;
    if (this.index.size >= this.#limits.series || labels.size > this.#limits.labelsPerSeries || this.#tooLong(labels)) {
      this.#counts.seriesRefused++;
      return -1;
    }
    return this.index.add(labels);
  }

  #tooLong(labels: Labels): boolean {
    return labels.pairs.some((text) => text.length > this.#limits.labelChars);
  }

  /** A reload may change it; the present samples stay. */
  setOutOfOrderTimeWindow(windowMs: number): void {
    this.#outOfOrderTimeWindowMs = windowMs;
  }

  /**
   * Stores the samples; resolves when they are durable and can be read. Rejects with a StorageError when they are not
   * (nothing is stored then); samples that are late, double or far in the future are dropped and counted in the result.
   */
  async append(request: AppendRequest): Promise<AppendResult> {
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', 'The metrics store is closed.');
    const result = newAppendResult();
    const limitMs = this.#options.clock.nowMs() + FUTURE_MS_MAX;
    const rows = request.rows.filter((row) => {
      if (row.timestampMs <= limitMs) return true;
      result.outOfBounds += row.count;
      return false;
    });
    const { head, payload, epoch } = this.#encode(rows, request);
    if (payload !== undefined) {
      this.#pending++;
      const logged = this.#log(head, payload, epoch, rows, request);
      const done = logged.then(() => this.#apply(head, rows, request, result)).finally(() => this.#pending--);
      this.#settled = Promise.allSettled([this.#settled, done]);
      await done;
    }
    this.#count(result);
    return result;
  }

  select(matchers: readonly LabelMatcher[], hints: SelectHints) {
    return this.#reader.select(matchers, hints);
  }

  labelNames(query: LabelQuery): Promise<string[]> {
    return this.#reader.labelNames(query);
  }

  labelValues(name: string, query: LabelQuery): Promise<string[]> {
    return this.#reader.labelValues(name, query);
  }

  /** Labels of all series with samples in the time range, sorted. */
  series(query: LabelQuery): Promise<Labels[]> {
    return this.#reader.series(query);
  }

  exemplars(query: LabelQuery): Promise<ExemplarSeries[]> {
    return Promise.resolve(this.#reader.exemplars(query));
  }

  metadata(metric?: string): Map<string, MetricMetadata[]> {
    if (metric === undefined) return new Map(this.metadataTable.all());
    const variants = this.metadataTable.get(metric);
    return new Map(variants.length > 0 ? [[metric, [...variants]]] : []);
  }

  get stats(): StoreStats {
    const { head } = this.#active;
    const counts = this.#counts;
    return {
      seriesCount: this.index.size,
      headSeriesCount: head.seriesCount,
      headMinTimeMs: head.minTimeMs,
      headMaxTimeMs: head.maxTimeMs,
      headChunkCount: head.groups.reduce(
        (sum, group) => sum + group.chunks.length + (group.open === undefined ? 0 : 1),
        0,
      ),
      blockCount: this.#blocks.length,
      blockBytes: this.#blocks.reduce((sum, block) => sum + block.entry.sizeBytes, 0),
      walBytes: this.#wal.sizeBytes,
      appendedCount: counts.appended,
      outOfOrderCount: counts.outOfOrder,
      duplicateCount: counts.duplicate,
      outOfBoundsCount: counts.outOfBounds,
      seriesRefusedCount: counts.seriesRefused,
      exemplarCount: this.#exemplars.size,
      exemplarAppendedCount: this.#exemplars.appendedCount,
      corruptSegmentCount: counts.corrupt,
      flushCount: counts.flushes,
      flushFailureCount: counts.flushFailures,
      walCorruptionCount: counts.walCorrupt,
      replayDurationMs: counts.replayMs,
    };
  }

  /** Oldest sample in blocks and head, or Infinity. */
  get minTimeMs(): number {
    return Math.min(
      ...this.#blocks.map((block) => block.entry.minTimeMs),
      ...[...this.#frozen, this.#active].map(({ head }) => head.minTimeMs),
    );
  }

  /** Writes the head as a block now, whatever its age. Resolves when the block is durable and the log is cut. */
  async flush(): Promise<void> {
    await this.#maintenance;
    this.#maintenance = this.#flushHead().finally(() => (this.#maintenance = undefined));
    await this.#maintenance;
  }

  /** Makes pending appends durable and closes the files. Calling twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#settled;
    await this.#maintenance?.catch(() => {});
    await this.#wal.close();
    for (const block of this.#blocks) await block.close();
    await this.#lock.release();
  }

  #encode(rows: readonly SampleRow[], request: AppendRequest) {
    const exemplars = (request.exemplars ?? []).filter(({ ref, exemplar }) => this.#exemplars.isNew(ref, exemplar));
    const metadata = (request.metadata ?? []).filter(([family, each]) => !this.metadataTable.knows(family, each));
    const head = this.#active;
    const empty = rows.length === 0 && exemplars.length === 0 && metadata.length === 0;
    const payload = empty ? undefined : head.encode(rows, exemplars, metadata, this.#outOfOrderTimeWindowMs);
    return { head, payload, epoch: head.epoch };
  }

  async #log(head: HeadLog, payload: Uint8Array, epoch: number, rows: readonly SampleRow[], request: AppendRequest) {
    try {
      head.sequence = Math.max(head.sequence, await this.#wal.append(RECORD_APPEND, payload));
    } catch (error) {
      // Definitions in the failed record may be missing for later ones: everything is defined again.
      head.forgetLogged();
      throw error;
    }
    if (head.epoch === epoch) return;
    const again = head.encode(rows, request.exemplars ?? [], request.metadata ?? [], this.#outOfOrderTimeWindowMs);
    head.sequence = Math.max(head.sequence, await this.#wal.append(RECORD_APPEND, again));
  }

  #apply(log: HeadLog, rows: readonly SampleRow[], request: AppendRequest, result: AppendResult): void {
    for (const row of rows) {
      log.head.apply(row, log.head.group(row.group), this.#outOfOrderTimeWindowMs, result);
    }
    for (const { ref, exemplar } of request.exemplars ?? []) this.#exemplars.add(ref, exemplar);
    for (const [family, metadata] of request.metadata ?? []) this.metadataTable.add(family, metadata);
  }

  #count(result: AppendResult): void {
    this.#counts.appended += result.appended;
    this.#counts.outOfOrder += result.outOfOrder;
    this.#counts.duplicate += result.duplicate;
    this.#counts.outOfBounds += result.outOfBounds;
  }

  async #recover(): Promise<void> {
    const startMs = this.#options.clock.monotonicMs();
    for (const entry of this.#manifest.state.entries) await this.#openBlock(entry.name);
    const newest = this.#blocks.at(-1);
    if (newest !== undefined) await this.#recoverExtras(newest);
    const replay = this.#active.replayer(
      (head, row, group, windowMs) => head.apply(row, group, windowMs, newAppendResult()),
      (ref, exemplar) => void this.#exemplars.add(ref, exemplar),
      (family, metadata) => void this.metadataTable.add(family, metadata),
    );
    const report = await this.#wal.replay((record) => replay(record.payload), this.#manifest.state.walSequence);
    this.#active.sequence = this.#wal.lastSequence;
    this.#counts.walCorrupt = report.corruptFileCount;
    this.#counts.replayMs = this.#options.clock.monotonicMs() - startMs;
    this.#reportReplay(report);
    this.#timer = this.#options.clock.every(MAINTENANCE_PERIOD_MS, () => void this.#maintain());
  }

  #reportReplay(report: WalReplayReport): void {
    if (report.corruptFileCount === 0) return;
    this.#options.log.error('parts of the write-ahead log were damaged and set aside', {
      files: report.corruptFileCount,
      missing_records: report.gaps.reduce((sum, gap) => sum + gap.last - gap.first + 1, 0),
    });
  }

  async #recoverExtras(block: Block): Promise<void> {
    try {
      for (const [family, variants] of Object.entries(await block.metadata())) {
        for (const metadata of variants) this.metadataTable.add(family, metadata);
      }
      for (const { seriesLabels, exemplars } of await block.exemplars()) {
        const ref = this.ref(seriesLabels);
        if (ref >= 0) for (const exemplar of exemplars) this.#exemplars.add(ref, exemplar);
      }
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
      this.#options.log.error('metadata and exemplars of a block are damaged and left out', {
        block: block.entry.name,
        error,
      });
    }
  }

  async #openBlock(name: string): Promise<void> {
    const entry = this.#manifest.state.entries.find((each) => each.name === name)!;
    const segment = await openSegmentOrQuarantine(this.#blockDirectory, name, {
      kind: BLOCK_KIND,
      versionMax: BLOCK_VERSION,
    });
    if (segment instanceof StorageError) {
      this.#counts.corrupt++;
      this.#options.log.error('a block is damaged or missing and was set aside', {
        block: name,
        error: segment.message,
      });
      await this.#manifest.commit((state) => ({
        ...state,
        entries: state.entries.filter((each) => each.name !== name),
      }));
      return;
    }
    this.#blocks.push(new Block(entry, segment));
    this.#blocks.sort((a, b) => a.entry.minTimeMs - b.entry.minTimeMs);
  }

  /** The periodic work: a new head when the present one is old or its log is large, retention, memory. */
  async #maintain(): Promise<void> {
    if (this.#maintenance !== undefined || this.#closed) return;
    const { head } = this.#active;
    const old = head.maxTimeMs - head.minTimeMs >= HEAD_SPAN_MS;
    const run = async () => {
      if (old || this.#wal.sizeBytes > WAL_BYTES_MAX || this.#frozen.length > 0) await this.#flushHead();
      await this.#dropOld();
      this.#unloadUnused();
    };
    this.#maintenance = run()
      .catch((error) =>
        this.#options.log.error('maintenance of the metrics store failed; it is tried again', { error }),
      )
      .finally(() => (this.#maintenance = undefined));
    await this.#maintenance;
  }

  async #flushHead(): Promise<void> {
    if (this.#frozen.length === 0) {
      if (this.#active.head.sampleCount === 0) return;
      this.#frozen.push(this.#active);
      this.#active = new HeadLog(new Head(this.#clock), this.index);
      // Requests that began before the change belong to the old head: their records are older than all of the new one.
      await this.#settled;
    }
    const log = this.#frozen[0]!;
    try {
      await this.#writeBlock(log);
    } catch (error) {
      this.#counts.flushFailures++;
      throw error;
    }
    // The same turn as the block's appearance: a reader sees the samples once.
    this.#frozen.shift();
    this.#counts.flushes++;
    this.#forgetSeries();
    await this.#wal.rotate();
    await this.#wal.truncateThrough(log.sequence);
  }

  async #writeBlock(log: HeadLog): Promise<void> {
    const { head } = log;
    const name = `b-${String(log.sequence).padStart(12, '0')}.seg`;
    const exemplars = this.#reader.exemplars({ matcherSets: [], startMs: -Infinity, endMs: Infinity });
    const content = await encodeBlock(head, this.index, { exemplars, metadata: this.metadataTable.all() });
    const { sections, seriesCount, sampleCount } = content;
    const { sizeBytes } = await writeSegment(this.#blockDirectory, name, {
      kind: BLOCK_KIND,
      version: BLOCK_VERSION,
      sections,
    });
    const entry = {
      name,
      sizeBytes,
      minTimeMs: head.minTimeMs,
      maxTimeMs: head.maxTimeMs,
      meta: { series: seriesCount, samples: sampleCount },
    };
    await this.#manifest.commit((state) => ({
      ...state,
      entries: [...state.entries, entry],
      walSequence: log.sequence,
    }));
    await this.#openBlock(name);
    await this.#blocks.find((block) => block.entry.name === name)?.load(this.index);
  }

  async #dropOld(): Promise<void> {
    const policy = { ageMsMax: this.#options.retentionMs ?? 0, sizeBytesMax: this.#options.retentionSizeBytes ?? 0 };
    const decision = decideRetention(
      this.#manifest.state.entries,
      policy,
      this.#options.clock.nowMs(),
      this.#wal.sizeBytes,
    );
    const drop = new Set([...decision.dropByAge, ...decision.dropBySize].map((entry) => entry.name));
    if (drop.size === 0) return;
    await this.#manifest.commit((state) => ({
      ...state,
      entries: state.entries.filter((entry) => !drop.has(entry.name)),
    }));
    for (const name of drop) {
      const at = this.#blocks.findIndex((block) => block.entry.name === name);
      if (at >= 0) await this.#blocks.splice(at, 1)[0]!.close();
      await this.#blockDirectory.remove(name);
    }
    this.#forgetSeries();
  }

  #unloadUnused(): void {
    const loaded = this.#blocks.filter((block) => block.loaded !== undefined).sort((a, b) => a.lastUsed - b.lastUsed);
    let bytes = loaded.reduce((sum, block) => sum + block.entry.sizeBytes, 0);
    let dropped = false;
    for (const block of loaded) {
      if (bytes <= LOADED_BYTES_MAX) break;
      bytes -= block.entry.sizeBytes;
      block.unload();
      dropped = true;
    }
    if (dropped) this.#forgetSeries();
  }

  /** Takes series out of the index that are in no head and no loaded block. */
  #forgetSeries(): void {
    // A request on its way to the log holds refs that no head has yet.
    if (this.#pending > 0) return;
    const heads = [...this.#frozen, this.#active];
    const gone = new Set<number>();
    for (let ref = 0; ref < this.index.refCount; ref++) {
      if (!this.index.has(ref) || heads.some(({ head }) => head.has(ref))) continue;
      if (this.#blocks.some((block) => block.loaded?.has(ref))) continue;
      gone.add(ref);
    }
    if (gone.size === 0) return;
    this.index.remove(gone);
    this.refGeneration++;
  }
}
