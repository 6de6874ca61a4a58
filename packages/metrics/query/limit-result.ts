/** The API's `limit`: so many series at most, with a warning when there were more. */
import type { QueryResult } from '../promql/index.ts';

export const TRUNCATED = 'results truncated due to limit';

export function limitResult(result: QueryResult, limit: number): QueryResult {
  const { data, warnings } = result;
  if (limit <= 0) return result;
  if (data.type === 'vector' && data.samples.length > limit) {
    return { ...result, data: { ...data, samples: data.samples.slice(0, limit) }, warnings: [...warnings, TRUNCATED] };
  }
  if (data.type === 'matrix' && data.series.length > limit) {
    return { ...result, data: { ...data, series: data.series.slice(0, limit) }, warnings: [...warnings, TRUNCATED] };
  }
  return result;
}
