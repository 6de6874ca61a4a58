/**
 * What every server of the stack is, to whoever composes it.
 *
 * An `open…` function resolves when the service answers requests, or throws an OperatingError that says what is wrong.
 * `close` stops intake first, then reads, then storage; it resolves when everything acknowledged is safe and nothing
 * is left running. Closing twice is harmless and gives the same promise.
 */
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { NetworkMap } from './network-map.ts';

export interface Service {
  /** As in logs and in the list of addresses: `metrics`, `traces`, `logs`, `collector`, `dashboards`. */
  readonly name: string;
  /** Where it listens, for people: `http://127.0.0.1:9090`. The first is the main one. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

/** What every service is given. */
export interface ServiceContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly network: NetworkMap;
  /** Address to listen on; 127.0.0.1 unless asked otherwise. */
  readonly host: string;
  /** Added to every port, so that instances live side by side. */
  readonly portOffset: number;
}

/** Makes a close function safe to call twice. */
export function closeOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}

/** Closes one after the other, all of them even when some fail; throws the first failure at the end. */
export async function closeInOrder(services: readonly { close(): Promise<void> }[]): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (const service of services) {
    try {
      await service.close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}
