/** The `data` of the query API as text, in pieces: `{"resultType":…,"result":…}` without the closing brace. */
import { formatSample, formatTimestamp, goJson } from '../api/go-json.ts';
import { matrixJson, vectorJson } from '../api/result-json.ts';
import type { QueryData } from '../promql/index.ts';

export function* resultPieces(data: QueryData): Generator<string> {
  const head = `{"resultType":"${data.type}","result":`;
  switch (data.type) {
    case 'scalar':
      yield `${head}[${formatTimestamp(data.timestampMs)},"${formatSample(data.value)}"]`;
      return;
    case 'string':
      yield `${head}[${formatTimestamp(data.timestampMs)},${goJson(data.value)}]`;
      return;
    case 'vector':
      yield head;
      yield* vectorJson(data.samples, data.timestampMs);
      return;
    case 'matrix':
      yield head;
      yield* matrixJson(data.series);
  }
}
