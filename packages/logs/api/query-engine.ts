/** The entry for queries: text and times in, a result out. The HTTP API and the conformance runner ask here. */
import type { Expression } from '../logql/ast.ts';
import { type Direction, evaluateLogs, type LogStream } from '../logql/evaluation/log-query.ts';
import type { LogSource } from '../logql/evaluation/log-source.ts';
import type { Matrix, Steps } from '../logql/evaluation/matrix.ts';
import { evaluateMetric } from '../logql/evaluation/metric-query.ts';
import { QueryContext, type QueryLimits, type QueryStatistics } from '../logql/evaluation/query-context.ts';
import { parseLogql } from '../logql/parser.ts';
import { QueryError } from '../logql/query-error.ts';

/** More points than a screen has pixels; Loki's and Prometheus' limit. */
const POINTS_MAX = 11_000;

export type QueryData =
  | { readonly kind: 'streams'; readonly streams: readonly LogStream[] }
  | { readonly kind: 'scalar'; readonly timeNs: bigint; readonly value: number }
  | { readonly kind: 'vector'; readonly timeNs: bigint; readonly series: Matrix }
  | { readonly kind: 'matrix'; readonly steps: Steps; readonly series: Matrix };

export interface QueryResult {
  readonly data: QueryData;
  readonly statistics: QueryStatistics;
  readonly durationMs: number;
}

export interface InstantRequest {
  readonly query: string;
  readonly timeNs: bigint;
  readonly signal?: AbortSignal;
}

export interface RangeRequest {
  readonly query: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly stepNs: number;
  /** Steps of metrics lie on whole multiples of `stepNs`, as the real query frontend asks its queriers. */
  readonly aligned?: boolean;
  readonly direction: Direction;
  readonly limit: number;
  readonly intervalNs: bigint;
  readonly signal?: AbortSignal;
}

export class QueryEngine {
  readonly #source: LogSource;
  readonly #limits: QueryLimits;

  constructor(source: LogSource, limits: QueryLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  get limits(): QueryLimits {
    return this.#limits;
  }

  /** Rejects with a QueryError for what the asker can mend. */
  async instant(request: InstantRequest): Promise<QueryResult> {
    const expression = parseLogql(request.query);
    if (expression.kind === 'logSelector')
      throw new QueryError(
        'log queries are not supported as an instant query type, please change your query to a range query type',
      );
    const steps: Steps = { startNs: request.timeNs, stepNs: 0, count: 1, instant: true };
    return this.#run(request.signal, async (context) => {
      const result = await evaluateMetric(context, expression, steps);
      if (result.kind === 'scalar') return { kind: 'scalar', timeNs: request.timeNs, value: result.value };
      return { kind: 'vector', timeNs: request.timeNs, series: result.series };
    });
  }

  async range(request: RangeRequest): Promise<QueryResult> {
    const expression = parseLogql(request.query);
    if (expression.kind === 'logSelector') return this.#logs(expression, request);
    const span = request.endNs - request.startNs;
    if (!(request.stepNs > 0))
      throw new QueryError('zero or negative query resolution step widths are not accepted. Try a positive integer');
    const count = Number(span / BigInt(request.stepNs)) + 1;
    if (count > POINTS_MAX) {
      throw new QueryError(
        'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
      );
    }
    const steps = request.aligned
      ? alignedSteps(request)
      : { startNs: request.startNs, stepNs: request.stepNs, count, instant: false };
    return this.#run(request.signal, async (context) => {
      const result = await evaluateMetric(context, expression, steps);
      if (result.kind === 'scalar') throw new Error('BUG: a range has no scalar');
      return { kind: 'matrix', steps, series: result.series };
    });
  }

  async #logs(selector: Extract<Expression, { kind: 'logSelector' }>, request: RangeRequest): Promise<QueryResult> {
    const { entryCountMax } = this.#limits;
    if (request.limit > entryCountMax) {
      throw new QueryError(
        `max entries limit per query exceeded, limit > max_entries_limit_per_query (${request.limit} > ${entryCountMax})`,
      );
    }
    return this.#run(request.signal, async (context) => ({
      kind: 'streams',
      streams: await evaluateLogs(context, { ...request, selector }),
    }));
  }

  async #run(
    signal: AbortSignal | undefined,
    evaluate: (context: QueryContext) => Promise<QueryData>,
  ): Promise<QueryResult> {
    const context = new QueryContext(this.#source, {
      limits: this.#limits,
      ...(signal === undefined ? {} : { signal }),
    });
    const start = performance.now();
    const data = await evaluate(context);
    return { data, statistics: context.statistics, durationMs: performance.now() - start };
  }
}

/**
 * From the last multiple of the step before the start to the first one after the end: the real frontend's splitting by
 * time, which is on unless `split_queries_by_interval` is 0.
 */
function alignedSteps({ startNs, endNs, stepNs }: RangeRequest): Steps {
  const step = BigInt(stepNs);
  const first = startNs - (startNs % step);
  const last = endNs % step === 0n ? endNs : endNs + step - (endNs % step);
  return { startNs: first, stepNs, count: Number((last - first) / step) + 1, instant: false };
}
