/** The `data` of the query API as bytes, in pieces: `{"resultType":…,"result":…}` without the closing brace. */
import { formatSample, formatTimestamp, goJson } from '../api/go-json.ts';
import { DataPart, joinBySeries } from '../api/matrix-part.ts';
import { matrixJson, type PieceSize, vectorJson } from '../api/result-json.ts';
import type { QueryData } from '../promql/index.ts';

export function resultPieces(data: QueryData, size: PieceSize): Generator<Uint8Array<ArrayBuffer>> {
  const head = dataHead(data.type);
  switch (data.type) {
    case 'scalar':
      return one(`${head}[${formatTimestamp(data.timestampMs)},"${formatSample(data.value)}"]`);
    case 'string':
      return one(`${head}[${formatTimestamp(data.timestampMs)},${goJson(data.value)}]`);
    case 'vector':
      return vectorJson(head, data.samples, data.timestampMs, size);
    case 'matrix': {
      const parts = [new DataPart(data.series)];
      return matrixJson(head, parts, joinBySeries(parts), size);
    }
  }
}

export function dataHead(type: QueryData['type']): string {
  return `{"resultType":"${type}","result":`;
}

function* one(text: string): Generator<Uint8Array<ArrayBuffer>> {
  yield new TextEncoder().encode(text);
}
