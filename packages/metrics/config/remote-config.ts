/** `remote_write` and `remote_read`: held against the real server's keys; sending is not part of the embedded engine. */
import type { ConfigNode } from '@mario/service';
import { HTTP_CLIENT_KEYS, readHttpClient } from './http-client-config.ts';
import { readRelabelConfigs } from './relabel-config.ts';

const WRITE_KEYS = {
  url: 'used',
  remote_timeout: 'used',
  headers: 'used',
  write_relabel_configs: 'used',
  name: 'used',
  send_exemplars: 'used',
  send_native_histograms: 'used',
  round_robin_dns: 'used',
  protobuf_message: 'used',
  queue_config: 'used',
  metadata_config: 'used',
  sigv4: 'used',
  azuread: 'used',
  google_iam: 'used',
  ...HTTP_CLIENT_KEYS,
} as const;

const QUEUE_KEYS = {
  capacity: 'used',
  max_shards: 'used',
  min_shards: 'used',
  max_samples_per_send: 'used',
  batch_send_deadline: 'used',
  min_backoff: 'used',
  max_backoff: 'used',
  retry_on_http_429: 'used',
  sample_age_limit: 'used',
} as const;

const READ_KEYS = {
  url: 'used',
  remote_timeout: 'used',
  headers: 'used',
  read_recent: 'used',
  chunked_read_limit: 'used',
  required_matchers: 'used',
  name: 'used',
  filter_external_labels: 'used',
  ...HTTP_CLIENT_KEYS,
} as const;

const MESSAGES = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'] as const;

export function checkRemoteWrite(node: ConfigNode | undefined, resolve: (path: string) => string): void {
  if (node === undefined || node.isNull) return;
  node.warn(
    'is not used by the embedded engine: it stores, and does not forward; let a collector pipeline send metrics on',
  );
  const names = new Set<string>();
  for (const each of node.list()) {
    const fields = each.fields(WRITE_KEYS);
    checkUrl(each, fields.url, 'remote_write');
    fields.queue_config?.fields(QUEUE_KEYS);
    fields.metadata_config?.fields({ send: 'used', send_interval: 'used', max_samples_per_send: 'used' });
    fields.protobuf_message?.oneOf(MESSAGES);
    fields.remote_timeout?.prometheusDurationMs();
    readRelabelConfigs(fields.write_relabel_configs);
    readHttpClient(fields, resolve);
    checkName(fields.name, names, 'remote write');
  }
}

export function checkRemoteRead(node: ConfigNode | undefined, resolve: (path: string) => string): void {
  if (node === undefined || node.isNull) return;
  node.warn('is not used by the embedded engine: it answers from its own store');
  const names = new Set<string>();
  for (const each of node.list()) {
    const fields = each.fields(READ_KEYS);
    checkUrl(each, fields.url, 'remote_read');
    readHttpClient(fields, resolve);
    checkName(fields.name, names, 'remote read');
  }
}

function checkUrl(node: ConfigNode, url: ConfigNode | undefined, section: string): void {
  const text = url?.string() ?? '';
  if (text === '') node.error(`url for ${section} is empty`);
  else if (!URL.canParse(text)) url!.error(`unable to parse URL "${text}"`);
}

function checkName(node: ConfigNode | undefined, seen: Set<string>, what: string): void {
  const name = node?.string();
  if (node === undefined || name === undefined) return;
  if (seen.has(name)) node.error(`found multiple ${what} configs with job name "${name}"`);
  seen.add(name);
}
