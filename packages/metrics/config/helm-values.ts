/** The configuration inside the values of the Prometheus community's Helm chart, which its template writes out. */
import type { ConfigNode } from '@mario/service';

/**
 * What the chart would write as prometheus.yml, as text in JSON, which is YAML; undefined when the file holds no such
 * values. Jobs stand by name under `scrapeConfigs`; a job without `job_name` is called by that name.
 */
export function configOfHelmValues(root: ConfigNode): string | undefined {
  const config = childOf(childOf(root, 'serverFiles'), 'prometheus.yml');
  if (config === undefined) return undefined;
  const jobs = (childOf(root, 'scrapeConfigs')?.entries() ?? []).flatMap(([name, job]) => jobOf(name, job.raw()));
  const own = config.raw() as { readonly scrape_configs?: unknown };
  const written = Array.isArray(own.scrape_configs) ? own.scrape_configs : [];
  return JSON.stringify({ ...own, scrape_configs: [...written, ...jobs] });
}

function jobOf(name: string, job: unknown): object[] {
  if (typeof job !== 'object' || job === null) return [];
  const { enabled, ...config } = job as { readonly enabled?: unknown; readonly job_name?: unknown };
  return enabled === false ? [] : [{ ...config, job_name: config.job_name || name }];
}

function childOf(node: ConfigNode | undefined, name: string): ConfigNode | undefined {
  const child = node?.kind === 'mapping' ? node.get(name) : undefined;
  return child?.kind === 'mapping' ? child : undefined;
}
