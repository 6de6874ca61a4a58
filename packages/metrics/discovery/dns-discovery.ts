/** `dns_sd_configs`: addresses behind names. Names of the network map stand for themselves. */
import type { NetworkMap } from '@mario/service';
import type { DnsDiscovery, StaticGroup } from '../config/discovery-config.ts';

/** The part of node:dns/promises that is needed. */
export interface DnsResolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  resolveSrv(name: string): Promise<{ name: string; port: number }[]>;
  resolveMx(name: string): Promise<{ exchange: string }[]>;
  resolveNs(name: string): Promise<string[]>;
}

interface Found {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export async function discoverByDns(
  config: DnsDiscovery,
  context: { readonly dns: DnsResolver; readonly network: NetworkMap },
): Promise<readonly StaticGroup[]> {
  const groups: StaticGroup[] = [];
  for (const name of config.names) {
    // In the embedded stack the services' names have no DNS entry; they are on the map.
    const mapped = config.type !== 'SRV' && context.network.lookup(`${name}:${config.port}`) !== undefined;
    const found = mapped
      ? [{ address: `${name}:${config.port}`, labels: {} }]
      : await lookUp(config, name, context.dns);
    for (const { address, labels } of found) {
      groups.push({ targets: [address], labels: { ...labels, __meta_dns_name: name }, source: name });
    }
  }
  return groups;
}

async function lookUp(config: DnsDiscovery, name: string, dns: DnsResolver): Promise<readonly Found[]> {
  const at = (host: string) => `${host}:${config.port}`;
  switch (config.type) {
    case 'A':
      return (await dns.resolve4(name)).map((ip) => ({ address: at(ip), labels: {} }));
    case 'AAAA':
      return (await dns.resolve6(name)).map((ip) => ({ address: at(`[${ip}]`), labels: {} }));
    case 'MX':
      return (await dns.resolveMx(name)).map(({ exchange }) => ({
        address: at(exchange),
        labels: { __meta_dns_mx_record_target: exchange },
      }));
    case 'NS':
      return (await dns.resolveNs(name)).map((server) => ({
        address: at(server),
        labels: { __meta_dns_ns_record_target: server },
      }));
    case 'SRV':
      return (await dns.resolveSrv(name)).map((record) => ({
        address: `${record.name}:${record.port}`,
        labels: { __meta_dns_srv_record_target: record.name, __meta_dns_srv_record_port: String(record.port) },
      }));
  }
}
