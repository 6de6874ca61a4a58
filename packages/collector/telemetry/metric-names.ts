// The names under which the collector tells of itself: with or without type suffix and unit, as the reader of
// `service.telemetry.metrics` says.
import { OwnMetrics } from '@mario/service';
import type { OwnMetricNames } from '../config/telemetry-config.ts';

/** Units that the real one appends; in all other names the unit is a part of the instrument's name, or none is written. */
const unitSuffixes: ReadonlyMap<string, string> = new Map([
  ['otelcol_process_uptime_seconds', '_seconds'],
  ['otelcol_process_memory_rss_bytes', '_bytes'],
]);

export function namedOwnMetrics(metrics: OwnMetrics, names: OwnMetricNames): Pick<OwnMetrics, 'expose'> {
  if (names.typeSuffix && names.units) return metrics;
  return {
    expose(accept) {
      const shown = new OwnMetrics();
      for (const family of metrics.families()) {
        const { help, type } = family;
        const name = type === 'counter' ? counterName(family.name, names) : withoutUnit(family.name, names);
        shown.register({ name, help, type, samples: () => family.samples() });
      }
      // OpenMetrics has no counters without `_total`; the real one speaks the text format only.
      return shown.expose(names.typeSuffix ? accept : undefined);
    },
  };
}

function counterName(name: string, names: OwnMetricNames): string {
  const base = withoutUnit(name.replace(/_total$/, ''), names);
  return names.typeSuffix ? `${base}_total` : base;
}

function withoutUnit(name: string, { units }: OwnMetricNames): string {
  const suffix = units ? undefined : unitSuffixes.get(name);
  return suffix === undefined ? name : name.slice(0, name.length - suffix.length);
}
