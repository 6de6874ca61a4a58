// Finds the consumer of a signal when an exporter's endpoint names something that lives in this process.
import type { LogsConsumer, MetricsConsumer, Signal, TracesConsumer } from '@mario/otlp';
import type { NetworkMap } from '@mario/service';
import type { Consume } from '../../component.ts';

/** Looked up for each batch: a store may come later than the collector, or go before it. */
export function inProcessConsumer<S extends Signal>(
  network: NetworkMap,
  authority: string,
  signal: S,
): Consume<S> | undefined {
  const consumer = network.lookup(authority)?.consumers?.[signal];
  if (consumer === undefined) return undefined;
  const consume: { readonly [T in Signal]: Consume<T> } = {
    traces: (batch) => (consumer as TracesConsumer).consumeTraces(batch),
    metrics: (batch) => (consumer as MetricsConsumer).consumeMetrics(batch),
    logs: (batch) => (consumer as LogsConsumer).consumeLogs(batch),
  };
  return consume[signal];
}
