/** What the store's thread and a query worker say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { LabelMatcher } from '../model/matcher.ts';
import type { EngineOptions } from '../promql/index.ts';
import type { SelectHints } from '../queryable.ts';
import type { Source } from '../store/chunk.ts';
import type { SelectSnapshot } from '../store/select-snapshot.ts';
import type { QueryPart, QueryRequest } from './query-request.ts';
import type { FlatResult } from './result-transfer.ts';

/** Given to a worker when it starts. */
export interface WorkerSetup {
  readonly engine: Omit<EngineOptions, 'now'>;
  /** Counts up whenever the worker's event loop turns: it stands still while something blocks the thread. */
  readonly heartbeat: Int32Array;
}

export interface RunMessage {
  readonly type: 'run';
  readonly query: number;
  readonly request: QueryRequest;
  /** JSON in bytes for the HTTP API, or the result as data. */
  readonly form: 'json' | 'data';
  readonly part: QueryPart | null;
  /** Of a leading part: from where the other parts come. Of another part: the one to its leader. */
  readonly ports: readonly MessagePort[];
}

/** A snapshot without what the worker has already. */
export interface SelectedMessage {
  readonly type: 'selected';
  readonly query: number;
  readonly call: number;
  /** The number of the array of labels: the worker keeps it, so that what it computes from one finds it again. */
  readonly array: number;
  /** Of each series; null when the worker has the array. */
  readonly refs: Int32Array | null;
  /** Texts of labels that the worker does not know; they are numbered in the order in which they come. */
  readonly freshTexts: readonly string[];
  /** Label sets that the worker does not know: ref, number of texts, then the texts by number: name, value, … */
  readonly freshLabels: Int32Array;
  /** Sources by id, with what of them changes. */
  readonly sourceIds: Float64Array;
  readonly sourceRows: Int32Array;
  readonly histogramCounts: Int32Array;
  readonly freshSources: readonly Source[];
  /** What the worker is to forget before it takes in this message. */
  readonly forgetLabels: boolean;
  readonly forgetArrays: readonly number[];
  readonly forgetSources: readonly number[];
  readonly snapshot: Omit<SelectSnapshot, 'sources'>;
  readonly warnings: readonly string[];
}

/** An error as it crosses threads: `code` tells the API what to answer. */
export interface WireError {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
}

export type ToWorker =
  | RunMessage
  | SelectedMessage
  | { readonly type: 'select-failed'; readonly query: number; readonly call: number; readonly error: WireError }
  /** So many more pieces may be sent. */
  | { readonly type: 'credit'; readonly query: number; readonly pieces: number }
  | { readonly type: 'cancel'; readonly query: number };

/** What is known of a result before its first byte. */
export interface AnswerHead {
  readonly resultType: 'vector' | 'matrix' | 'scalar' | 'string';
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly samplesPeak: number;
  readonly samplesTotal: number;
}

export type FromWorker =
  | {
      readonly type: 'select';
      readonly query: number;
      readonly call: number;
      readonly matchers: readonly LabelMatcher[];
      readonly hints: Omit<SelectHints, 'signal'>;
    }
  | { readonly type: 'head'; readonly query: number; readonly head: AnswerHead }
  /** JSON of the result, piece by piece; `last` ends the query. */
  | { readonly type: 'piece'; readonly query: number; readonly bytes: Uint8Array; readonly last: boolean }
  | { readonly type: 'data'; readonly query: number; readonly result: FlatResult }
  /** A part that does not lead has handed its share over. */
  | { readonly type: 'handed-over'; readonly query: number }
  | { readonly type: 'failed'; readonly query: number; readonly error: WireError };

/** Pieces that may be on their way: with 256 KB each, a slow client holds a megabyte. */
export const PIECES_ON_THE_WAY_MAX = 4;

export function toWireError(error: unknown): WireError {
  const { name, code, message } = error as Partial<WireError>;
  return { name: name ?? 'Error', code, message: message ?? String(error) };
}

export function fromWireError({ name, code, message }: WireError): Error {
  const error = new Error(message);
  error.name = name;
  return code === undefined ? error : Object.assign(error, { code });
}
