/** The `alerting` section: which Alertmanagers are told, and how alerts are relabelled before. */
import type { ConfigNode } from '@mario/service';
import { DISCOVERY_KEYS, type DiscoveryConfig, readDiscovery } from './discovery-config.ts';
import { HTTP_CLIENT_KEYS, type HttpClientConfig, readHttpClient } from './http-client-config.ts';
import { type RelabelConfig, readRelabelConfigs } from './relabel-config.ts';

export interface AlertmanagerConfig {
  readonly scheme: 'http' | 'https';
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly client: HttpClientConfig;
  readonly discovery: DiscoveryConfig;
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly alertRelabelConfigs: readonly RelabelConfig[];
}

export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelConfig[];
  readonly alertmanagers: readonly AlertmanagerConfig[];
}

const KEYS = {
  scheme: 'used',
  path_prefix: 'used',
  timeout: 'used',
  api_version: 'used',
  relabel_configs: 'used',
  alert_relabel_configs: 'used',
  sigv4: 'unused',
  ...HTTP_CLIENT_KEYS,
  ...DISCOVERY_KEYS,
} as const;

/** The real server's default for `timeout`. */
const TIMEOUT_MS = 10_000;

export function readAlerting(
  node: ConfigNode | undefined,
  resolve: (path: string) => string,
  unsupported: (node: ConfigNode, message: string) => void,
): AlertingConfig {
  const fields = node?.fields({ alert_relabel_configs: 'used', alertmanagers: 'used' }) ?? {};
  return {
    alertRelabelConfigs: readRelabelConfigs(fields.alert_relabel_configs),
    alertmanagers: (fields.alertmanagers?.list() ?? []).map((each) => {
      const inner = each.fields(KEYS);
      const version = inner.api_version?.oneOf(['v1', 'v2'] as const) ?? 'v2';
      if (version === 'v1')
        inner.api_version!.error(
          'the v1 API of Alertmanager is gone; expected Alertmanager api version to be one of [v2]',
        );
      return {
        scheme: inner.scheme?.oneOf(['http', 'https'] as const) ?? 'http',
        pathPrefix: inner.path_prefix?.string() ?? '/',
        timeoutMs: inner.timeout?.prometheusDurationMs() ?? TIMEOUT_MS,
        client: readHttpClient(inner, resolve, unsupported),
        discovery: readDiscovery(inner, resolve, unsupported),
        relabelConfigs: readRelabelConfigs(inner.relabel_configs),
        alertRelabelConfigs: readRelabelConfigs(inner.alert_relabel_configs),
      };
    }),
  };
}
