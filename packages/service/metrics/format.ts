/** Writes own metrics in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0. */
import type { Family, LabelValues } from './own-metrics.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores';

export function formatOwnMetrics(
  families: readonly Family[],
  accept: string | undefined,
): { readonly contentType: string; readonly body: string } {
  const openMetrics = accept?.includes('application/openmetrics-text') ?? false;
  let body = '';
  for (const family of families.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    body += formatFamily(family, openMetrics);
  }
  if (openMetrics) body += '# EOF\n';
  return { contentType: openMetrics ? OPEN_METRICS : TEXT, body };
}

function formatFamily(family: Family, openMetrics: boolean): string {
  // OpenMetrics names the family without the suffix that its samples carry (section "Counter").
  const name = openMetrics && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  let text = `# HELP ${name} ${escapeHelp(family.help, openMetrics)}\n# TYPE ${name} ${typeName(family, openMetrics)}\n`;
  for (const { suffix, labels, value } of family.samples()) {
    text += `${family.name}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`;
  }
  return text;
}

function typeName(family: Family, openMetrics: boolean): string {
  if (family.type === 'info') return openMetrics ? 'info' : 'gauge';
  // A counter without `_total` (such as the real Tempo has) cannot be one in OpenMetrics.
  if (openMetrics && family.type === 'counter' && !family.name.endsWith('_total')) return 'unknown';
  return family.type;
}

function formatLabels(labels: LabelValues): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? '{' : ','}${name}="${escapeValue(labels[name]!)}"`;
  }
  return text === '' ? '' : text + '}';
}

function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escapeValue(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : '\\' + char));
}

function escapeHelp(text: string, openMetrics: boolean): string {
  const pattern = openMetrics ? /[\\"\n]/g : /[\\\n]/g;
  return text.replace(pattern, (char) => (char === '\n' ? '\\n' : '\\' + char));
}
