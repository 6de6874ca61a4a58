/** All streams that have entries, found by their labels. */
import type { Matcher } from '../logql/ast.ts';
import { type Labels, labelsKey } from '../logql/labels.ts';
import { type BaseLabels, baseLabels } from '../logql/pipeline/labels-builder.ts';
import { compileMatcher } from '../logql/regex.ts';
import type { HeadChunk } from './head-chunk.ts';
import type { SegmentFile } from './segment-file.ts';

export interface SegmentBlock {
  readonly file: SegmentFile;
  readonly block: number;
}

export class Stream {
  readonly base: BaseLabels;
  /** Chunks that are written to, the newest last. */
  head: HeadChunk[] = [];
  /** Chunks that are being written into a segment. */
  sealed: readonly HeadChunk[] = [];
  /** Blocks on disk. */
  blocks: SegmentBlock[] = [];
  /** The newest entry ever seen: what counts as late is measured from it. */
  newestNs: bigint | undefined;
  lastPushMs = 0;

  constructor(labels: Labels) {
    this.base = baseLabels(labels);
  }

  get isEmpty(): boolean {
    return this.head.length === 0 && this.sealed.length === 0 && this.blocks.length === 0;
  }

  get isActive(): boolean {
    return this.head.length > 0 || this.sealed.length > 0;
  }

  overlaps(startNs: bigint, endNs: bigint): boolean {
    const inMemory = (chunk: HeadChunk): boolean => chunk.count > 0 && chunk.minNs <= endNs && chunk.maxNs >= startNs;
    return (
      this.head.some(inMemory) ||
      this.sealed.some(inMemory) ||
      this.blocks.some(({ file, block }) => file.blocks[block]!.minNs <= endNs && file.blocks[block]!.maxNs >= startNs)
    );
  }
}

export class StreamIndex {
  readonly #streams = new Map<string, Stream>();
  /** Streams by `name\0value`. */
  readonly #postings = new Map<string, Set<Stream>>();

  get size(): number {
    return this.#streams.size;
  }

  all(): Iterable<Stream> {
    return this.#streams.values();
  }

  find(labels: Labels): Stream | undefined {
    return this.#streams.get(labelsKey(labels));
  }

  getOrCreate(labels: Labels): Stream {
    const key = labelsKey(labels);
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const stream = new Stream(labels);
    this.#streams.set(key, stream);
    for (const [name, value] of labels) {
      const posting = `${name}\u0000${value}`;
      const streams = this.#postings.get(posting);
      if (streams === undefined) this.#postings.set(posting, new Set([stream]));
      else streams.add(stream);
    }
    return stream;
  }

  /** Forgets streams without entries. */
  removeEmpty(): void {
    for (const [key, stream] of this.#streams) {
      if (!stream.isEmpty) continue;
      this.#streams.delete(key);
      for (const [name, value] of stream.base.labels) {
        const posting = `${name}\u0000${value}`;
        const streams = this.#postings.get(posting);
        streams?.delete(stream);
        if (streams?.size === 0) this.#postings.delete(posting);
      }
    }
  }

  /** Streams that every matcher accepts; an absent label counts as ''. */
  select(matchers: readonly Matcher[]): readonly Stream[] {
    const tests = matchers.map((matcher) => ({ name: matcher.name, test: remember(compileMatcher(matcher)) }));
    const found: Stream[] = [];
    for (const stream of this.#narrow(matchers)) {
      if (tests.every(({ name, test }) => test(stream.base.map.get(name) ?? ''))) found.push(stream);
    }
    return found;
  }

  /** The smallest set that an equality leaves, else all. */
  #narrow(matchers: readonly Matcher[]): Iterable<Stream> {
    let smallest: ReadonlySet<Stream> | undefined;
    for (const { name, operator, value } of matchers) {
      if (operator !== '=' || value === '') continue;
      const posting = this.#postings.get(`${name}\u0000${value}`);
      if (posting === undefined) return [];
      if (smallest === undefined || posting.size < smallest.size) smallest = posting;
    }
    return smallest ?? this.#streams.values();
  }
}

/** Labels have few values over many streams: each is tested once. */
function remember(test: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) {
      result = test(value);
      known.set(value, result);
    }
    return result;
  };
}
