/** What `mario up` prints once everything answers. */
import type { CommonOptions } from './options.ts';

const NOTES: Readonly<Record<string, string>> = {
  pizzeria: 'order, follow, /kitchen; API: /api/docs, metrics: /api/metrics',
  dashboards: 'begin with Good morning; alerts, Explore',
  metrics: 'Prometheus API and PromQL',
  traces: 'Tempo API and TraceQL',
  logs: 'Loki API and LogQL',
  collector: 'OTLP over gRPC; over HTTP one port up',
  payments: 'the payment provider of the simulated world',
};

export function formatWelcome(
  addresses: Readonly<Record<string, string>>,
  options: Pick<CommonOptions, 'dataDir' | 'host'>,
  seconds: number,
): string {
  const rows = Object.keys(NOTES).flatMap((name) => {
    const address = addresses[name];
    if (address === undefined) return [];
    const login = name === 'dashboards' && isLoopback(options.host) ? ' (admin / admin)' : '';
    return [`  ${name.padEnd(11)} ${address.padEnd(24)} ${NOTES[name]}${login}\n`];
  });
  const kept = options.dataDir === undefined ? 'in memory' : `in ${options.dataDir}`;
  return `\nMario's Pizzeria is open after ${seconds.toFixed(1)} s. Data is kept ${kept}. Ctrl-C closes it.\n\n${rows.join('')}\n`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
