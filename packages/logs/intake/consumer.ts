/** Takes batches of OTLP log records, from the collector in this process or from a request. */
import { type LogBatch, PermanentError, RetryableError } from '@mario/otlp';
import type { Clock } from '@mario/service';
import { isStorageError } from '@mario/storage';
import type { PushOutcome } from '../store/push.ts';
import type { Distributor } from './distributor.ts';
import { otlpToStreams } from './otlp-mapping.ts';
import type { OtlpRules } from './otlp-rules.ts';

export interface ConsumerContext {
  readonly distributor: Distributor;
  readonly otlpRules: OtlpRules;
  readonly clock: Clock;
}

/** Resolves when the batch is durable; see LogsConsumer in @mario/otlp for what it rejects with. */
export async function consumeLogBatch(context: ConsumerContext, batch: LogBatch): Promise<void> {
  const streams = otlpToStreams(batch, { rules: context.otlpRules, nowNs: context.clock.nowNs() });
  let outcome: PushOutcome;
  try {
    outcome = await context.distributor.push(streams);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    throw new RetryableError(error.message, {
      exhausted: error.code === 'MARIO_STORAGE_LIMIT' || error.code === 'MARIO_STORAGE_FULL',
      cause: error,
    });
  }
  const { refusals } = outcome;
  if (refusals.length === 0) return;
  // A limit that may be free again; what was stored of the batch is dropped as duplicate when it comes again.
  if (outcome.acceptedCount === 0 && refusals.every(({ status }) => status === 429)) {
    throw new RetryableError(refusals[0]!.message, { exhausted: true });
  }
  const rejected = refusals.reduce((sum, refusal) => sum + refusal.entryCount, 0);
  throw new PermanentError(refusals[0]!.message, { rejected });
}
