// `timeout`, `sending_queue` and `retry_on_failure`, which all exporters that send over a network have in common.
import type { ConfigNode } from '@mario/service';
import { count, durationMs, flag, type ReadContext, text } from '../../config/read-context.ts';

export interface SendingConfig {
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly queue: QueueConfig | undefined;
  readonly retry: RetryConfig | undefined;
}

interface QueueConfig {
  readonly consumers: number;
  /** In batches, or in records when `inRecords`. */
  readonly size: number;
  readonly inRecords: boolean;
  readonly blockOnOverflow: boolean;
  /** The sender upstream waits until the batch has left. */
  readonly waitForResult: boolean;
}

export interface RetryConfig {
  readonly initialMs: number;
  readonly randomization: number;
  readonly multiplier: number;
  readonly maxMs: number;
  /** 0: for ever. */
  readonly maxElapsedMs: number;
}

export function readSending(
  fields: {
    readonly timeout?: ConfigNode;
    readonly sending_queue?: ConfigNode;
    readonly retry_on_failure?: ConfigNode;
  },
  defaultTimeoutMs: number,
  context: ReadContext,
): SendingConfig {
  return {
    timeoutMs: durationMs(fields.timeout, defaultTimeoutMs),
    queue: readQueue(fields.sending_queue, context),
    retry: readRetry(fields.retry_on_failure),
  };
}

function readQueue(node: ConfigNode | undefined, context: ReadContext): QueueConfig | undefined {
  const fields = node?.fields({
    enabled: 'used',
    num_consumers: 'used',
    queue_size: 'used',
    sizer: 'used',
    block_on_overflow: 'used',
    blocking: 'used',
    wait_for_result: 'used',
    storage: 'used',
    batch: 'unused',
  });
  if (!flag(fields?.enabled, true)) return undefined;
  const sizer = text(fields?.sizer, 'requests');
  if (sizer === 'bytes') context.refuse(fields!.sizer!, 'sizer bytes is not supported by the embedded collector');
  else if (sizer !== 'requests' && sizer !== 'items') fields!.sizer!.error('must be one of requests, items, bytes');
  if (fields?.storage !== undefined && !fields.storage.isNull) {
    context.refuse(fields.storage, 'a persistent sending queue is not supported by the embedded collector');
  }
  const consumers = count(fields?.num_consumers, 10);
  const size = count(fields?.queue_size, 1000);
  if (consumers === 0) fields!.num_consumers!.error('`num_consumers` must be positive');
  if (size === 0) fields!.queue_size!.error('`queue_size` must be positive');
  return {
    consumers,
    size,
    inRecords: sizer === 'items',
    blockOnOverflow: flag(fields?.block_on_overflow ?? fields?.blocking, false),
    waitForResult: flag(fields?.wait_for_result, false),
  };
}

function readRetry(node: ConfigNode | undefined): RetryConfig | undefined {
  const fields = node?.fields({
    enabled: 'used',
    initial_interval: 'used',
    randomization_factor: 'used',
    multiplier: 'used',
    max_interval: 'used',
    max_elapsed_time: 'used',
  });
  if (!flag(fields?.enabled, true)) return undefined;
  return {
    initialMs: durationMs(fields?.initial_interval, 5_000),
    randomization: fields?.randomization_factor?.number() ?? 0.5,
    multiplier: fields?.multiplier?.number() ?? 1.5,
    maxMs: durationMs(fields?.max_interval, 30_000),
    maxElapsedMs: durationMs(fields?.max_elapsed_time, 300_000),
  };
}
