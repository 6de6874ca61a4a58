/** A query as it crosses threads: plain data. */
import type { SharedHoldings } from '../promql/index.ts';

export interface QueryRequest {
  readonly kind: 'instant' | 'range';
  readonly expression: string;
  /** The evaluation time of an instant query, in both. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
  readonly lookbackMs: number | undefined;
  readonly timeoutMs: number | undefined;
  /** At most so many series in the result; 0 for all. */
  readonly limit: number;
}

/** How many instants a query evaluates. */
export function stepCountOf({ kind, startMs, endMs, stepMs }: QueryRequest): number {
  return kind === 'instant' || !(stepMs > 0) ? 1 : Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1);
}

/** A part of a query: some of its steps, or some of the series of its selectors. */
export interface QueryPart {
  /** The part of number 0 leads: it puts the result together. */
  readonly index: number;
  readonly of: number;
  readonly by: 'steps' | 'series';
  /** One for all parts: the limit of samples is for the query. */
  readonly holdings: SharedHoldings;
}

/** The steps of a part, as the start and end of a query of its own. */
export function stepsOfPart(
  request: QueryRequest,
  part: QueryPart,
): { readonly startMs: number; readonly endMs: number } {
  const count = stepCountOf(request);
  const first = Math.floor((count * part.index) / part.of);
  const behind = Math.floor((count * (part.index + 1)) / part.of);
  return { startMs: request.startMs + first * request.stepMs, endMs: request.startMs + (behind - 1) * request.stepMs };
}
