/** What `stats` adds to an answer: how long a query took, and how many samples it held. */
import type { Answer } from '../query/queries.ts';

export class QueryTimer {
  readonly #arrivedMs = performance.now();
  #begunMs = this.#arrivedMs;

  /** The query has left the queue. */
  begin(): void {
    this.#begunMs = performance.now();
  }

  /** As the real server's, in seconds. Evaluation, sorting and preparing are one here: the evaluation. */
  json(answer: Answer): string {
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
      samples: { totalQueryableSamples: samplesTotal, peakSamples: samplesPeak },
    });
  }
}
