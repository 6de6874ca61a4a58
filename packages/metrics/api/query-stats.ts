/** What `stats` adds to an answer: how long a query took, and how many samples it held. */
import type { Answer } from '../query/queries.ts';
import { type QueryRequest, stepCountOf } from '../query/query-request.ts';
import type { ApiSources } from './sources.ts';

export type StepSamples = readonly [timeS: number, samples: number];

/**
 * How many samples each step looks at: as many as an instant query at its time would, by the real server's definition,
 * whatever steps share. So each is evaluated by itself, which takes as long as that many queries.
 */
export async function samplesPerStep(
  { engine, queryable }: Pick<ApiSources, 'engine' | 'queryable'>,
  request: QueryRequest,
  signal: AbortSignal,
): Promise<StepSamples[]> {
  const { expression, startMs, endMs, stepMs, lookbackMs } = request;
  const options = { signal, window: { startMs, endMs }, ...(lookbackMs === undefined ? {} : { lookbackMs }) };
  const steps: StepSamples[] = [];
  for (let i = 0; i < stepCountOf(request); i++) {
    const timeMs = startMs + i * stepMs;
    const { samplesTotal } =
      request.kind === 'instant'
        ? await engine.instant(queryable, expression, timeMs, options)
        : await engine.range(queryable, expression, timeMs, timeMs, stepMs, options);
    steps.push([timeMs / 1000, samplesTotal]);
  }
  return steps;
}

export class QueryTimer {
  readonly #arrivedMs = performance.now();
  #begunMs = this.#arrivedMs;

  /** The query has left the queue. */
  begin(): void {
    this.#begunMs = performance.now();
  }

  /** As the real server's, in seconds. Evaluation, sorting and preparing are one here: the evaluation. */
  json(answer: Answer, steps?: readonly StepSamples[]): string {
    const nowMs = performance.now();
    const evalTotalTime = (nowMs - this.#begunMs) / 1000;
    const { samplesPeak, samplesTotal } = answer.type === 'result' ? answer.result : answer.head;
    return JSON.stringify({
      timings: {
        evalTotalTime,
        resultSortTime: 0,
        queryPreparationTime: 0,
        innerEvalTime: evalTotalTime,
        execQueueTime: (this.#begunMs - this.#arrivedMs) / 1000,
        execTotalTime: (nowMs - this.#arrivedMs) / 1000,
      },
      samples: {
        ...(steps === undefined ? {} : { totalQueryableSamplesPerStep: steps }),
        totalQueryableSamples: steps?.reduce((sum, [, count]) => sum + count, 0) ?? samplesTotal,
        peakSamples: samplesPeak,
      },
    });
  }
}
