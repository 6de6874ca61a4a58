/** `http_sd_configs`: target groups from a URL, as JSON. */
import type { HttpDiscovery, StaticGroup } from '../config/discovery-config.ts';
import { type Fetch, statusError, USER_AGENT } from '../scrape/fetch.ts';

/** A list of targets is small; more is a mistaken URL. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

export async function discoverByHttp(config: HttpDiscovery, fetch: Fetch): Promise<readonly StaticGroup[]> {
  const { status, contentType, body, release } = await fetch({
    url: config.url,
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'x-prometheus-refresh-interval-seconds': String(config.refreshIntervalMs / 1000),
    },
    timeoutMs: config.refreshIntervalMs,
    bodyBytesMax: BODY_BYTES_MAX,
    client: config.client,
    signal: new AbortController().signal,
  });
  if (status !== 200) throw new Error(`${config.url}: ${statusError(status)}`);
  if (!/^application\/json(?:;\s*charset=(?:"utf-8"|utf-8))?$/i.test(contentType))
    throw new Error(`${config.url}: unsupported content type "${contentType}"`);
  const json = parse(body, config.url);
  release?.();
  if (!Array.isArray(json)) throw new Error(`${config.url}: the answer is not a list of target groups`);
  return json.map((group, i) => {
    if (!isGroup(group)) throw new Error(`${config.url}: group ${i} is not {"targets": […], "labels": {…}}`);
    return {
      targets: group.targets,
      labels: { ...group.labels, __meta_url: config.url },
      source: `${config.url}:${i}`,
    };
  });
}

function parse(body: Uint8Array, url: string): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw new Error(`${url}: the answer is not JSON: ${(error as Error).message}`);
  }
}

function isGroup(value: unknown): value is { targets: string[]; labels?: Record<string, string> } {
  const group = value as { targets?: unknown; labels?: unknown } | null;
  if (typeof group !== 'object' || group === null || !Array.isArray(group.targets)) return false;
  const texts = [...group.targets, ...Object.values(group.labels ?? {})];
  return texts.every((text) => typeof text === 'string');
}
