// One batch to several consumers: the receivers of several pipelines, the exporters of one.
import { PermanentError, RetryableError, type Signal } from '@mario/otlp';
import type { Consume } from '../component.ts';

/**
 * Resolves when all have taken the batch. A single failure comes back as it is. Of several, one that may be retried
 * makes the whole retryable; the sender then sends everything again, also to those that had taken it.
 */
export function fanOut<S extends Signal>(consumers: readonly Consume<S>[]): Consume<S> {
  if (consumers.length === 1) return consumers[0]!;
  return async (batch) => {
    const results = await Promise.allSettled(consumers.map((consume) => consume(batch)));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length > 0) throw combined(errors);
  };
}

/** One error for several. */
function combined(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const message = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
  if (errors.every((error) => error instanceof PermanentError)) {
    const rejected = errors.map((error) => (error as PermanentError).rejected);
    return rejected.some((count) => count === undefined)
      ? new PermanentError(message)
      : new PermanentError(message, { rejected: Math.max(...rejected.map((count) => count!)) });
  }
  const delays = errors.flatMap((error) => (error instanceof RetryableError ? (error.retryAfterMs ?? []) : []));
  const exhausted = errors.some((error) => error instanceof RetryableError && error.exhausted);
  return new RetryableError(
    message,
    delays.length === 0 ? { exhausted } : { exhausted, retryAfterMs: Math.max(...delays) },
  );
}
