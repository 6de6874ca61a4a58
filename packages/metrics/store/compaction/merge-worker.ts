/** A thread that merges the blocks it is started with, and ends. */
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openDiskDirectory, openSegment, type Segment, StorageError, type StorageErrorCode } from '@mario/storage';
import { BLOCK_FORMAT } from '../block-writer.ts';
import { mergeBlocks } from './merge-blocks.ts';
import type { MergeAnswer, MergeRequest } from './merge-thread.ts';

/** Nobody waits for it. */
const NICE = 10;

if (parentPort === null) throw new Error('BUG: merge-worker runs as a worker thread only');
// Linux has a priority for each thread and means the calling one; elsewhere this would slow the whole process down.
if (process.platform === 'linux') {
  try {
    os.setPriority(NICE);
  } catch {
    // Not permitted here: it then shares the processor evenly.
  }
}
parentPort.postMessage(await answer(workerData as MergeRequest));

async function answer({ path, name, sources, options }: MergeRequest): Promise<MergeAnswer> {
  const segments: Segment[] = [];
  try {
    const directory = await openDiskDirectory(path);
    const parts = [];
    for (const source of sources) {
      const segment = await openSegment(directory, source.name, BLOCK_FORMAT);
      segments.push(segment);
      parts.push({ segment, deletions: source.deletions });
    }
    return { outcome: await mergeBlocks(directory, name, parts, options) };
  } catch (error) {
    const code = error instanceof StorageError ? (error.code.replace('MARIO_', '') as StorageErrorCode) : undefined;
    return { error: { message: (error as Error).message, code } };
  } finally {
    for (const segment of segments) await segment.close();
  }
}
