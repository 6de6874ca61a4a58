/** One endpoint to scrape: from what discovery found to its URL and labels (scrape.PopulateLabels of the real server). */
import { parsePrometheusDurationMs } from '@mario/service';
import type { ScrapeConfig } from '../config/scrape-config.ts';
import { Labels } from '../model/labels.ts';
import { LabelBuilder, relabel } from './relabel.ts';

/** What discovery gives: an address with labels. */
export interface DiscoveredTarget {
  readonly labels: Readonly<Record<string, string>>;
}

export interface Target {
  readonly job: string;
  /** Before relabelling, for status pages. */
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** Put on every sample: without names that begin with `__`. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Equal for the same endpoint with the same labels. */
  readonly key: string;
}

export type TargetOutcome =
  | { readonly target: Target }
  | { readonly dropped: Readonly<Record<string, string>> }
  | { readonly error: string; readonly discoveredLabels: Readonly<Record<string, string>> };

export function makeTarget(config: ScrapeConfig, found: DiscoveredTarget): TargetOutcome {
  const builder = new LabelBuilder(Object.entries(found.labels));
  const defaults: readonly [string, string][] = [
    ['job', config.jobName],
    ['__scrape_interval__', formatDuration(config.scrapeIntervalMs)],
    ['__scrape_timeout__', formatDuration(config.scrapeTimeoutMs)],
    ['__metrics_path__', config.metricsPath],
    ['__scheme__', config.scheme],
    ...Object.entries(config.params).map(([name, values]): [string, string] => [`__param_${name}`, values[0] ?? '']),
  ];
  for (const [name, value] of defaults) if (builder.get(name) === '') builder.set(name, value);
  const discoveredLabels = Object.fromEntries(builder.entries().sort(([a], [b]) => (a < b ? -1 : 1)));
  if (!relabel(builder, config.relabelConfigs)) return { dropped: discoveredLabels };
  const fail = (error: string): TargetOutcome => ({ error, discoveredLabels });
  const address = builder.get('__address__');
  if (address === '') return fail('no address');
  if (address.includes('/')) return fail(`"${address}" is not a valid hostname`);
  const intervalMs = parsePrometheusDurationMs(builder.get('__scrape_interval__'));
  const timeoutMs = parsePrometheusDurationMs(builder.get('__scrape_timeout__'));
  if (!intervalMs) return fail(`error parsing scrape interval: ${builder.get('__scrape_interval__')}`);
  if (!timeoutMs) return fail(`error parsing scrape timeout: ${builder.get('__scrape_timeout__')}`);
  if (timeoutMs > intervalMs) return fail('scrape timeout cannot be greater than scrape interval');
  if (builder.get('instance') === '') builder.set('instance', address);
  const labels = Labels.from(builder.entries().filter(([name]) => !name.startsWith('__')));
  const url = urlOf(config, builder, address);
  const key = `${config.jobName}\u0000${labels.key}\u0000${url}`;
  return { target: { job: config.jobName, discoveredLabels, labels, url, intervalMs, timeoutMs, key } };
}

function urlOf(config: ScrapeConfig, builder: LabelBuilder, address: string): string {
  const params = new URLSearchParams();
  for (const [name, values] of Object.entries(config.params)) for (const value of values) params.append(name, value);
  for (const [name, value] of builder.entries()) {
    if (!name.startsWith('__param_')) continue;
    const param = name.slice('__param_'.length);
    const others = params.getAll(param).slice(1);
    params.delete(param);
    for (const each of [value, ...others]) params.append(param, each);
  }
  params.sort();
  const query = params.size > 0 ? `?${params}` : '';
  const path = builder.get('__metrics_path__');
  return `${builder.get('__scheme__')}://${address}${path.startsWith('/') ? '' : '/'}${path}${query}`;
}

/** `15s`, `1m`, `1h30m`: as the real server prints a duration. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = durationMs;
  let text = '';
  const take = (unit: string, unitMs: number, exact: boolean) => {
    if (exact && rest % unitMs !== 0) return;
    const count = Math.floor(rest / unitMs);
    if (count === 0) return;
    text += `${count}${unit}`;
    rest -= count * unitMs;
  };
  // Years and weeks only when nothing is left over: a fraction of a year is not an exact number of days.
  take('y', 365 * 86_400_000, true);
  take('w', 7 * 86_400_000, true);
  take('d', 86_400_000, false);
  take('h', 3_600_000, false);
  take('m', 60_000, false);
  take('s', 1_000, false);
  take('ms', 1, false);
  return text;
}
