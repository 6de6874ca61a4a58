/** Evaluates log queries: the newest or oldest lines that pass the pipeline, at most as many as asked for. */
import type { LogSelector } from '../ast.ts';
import { compareLabels, type Labels } from '../labels.ts';
import type { LabelsResult } from '../pipeline/labels-builder.ts';
import { compileStages, needlesOf, Pipeline } from '../pipeline/pipeline.ts';
import { type LogBlock, lowerBound } from './log-source.ts';
import type { QueryContext } from './query-context.ts';

export type Direction = 'forward' | 'backward';

export interface LogRequest {
  readonly selector: LogSelector;
  /** Inclusive. */
  readonly startNs: bigint;
  /** Exclusive. */
  readonly endNs: bigint;
  readonly direction: Direction;
  readonly limit: number;
  /** Lines closer together than this are left out; 0 keeps all. */
  readonly intervalNs: bigint;
}

export interface LogEntry {
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: Labels;
  readonly parsed: Labels;
}

export interface LogStream {
  /** All labels of the entries: the stream's, their metadata and what was parsed. */
  readonly labels: Labels;
  /** Only the stream's own, as far as no stage changed them. */
  readonly stream: Labels;
  /** In the direction of the request. */
  readonly entries: readonly LogEntry[];
}

interface Found {
  readonly timeNs: bigint;
  readonly line: string;
  readonly key: string;
  readonly labels: Labels;
  readonly result: LabelsResult;
}

export async function evaluateLogs(context: QueryContext, request: LogRequest): Promise<readonly LogStream[]> {
  const { selector, startNs, endNs, direction } = request;
  const forward = direction === 'forward';
  const pipeline = new Pipeline(compileStages(selector.stages));
  const needles = needlesOf(selector);
  const blocks = [...(await context.source.select({ matchers: selector.matchers, startNs, endNs: endNs - 1n }))];
  blocks.sort((a, b) => compareBig(forward ? a.minNs : b.maxNs, forward ? b.minNs : a.maxNs));
  const collector = new Collector(request);
  for (const block of blocks) {
    // Blocks come in order of their nearer end: when the worst line kept is nearer, none of the rest can add anything.
    if (collector.isBeyond(forward ? block.minNs : block.maxNs)) break;
    const entries = await block.read(needles);
    if (entries === undefined) {
      context.statistics.blocksSkipped++;
      continue;
    }
    context.statistics.blocksRead++;
    await scanBlock(context, request, block, entries, pipeline, collector);
  }
  return groupByLabels(context, collector.finish(), request);
}

async function scanBlock(
  context: QueryContext,
  request: LogRequest,
  block: LogBlock,
  entries: NonNullable<Awaited<ReturnType<LogBlock['read']>>>,
  pipeline: Pipeline,
  collector: Collector,
): Promise<void> {
  const first = lowerBound(entries.timesNs, entries.count, request.startNs);
  const last = lowerBound(entries.timesNs, entries.count, request.endNs) - 1;
  const forward = request.direction === 'forward';
  for (let n = 0; n <= last - first; n++) {
    if (context.tick()) await context.breathe();
    const i = forward ? first + n : last - n;
    const timeNs = entries.timesNs[i]!;
    if (collector.isBeyond(timeNs)) return;
    const stored = entries.line(i);
    context.statistics.bytesProcessed += stored.length;
    if (!pipeline.accepts(stored)) continue;
    const line = pipeline.run(block.stream, timeNs, stored, entries.metadata(i));
    if (line === undefined) continue;
    const { labels } = pipeline;
    collector.add({ timeNs, line, key: labels.key(), labels: labels.labels(), result: labels.result() });
  }
}

/** Keeps the nearest lines, pruning now and then instead of with every line. */
class Collector {
  readonly #request: LogRequest;
  #found: Found[] = [];
  /** The farthest time that can still be among the nearest; undefined while there is room. */
  #bound: bigint | undefined;

  constructor(request: LogRequest) {
    this.#request = request;
  }

  isBeyond(timeNs: bigint): boolean {
    if (this.#bound === undefined) return false;
    return this.#request.direction === 'forward' ? timeNs > this.#bound : timeNs < this.#bound;
  }

  add(found: Found): void {
    this.#found.push(found);
    const { limit, intervalNs } = this.#request;
    // With an interval most lines are left out afterwards, so all of them are needed.
    if (intervalNs > 0n || this.#found.length < limit * 2 + 16) return;
    this.#prune(limit);
  }

  #prune(limit: number): void {
    this.#sort();
    this.#found.length = Math.min(this.#found.length, limit);
    if (this.#found.length === limit && limit > 0) this.#bound = this.#found[limit - 1]!.timeNs;
  }

  #sort(): void {
    const sign = this.#request.direction === 'forward' ? 1 : -1;
    this.#found.sort((a, b) => sign * compareBig(a.timeNs, b.timeNs));
  }

  finish(): readonly Found[] {
    this.#sort();
    const { intervalNs, limit } = this.#request;
    let last: bigint | undefined;
    const kept = this.#found.filter(({ timeNs }) => {
      const distance = last === undefined ? intervalNs : timeNs > last ? timeNs - last : last - timeNs;
      if (distance < intervalNs) return false;
      last = timeNs;
      return true;
    });
    return kept.slice(0, limit);
  }
}

function groupByLabels(context: QueryContext, found: readonly Found[], request: LogRequest): readonly LogStream[] {
  const streams = new Map<string, { labels: Labels; stream: Labels; entries: LogEntry[] }>();
  for (const { key, labels, result, timeNs, line } of found) {
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = { labels, stream: result.stream, entries: [] };
      streams.set(key, stream);
    }
    stream.entries.push({ timeNs, line, metadata: result.metadata, parsed: result.parsed });
  }
  context.statistics.entriesReturned = Math.min(found.length, request.limit);
  return [...streams.values()].sort((a, b) => compareLabels(a.labels, b.labels));
}

function compareBig(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
