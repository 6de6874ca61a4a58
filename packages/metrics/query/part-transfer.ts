/** What the threads of a split query give to the one that leads: points as text where JSON is wanted, else data. */

import { JsonBytes } from '../api/json-bytes.ts';
import { DataPart, type MatrixPart, type PointTexts, pointTexts, TextPart } from '../api/matrix-part.ts';
import type { MatrixSeries, QueryResult } from '../promql/index.ts';
import type { ResultHead } from './merge-results.ts';
import { type FlatResult, flatten, unflatten } from './result-transfer.ts';

/** Sent before a part is written, so that the leading thread need not wait with its own. */
export interface EvaluatedMessage {
  readonly type: 'evaluated';
  readonly head: ResultHead;
  readonly seriesCount: number;
}

export type PartMessage =
  | { readonly type: 'data'; readonly flat: FlatResult }
  | { readonly type: 'texts'; readonly head: ResultHead; readonly texts: PointTexts };

/** The part as a message, and the memory that moves with it. */
export function packPart(
  result: QueryResult,
  form: 'json' | 'data',
): { readonly message: PartMessage; readonly transfer: ArrayBuffer[] } {
  const { data, ...head } = result;
  const texts = form === 'json' && data.type === 'matrix' ? pointTexts(data.series, new JsonBytes()) : undefined;
  if (texts !== undefined) {
    return { message: { type: 'texts', head, texts }, transfer: [texts.bytes.buffer, texts.ends.buffer] };
  }
  const { flat, transfer } = flatten(result);
  return { message: { type: 'data', flat }, transfer };
}

/** A part of a range query whose JSON is to be put together. */
export interface TextedPart {
  readonly head: ResultHead;
  readonly matrix: MatrixPart;
}

export function unpackMatrix(message: PartMessage): TextedPart {
  if (message.type === 'texts') return { head: message.head, matrix: new TextPart(message.texts) };
  const { data, ...head } = unflatten(message.flat);
  if (data.type !== 'matrix') throw new Error(`BUG: a part of a matrix is a ${data.type}`);
  return { head, matrix: new DataPart(data.series) };
}

/** The leading thread writes its points at the same time as the others do theirs, into memory that it uses again. */
export function ownMatrix(series: readonly MatrixSeries[], memory: JsonBytes): MatrixPart {
  const texts = pointTexts(series, memory);
  if (texts === undefined) return new DataPart(series);
  return new TextPart(
    texts,
    series.map(({ labels }) => labels),
  );
}

export function unpackData(message: PartMessage): QueryResult {
  if (message.type === 'texts') throw new Error('BUG: a part came as text where data is needed');
  return unflatten(message.flat);
}
