/** Finds the targets of one scrape config or Alertmanager config: static, from files, by DNS, by HTTP. */
import type { Clock, Log, NetworkMap } from '@mario/service';
import type { DiscoveryConfig, StaticGroup } from '../config/discovery-config.ts';
import type { Fetch } from '../scrape/fetch.ts';
import type { DiscoveredTarget } from '../scrape/target.ts';
import { DnsLookout, type DnsResolver } from './dns-discovery.ts';
import { FILE_POLL_MS, FileLookout } from './file-discovery.ts';
import { discoverByHttp } from './http-discovery.ts';

export interface DiscoveryContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly network: NetworkMap;
  readonly fetch: Fetch;
  readonly dns: DnsResolver;
  /** Told of each look that failed; for counting, it is logged already. */
  readonly onDiscoveryFailure?: ((mechanism: Mechanism) => void) | undefined;
}

export type Mechanism = 'file' | 'dns' | 'http';

interface Source {
  readonly mechanism: Mechanism;
  readonly periodMs: number;
  readonly look: () => Promise<readonly StaticGroup[]>;
}

export interface Discovery {
  /** Stops looking; no update comes after it. */
  stop(): void;
}

/**
 * Looks once at once and then regularly; `update` gets all targets whenever they may have changed. A look that fails
 * keeps what the one before found, as the real server does, and is logged when it fails in a new way.
 */
export function startDiscovery(
  config: DiscoveryConfig,
  context: DiscoveryContext,
  update: (targets: readonly DiscoveredTarget[]) => void,
): Discovery {
  const logged = new Map<Mechanism, string>();
  const failed = (mechanism: Mechanism) => (error: Error) => {
    context.onDiscoveryFailure?.(mechanism);
    if (logged.get(mechanism) === error.message) return;
    logged.set(mechanism, error.message);
    context.log.warn('targets could not be looked up; those found before stay', { mechanism, error });
  };
  const sources = sourcesOf(config, context, failed);
  const found: (readonly StaticGroup[])[] = sources.map(() => []);
  let stopped = false;
  const publish = () => update([...config.static, ...found.flat()].flatMap(targetsOf));
  const look = async (i: number) => {
    try {
      const groups = await sources[i]!.look();
      const changed = JSON.stringify(groups) !== JSON.stringify(found[i]);
      found[i] = groups;
      if (changed && !stopped) publish();
    } catch (error) {
      if (!stopped) failed(sources[i]!.mechanism)(error as Error);
    }
  };
  publish();
  const timers = sources.map((source, i) => {
    void look(i);
    return context.clock.every(source.periodMs, () => void look(i));
  });
  return {
    stop() {
      stopped = true;
      for (const timer of timers) timer.cancel();
    },
  };
}

function sourcesOf(
  config: DiscoveryConfig,
  context: DiscoveryContext,
  failed: (mechanism: Mechanism) => (error: Error) => void,
): readonly Source[] {
  const files = config.file.map((each): Source => {
    const lookout = new FileLookout(each, failed('file'));
    const periodMs = Math.min(each.refreshIntervalMs, FILE_POLL_MS);
    return { mechanism: 'file', periodMs, look: () => lookout.look() };
  });
  const names = config.dns.map((each): Source => {
    const lookout = new DnsLookout(each, context, failed('dns'));
    return { mechanism: 'dns', periodMs: each.refreshIntervalMs, look: () => lookout.look() };
  });
  const urls = config.http.map((each): Source => {
    const look = () => discoverByHttp(each, context.fetch);
    return { mechanism: 'http', periodMs: each.refreshIntervalMs, look };
  });
  return [...files, ...names, ...urls];
}

function targetsOf(group: StaticGroup): DiscoveredTarget[] {
  return group.targets.map((address) => ({ labels: { ...group.labels, __address__: address } }));
}
