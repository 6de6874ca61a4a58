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

/** Answers that say that there is nothing: the targets are gone, where a server that fails says nothing of them. */
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA']);

interface Found {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Looks up the names of one config; a name whose look-up fails keeps what it had, and `failed` is told. */
export class DnsLookout {
  readonly #config: DnsDiscovery;
  readonly #context: { readonly dns: DnsResolver; readonly network: NetworkMap };
  readonly #failed: (error: Error) => void;
  readonly #byName = new Map<string, readonly StaticGroup[]>();

  constructor(
    config: DnsDiscovery,
    context: { readonly dns: DnsResolver; readonly network: NetworkMap },
    failed: (error: Error) => void,
  ) {
    this.#config = config;
    this.#context = context;
    this.#failed = failed;
  }

  async look(): Promise<readonly StaticGroup[]> {
    await Promise.all(this.#config.names.map((name) => this.#lookUp(name)));
    return this.#config.names.flatMap((name) => this.#byName.get(name) ?? []);
  }

  async #lookUp(name: string): Promise<void> {
    const { type, port } = this.#config;
    const { network, dns } = this.#context;
    // In the embedded stack the services' names have no DNS entry; they are on the map.
    const mapped = type !== 'SRV' && network.lookup(`${name}:${port}`) !== undefined;
    try {
      const found = mapped ? [{ address: `${name}:${port}`, labels: {} }] : await lookUp(this.#config, name, dns);
      this.#byName.set(
        name,
        found.map(({ address, labels }) => ({
          targets: [address],
          labels: { ...labels, __meta_dns_name: name },
          source: name,
        })),
      );
    } catch (error) {
      this.#failed(new Error(`looking up ${name} (${type}): ${(error as Error).message}`, { cause: error }));
    }
  }
}

async function lookUp(config: DnsDiscovery, name: string, dns: DnsResolver): Promise<readonly Found[]> {
  try {
    return (await ask(config, name, dns)).toSorted((a, b) => (a.address < b.address ? -1 : 1));
  } catch (error) {
    if (NOTHING_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Node leaves the dot at the end of rooted names away; the labels of the real server have it, addresses do not. */
async function ask(config: DnsDiscovery, name: string, dns: DnsResolver): Promise<Found[]> {
  const at = (host: string) => `${host}:${config.port}`;
  switch (config.type) {
    case 'A':
      return (await dns.resolve4(name)).map((ip) => ({ address: at(ip), labels: {} }));
    case 'AAAA':
      return (await dns.resolve6(name)).map((ip) => ({ address: at(`[${ip}]`), labels: {} }));
    case 'MX':
      return (await dns.resolveMx(name)).map(({ exchange }) => ({
        address: at(exchange),
        labels: { __meta_dns_mx_record_target: `${exchange}.` },
      }));
    case 'NS':
      return (await dns.resolveNs(name)).map((server) => ({
        address: at(server),
        labels: { __meta_dns_ns_record_target: `${server}.` },
      }));
    case 'SRV':
      return (await dns.resolveSrv(name)).map((record) => ({
        address: `${record.name}:${record.port}`,
        labels: {
          __meta_dns_srv_record_target: `${record.name}.`,
          __meta_dns_srv_record_port: String(record.port),
        },
      }));
  }
}
