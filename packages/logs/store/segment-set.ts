/** The segments on disk: opened, written, merged and forgotten; the manifest says which are live. */
import type { Clock, Log } from '@mario/service';
import {
  decideRetention,
  isStorageError,
  type Manifest,
  type ManifestEntry,
  openSegmentOrQuarantine,
  type RetentionPolicy,
  type StorageDirectory,
  StorageError,
  writeSegment,
} from '@mario/storage';
import { type LogEntries, noNeedles } from '../logql/evaluation/log-source.ts';
import { type Labels, labelsKey } from '../logql/labels.ts';
import { chooseCompaction } from './compaction.ts';
import { mergeEntries } from './merge-entries.ts';
import { buildSegment, SEGMENT_KIND, SEGMENT_VERSION, SegmentFile, type SegmentStream } from './segment-file.ts';
import type { SegmentBlock, StreamIndex } from './stream-index.ts';

/** Longer than any query may run. */
const CLOSE_DELAY_MS = 300_000;

const expectation = { kind: SEGMENT_KIND, versionMax: SEGMENT_VERSION };

const isSegmentName = (name: string): boolean => /^logs-\d+\.seg$/.test(name);

const noLabels: ReadonlyMap<string, string> = new Map();

export interface SegmentSetOptions {
  /** Of the segments alone. */
  readonly directory: StorageDirectory;
  readonly manifest: Manifest;
  readonly index: StreamIndex;
  readonly clock: Clock;
  readonly log: Log;
}

export class SegmentSet {
  corruptCount = 0;
  expiredCount = 0;
  mergedCount = 0;
  readonly #options: SegmentSetOptions;
  readonly #files = new Map<string, SegmentFile>();
  /** Segments that could not be read as a whole: merging them would fail again. */
  readonly #unmergeable = new Set<string>();
  #nextNumber = 1;

  private constructor(options: SegmentSetOptions) {
    this.#options = options;
  }

  /** Removes leftovers of a crash and opens what the manifest names; damaged files are set aside and counted. */
  static async open(options: SegmentSetOptions): Promise<SegmentSet> {
    const set = new SegmentSet(options);
    await options.manifest.removeOrphans(options.directory, isSegmentName);
    for (const { name } of options.manifest.state.entries) {
      set.#nextNumber = Math.max(set.#nextNumber, Number(/\d+/.exec(name)![0]) + 1);
      try {
        set.#attach(name, await set.#openFile(name));
      } catch (error) {
        if (!isStorageError(error, 'STORAGE_CORRUPT') && !isStorageError(error, 'STORAGE_NOT_FOUND')) throw error;
        set.corruptCount++;
        options.log.error('a segment of logs is damaged and was set aside', { segment: name, error });
      }
    }
    return set;
  }

  get count(): number {
    return this.#files.size;
  }

  get sizeBytes(): number {
    return this.#options.manifest.state.entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  }

  async #openFile(name: string): Promise<SegmentFile> {
    const opened = await openSegmentOrQuarantine(this.#options.directory, name, expectation);
    if (opened instanceof StorageError) throw opened;
    return SegmentFile.open(opened);
  }

  #attach(name: string, file: SegmentFile): void {
    this.#files.set(name, file);
    const streams = file.streams.map((labels) => this.#options.index.getOrCreate(labels));
    file.blocks.forEach((info, block) => {
      const stream = streams[info.stream]!;
      stream.blocks.push({ file, block });
      if (stream.newestNs === undefined || info.maxNs > stream.newestNs) stream.newestNs = info.maxNs;
    });
  }

  /** Queries that began before may still read the file; removing an open one only takes its name away. */
  #detach(names: ReadonlySet<string>): void {
    const gone = new Set<SegmentFile>();
    for (const name of names) {
      const file = this.#files.get(name);
      if (file === undefined) continue;
      gone.add(file);
      this.#files.delete(name);
      this.#options.clock.after(CLOSE_DELAY_MS, () => void file.segment.close());
    }
    for (const stream of this.#options.index.all()) {
      if (stream.blocks.some(({ file }) => gone.has(file)))
        stream.blocks = stream.blocks.filter(({ file }) => !gone.has(file));
    }
  }

  /**
   * Writes a segment and makes it live in the place of `replaced`, with the log's sequence that it reaches. `swap` runs at
   * the moment at which queries see it, so that none sees entries twice or not at all. Rejects with a StorageError; then
   * nothing has changed.
   */
  async write(
    streams: AsyncIterable<SegmentStream> | Iterable<SegmentStream>,
    options: { readonly walSequence?: number; readonly replaced?: ReadonlySet<string>; readonly swap?: () => void },
  ): Promise<void> {
    const { directory, manifest } = this.#options;
    const { input, summary } = await buildSegment(streams);
    const name = `logs-${String(this.#nextNumber++).padStart(12, '0')}.seg`;
    const { sizeBytes } = await writeSegment(directory, name, input);
    // Opened before it counts: what cannot be read back must not replace anything.
    const file = await this.#openFile(name);
    const entry: ManifestEntry = {
      name,
      sizeBytes,
      minTimeMs: Number(summary.minNs / 1_000_000n),
      maxTimeMs: Number(summary.maxNs / 1_000_000n),
      meta: { entries: summary.entryCount, lineBytes: summary.lineBytes },
    };
    const replaced = options.replaced ?? new Set<string>();
    try {
      await manifest.commit((state) => ({
        ...state,
        walSequence: options.walSequence ?? state.walSequence,
        entries: [...state.entries.filter((old) => !replaced.has(old.name)), entry],
      }));
    } catch (error) {
      await file.segment.close();
      throw error;
    }
    this.#attach(name, file);
    options.swap?.();
    this.#detach(replaced);
    for (const old of replaced) await directory.remove(old);
  }

  /** Forgets what is too old or too much. `otherBytes` count towards the size. */
  async expire(policy: RetentionPolicy, otherBytes: number): Promise<void> {
    const { manifest, clock, directory, index } = this.#options;
    const decision = decideRetention(manifest.state.entries, policy, clock.nowMs(), otherBytes);
    const names = new Set([...decision.dropByAge, ...decision.dropBySize].map((entry) => entry.name));
    if (names.size === 0) return;
    await manifest.commit((state) => ({ ...state, entries: state.entries.filter((entry) => !names.has(entry.name)) }));
    this.#detach(names);
    index.removeEmpty();
    this.expiredCount += names.size;
    for (const name of names) await directory.remove(name);
  }

  /** Merges one run of small segments, if there is one. */
  async compact(): Promise<void> {
    const chosen = chooseCompaction(this.#options.manifest.state.entries, this.#unmergeable);
    if (chosen.length === 0) return;
    const names = new Set(chosen.map((entry) => entry.name));
    const files = chosen.flatMap((entry) => this.#files.get(entry.name) ?? []);
    try {
      await this.write(mergedStreams(files), { replaced: names });
      this.mergedCount += names.size;
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CORRUPT')) throw error;
      for (const name of names) this.#unmergeable.add(name);
      this.#options.log.error('segments of logs are damaged and stay unmerged', { segments: [...names].join(), error });
    }
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.segment.close();
  }
}

/** The streams of several segments, each decoded when its turn comes. */
async function* mergedStreams(files: readonly SegmentFile[]): AsyncIterable<SegmentStream> {
  const streams = new Map<string, { labels: Labels; blocks: SegmentBlock[] }>();
  for (const file of files) {
    file.blocks.forEach((info, block) => {
      const labels = file.streams[info.stream]!;
      const key = labelsKey(labels);
      const stream = streams.get(key);
      if (stream === undefined) streams.set(key, { labels, blocks: [{ file, block }] });
      else stream.blocks.push({ file, block });
    });
  }
  for (const { labels, blocks } of streams.values()) {
    const lists: LogEntries[] = [];
    for (const { file, block } of blocks) {
      const entries = await file.read(block, noNeedles, noLabels);
      if (entries !== undefined) lists.push(entries);
    }
    yield { labels, entries: mergeEntries(lists) };
  }
}
