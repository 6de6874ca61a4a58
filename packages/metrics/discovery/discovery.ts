/** Finds the targets of one scrape config or Alertmanager config: static, from files, by DNS, by HTTP. */
import type { Clock, Log, NetworkMap } from '@mario/service';
import type { DiscoveryConfig, StaticGroup } from '../config/discovery-config.ts';
import type { Fetch } from '../scrape/fetch.ts';
import type { DiscoveredTarget } from '../scrape/target.ts';
import { type DnsResolver, discoverByDns } from './dns-discovery.ts';
import { discoverInFiles, FILE_POLL_MS } from './file-discovery.ts';
import { discoverByHttp } from './http-discovery.ts';

export interface DiscoveryContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly network: NetworkMap;
  readonly fetch: Fetch;
  readonly dns: DnsResolver;
}

export interface Discovery {
  /** Stops looking; no update comes after it. */
  stop(): void;
}

/**
 * Looks once at once and then regularly; `update` gets all targets whenever they may have changed. A look that fails
 * keeps what the one before found, as the real server does.
 */
export function startDiscovery(
  config: DiscoveryConfig,
  context: DiscoveryContext,
  update: (targets: readonly DiscoveredTarget[]) => void,
): Discovery {
  const sources: { periodMs: number; look: () => Promise<readonly StaticGroup[]> }[] = [
    ...config.file.map((each) => ({
      periodMs: Math.min(each.refreshIntervalMs, FILE_POLL_MS),
      look: () => discoverInFiles(each),
    })),
    ...config.dns.map((each) => ({ periodMs: each.refreshIntervalMs, look: () => discoverByDns(each, context) })),
    ...config.http.map((each) => ({
      periodMs: each.refreshIntervalMs,
      look: () => discoverByHttp(each, context.fetch),
    })),
  ];
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
      context.log.warn('targets could not be looked up; those found before stay', { error });
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

function targetsOf(group: StaticGroup): DiscoveredTarget[] {
  return group.targets.map((address) => ({ labels: { ...group.labels, __address__: address } }));
}
