/** Merges blocks in a thread of their own, so that intake and queries on the main thread wait for nothing. */
import { Worker } from 'node:worker_threads';
import { StorageError, type StorageErrorCode } from '@mario/storage';
import type { Deletion } from '../deletion.ts';
import type { MergeOptions, MergeOutcome } from './merge-blocks.ts';

export interface MergeRequest {
  /** The folder of the blocks. */
  readonly path: string;
  /** Of the file to write. */
  readonly name: string;
  /** By time. */
  readonly sources: readonly { readonly name: string; readonly deletions: readonly Deletion[] }[];
  readonly options: MergeOptions;
}

export type MergeAnswer =
  | { readonly outcome: MergeOutcome }
  | { readonly error: { readonly message: string; readonly code: StorageErrorCode | undefined } };

/** Beside this module, in the sources as in the bundle. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? 'merge-worker.ts' : 'merge-worker.js', import.meta.url);

/** Label sets of the sources and of the result; columns are not counted by V8. */
const HEAP_MB_MAX = 1024;

/** Ends with the merge: there are hours between two. What a thread that fails leaves is a file that the next one empties. */
export function mergeInThread(request: MergeRequest): Promise<MergeOutcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, {
      name: 'compaction',
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    worker.once('message', (answer: MergeAnswer) => {
      if ('outcome' in answer) resolve(answer.outcome);
      else reject(errorOf(answer.error));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that merges blocks ended with code ${code}`)));
  });
}

function errorOf({ message, code }: { readonly message: string; readonly code: StorageErrorCode | undefined }): Error {
  return code === undefined ? new Error(message) : new StorageError(code, message);
}
