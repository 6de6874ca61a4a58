/** The leading thread of a split query: what the other parts bring, and the JSON of the whole. */
import type { MessagePort } from 'node:worker_threads';
import { DataPart, joinBySeries, joinBySteps } from '../api/matrix-part.ts';
import { MatrixJson, matrixJson, type PieceSize } from '../api/result-json.ts';
import type { MatrixSeries } from '../promql/index.ts';
import { TRUNCATED } from './limit-result.ts';
import { mergeHeads, type ResultHead } from './merge-results.ts';
import { type EvaluatedMessage, type PartMessage, type TextedPart, unpackMatrix } from './part-transfer.ts';
import { dataHead } from './result-pieces.ts';

/** What comes of another part; of one by steps only the whole. */
export interface IncomingPart {
  readonly evaluated: Promise<EvaluatedMessage>;
  readonly whole: Promise<PartMessage>;
}

export function receivePart(port: MessagePort, signal: AbortSignal): IncomingPart {
  const evaluated = Promise.withResolvers<EvaluatedMessage>();
  const whole = Promise.withResolvers<PartMessage>();
  port.on('message', (message: EvaluatedMessage | PartMessage) => {
    if (message.type === 'evaluated') evaluated.resolve(message);
    else whole.resolve(message);
  });
  signal.addEventListener(
    'abort',
    () => {
      evaluated.reject(signal.reason);
      whole.reject(signal.reason);
    },
    { once: true },
  );
  return { evaluated: evaluated.promise, whole: whole.promise };
}

export function wholes(others: readonly IncomingPart[]): Promise<PartMessage[]> {
  return Promise.all(others.map(({ whole }) => whole));
}

/** The series of this thread are on their way while the other threads write theirs. */
export async function* seriesInTurn(
  own: readonly MatrixSeries[],
  others: readonly IncomingPart[],
  wanted: number,
  { pieceBytes }: PieceSize,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const json = new MatrixJson(dataHead('matrix'), Infinity, { pieceBytes });
  const first = [new DataPart(own)];
  yield* json.series(first, joinBySeries(first).slice(0, wanted));
  const rest = (await wholes(others)).map((message) => unpackMatrix(message).matrix);
  yield* json.series(rest, joinBySeries(rest).slice(0, Math.max(0, wanted - own.length)));
  yield json.end();
}

export function truncated(head: ResultHead): ResultHead {
  return { ...head, warnings: [...head.warnings, TRUNCATED] };
}

/** Runs of the steps of a range query as JSON: exactly that of the whole. */
export function joinTexts(parts: readonly TextedPart[], samplesMax: number, limit: number, size: PieceSize) {
  const merged = mergeHeads(
    parts.map(({ head }) => head),
    samplesMax,
  );
  const matrices = parts.map(({ matrix }) => matrix);
  const joined = joinBySteps(matrices);
  const tooMany = limit > 0 && joined.length > limit;
  return {
    head: tooMany ? truncated(merged) : merged,
    pieces: matrixJson(dataHead('matrix'), matrices, tooMany ? joined.slice(0, limit) : joined, size),
  };
}
