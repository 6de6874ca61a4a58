/** How targets are found: static lists, files, DNS and HTTP. What needs a cloud or an orchestrator is refused by name. */
import type { ConfigNode } from '@mario/service';
import { HTTP_CLIENT_KEYS, type HttpClientConfig, readHttpClient } from './http-client-config.ts';

export interface StaticGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where the group comes from, as the status pages tell: `0`, a file, a URL. */
  readonly source: string;
}

export interface FileDiscovery {
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

export interface DnsDiscovery {
  readonly names: readonly string[];
  readonly type: 'A' | 'AAAA' | 'SRV' | 'MX' | 'NS';
  readonly port: number;
  readonly refreshIntervalMs: number;
}

export interface HttpDiscovery {
  readonly url: string;
  readonly refreshIntervalMs: number;
  readonly client: HttpClientConfig;
}

export interface DiscoveryConfig {
  readonly static: readonly StaticGroup[];
  readonly file: readonly FileDiscovery[];
  readonly dns: readonly DnsDiscovery[];
  readonly http: readonly HttpDiscovery[];
}

/** Discoveries of the real server that need something which an embedded stack does not have, and what they need. */
const NEEDS: Readonly<Record<string, string>> = {
  aws_sd_configs: 'the AWS API',
  azure_sd_configs: 'the Azure API',
  consul_sd_configs: 'a Consul agent',
  digitalocean_sd_configs: 'the DigitalOcean API',
  docker_sd_configs: 'a Docker daemon',
  dockerswarm_sd_configs: 'a Docker Swarm',
  ec2_sd_configs: 'the AWS API',
  ecs_sd_configs: 'the AWS API',
  elasticache_sd_configs: 'the AWS API',
  eureka_sd_configs: 'a Eureka server',
  gce_sd_configs: 'the Google Cloud API',
  hetzner_sd_configs: 'the Hetzner API',
  ionos_sd_configs: 'the IONOS Cloud API',
  kubernetes_sd_configs: 'a Kubernetes API server',
  kuma_sd_configs: 'a Kuma control plane',
  lightsail_sd_configs: 'the AWS API',
  linode_sd_configs: 'the Linode API',
  marathon_sd_configs: 'a Marathon server',
  msk_sd_configs: 'the AWS API',
  nerve_sd_configs: 'ZooKeeper',
  nomad_sd_configs: 'a Nomad agent',
  oci_sd_configs: 'the Oracle Cloud API',
  openstack_sd_configs: 'the OpenStack API',
  outscale_sd_configs: 'the Outscale API',
  ovhcloud_sd_configs: 'the OVHcloud API',
  puppetdb_sd_configs: 'a PuppetDB',
  rds_sd_configs: 'the AWS API',
  scaleway_sd_configs: 'the Scaleway API',
  serverset_sd_configs: 'ZooKeeper',
  stackit_sd_configs: 'the STACKIT API',
  triton_sd_configs: 'a Triton server',
  uyuni_sd_configs: 'a Uyuni server',
  vultr_sd_configs: 'the Vultr API',
};

export const DISCOVERY_KEYS = {
  static_configs: 'used',
  file_sd_configs: 'used',
  dns_sd_configs: 'used',
  http_sd_configs: 'used',
  ...(Object.fromEntries(Object.keys(NEEDS).map((key) => [key, 'used'])) as Record<string, 'used'>),
} as const;

/** The real server's defaults (discovery/file, discovery/dns, discovery/http). */
const FILE_REFRESH_MS = 5 * 60_000;
const DNS_REFRESH_MS = 30_000;
const HTTP_REFRESH_MS = 60_000;

type Fields = Readonly<Partial<Record<string, ConfigNode>>>;

/** `unsupported` is told about each discovery that works elsewhere and not here. */
export function readDiscovery(
  fields: Fields,
  resolve: (path: string) => string,
  unsupported: (node: ConfigNode, message: string) => void,
): DiscoveryConfig {
  for (const [key, needs] of Object.entries(NEEDS)) {
    const node = fields[key];
    if (node === undefined) continue;
    node.list();
    unsupported(
      node,
      `${key} needs ${needs}, which the embedded engine does not talk to; list the targets in static_configs, file_sd_configs, dns_sd_configs or http_sd_configs`,
    );
  }
  return {
    static: (fields.static_configs?.list() ?? []).map((node, i) => readStaticGroup(node, String(i))),
    file: (fields.file_sd_configs?.list() ?? []).map((node) => readFile(node, resolve)),
    dns: (fields.dns_sd_configs?.list() ?? []).map(readDns),
    http: (fields.http_sd_configs?.list() ?? []).map((node) => readHttp(node, resolve, unsupported)),
  };
}

/** A group of targets, in `static_configs` and in the files and answers of the file and HTTP discoveries alike. */
export function readStaticGroup(node: ConfigNode, source: string): StaticGroup {
  const fields = node.fields({ targets: 'used', labels: 'used' });
  const targets = fields.targets?.list() ?? [];
  const labels = fields.labels?.stringMap() ?? {};
  return { targets: targets.flatMap((target) => target.string() ?? []), labels, source };
}

function readFile(node: ConfigNode, resolve: (path: string) => string): FileDiscovery {
  const fields = node.fields({ files: 'used', refresh_interval: 'used' });
  const files = fields.files?.list() ?? [];
  if (files.length === 0) node.error('file service discovery config must contain at least one path name');
  for (const file of files) {
    const name = file.string() ?? '';
    if (!/^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/.test(name)) {
      file.error(`path name "${name}" is not valid for file discovery`);
    }
  }
  return {
    files: files.flatMap((file) => file.string() ?? []).map(resolve),
    refreshIntervalMs: fields.refresh_interval?.prometheusDurationMs() ?? FILE_REFRESH_MS,
  };
}

function readDns(node: ConfigNode): DnsDiscovery {
  const fields = node.fields({ names: 'used', type: 'used', port: 'used', refresh_interval: 'used' });
  const names = fields.names?.strings() ?? [];
  if (names.length === 0) node.error('DNS-SD config must contain at least one SRV record name');
  const type = (fields.type?.string() ?? 'SRV').toUpperCase();
  const known = ['A', 'AAAA', 'SRV', 'MX', 'NS'] as const;
  if (!known.includes(type as 'A')) (fields.type ?? node).error(`invalid DNS-SD records type ${type}`);
  const port = fields.port?.number() ?? 0;
  if (type !== 'SRV' && port === 0) node.error('a port is required in DNS-SD configs for all record types except SRV');
  return {
    names,
    type: type as DnsDiscovery['type'],
    port,
    refreshIntervalMs: fields.refresh_interval?.prometheusDurationMs() ?? DNS_REFRESH_MS,
  };
}

function readHttp(
  node: ConfigNode,
  resolve: (path: string) => string,
  unsupported: (node: ConfigNode, message: string) => void,
): HttpDiscovery {
  const fields = node.fields({ url: 'used', refresh_interval: 'used', ...HTTP_CLIENT_KEYS });
  const url = fields.url?.string() ?? '';
  if (url === '') node.error('URL is missing');
  else if (!/^https?:\/\/[^/]+/.test(url)) fields.url!.error("URL scheme must be 'http' or 'https'");
  return {
    url,
    refreshIntervalMs: fields.refresh_interval?.prometheusDurationMs() ?? HTTP_REFRESH_MS,
    client: readHttpClient(fields, resolve, unsupported),
  };
}
