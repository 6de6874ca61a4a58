/** Through which proxy a client goes: the keys `proxy_url`, `no_proxy`, `proxy_from_environment`, `proxy_connect_header`. */
import type { ConfigNode } from '@mario/service';

export const PROXY_KEYS = {
  proxy_url: 'used',
  no_proxy: 'used',
  proxy_from_environment: 'used',
  proxy_connect_header: 'used',
} as const;

export interface ProxyConfig {
  /** Undefined: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment say. */
  readonly url: string | undefined;
  /** Hosts that are reached without it, with commas between them; with `''` all go through it. */
  readonly noProxy: string;
  /** Sent with CONNECT alone. */
  readonly connectHeaders: readonly (readonly [name: string, value: string])[];
}

type ProxyFields = Partial<Record<keyof typeof PROXY_KEYS, ConfigNode>>;

/** A client that is told to use a proxy must not go round it: a kind that is not spoken is told to `unsupported`. */
export function readProxy(
  fields: ProxyFields,
  unsupported: ((node: ConfigNode, message: string) => void) | undefined,
): ProxyConfig | undefined {
  const fromEnvironment = fields.proxy_from_environment?.boolean() === true;
  const url = fields.proxy_url?.string() ?? '';
  const noProxy = fields.no_proxy?.string() ?? '';
  if (fromEnvironment && url !== '')
    fields.proxy_url!.error('if proxy_from_environment is configured, proxy_url must not be configured');
  if (fromEnvironment && noProxy !== '')
    fields.no_proxy!.error('if proxy_from_environment is configured, no_proxy must not be configured');
  if (noProxy !== '' && url === '' && !fromEnvironment)
    fields.no_proxy!.error('if no_proxy is configured, proxy_url must also be configured');
  const headers = fields.proxy_connect_header?.entries() ?? [];
  if (headers.length > 0 && url === '' && !fromEnvironment)
    fields.proxy_connect_header!.error(
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
    );
  if (url === '' && !fromEnvironment) return undefined;
  if (url !== '') checkProxyUrl(fields.proxy_url!, url, unsupported);
  return {
    url: fromEnvironment ? undefined : url,
    noProxy,
    connectHeaders: headers.flatMap(([name, values]) =>
      values.strings().map((value): readonly [string, string] => [name, value]),
    ),
  };
}

function checkProxyUrl(
  node: ConfigNode,
  url: string,
  unsupported: ((node: ConfigNode, message: string) => void) | undefined,
): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (!URL.canParse(url) || scheme === undefined) node.error(`parse ${JSON.stringify(url)}: invalid URL of a proxy`);
  else if (scheme !== 'http') {
    unsupported?.(
      node,
      `proxies by ${scheme} are not supported by the embedded engine, and are not passed by: use http`,
    );
  }
}
