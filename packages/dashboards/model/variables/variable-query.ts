/** The functions that a query variable may be written as for Prometheus and Loki. */

export type VariableQuery =
  | { readonly kind: 'label-values'; readonly label: string; readonly selector: string | undefined }
  | { readonly kind: 'label-names'; readonly pattern: string | undefined }
  | { readonly kind: 'metrics'; readonly pattern: string }
  | { readonly kind: 'query-result'; readonly expression: string }
  | { readonly kind: 'series'; readonly selector: string };

/** `text` is interpolated already. A bare selector asks for series, written as `name{labels}`. */
export function parseVariableQuery(text: string): VariableQuery | undefined {
  const query = text.trim();
  if (query === '') return undefined;
  const names = /^label_names\((?:\s*(.*?)\s*)\)\s*$/s.exec(query);
  if (names !== null) return { kind: 'label-names', pattern: names[1] || undefined };
  const values = /^label_values\(\s*(?:(.+?)\s*,\s*)?([\w:.]+|"[^"]+")?\s*\)\s*$/s.exec(query);
  if (values !== null) return labelValues(values[1], values[2]);
  const metrics = /^metrics\(\s*(.*?)\s*\)\s*$/s.exec(query);
  if (metrics !== null) return { kind: 'metrics', pattern: metrics[1]! };
  const result = /^query_result\((.+)\)\s*$/s.exec(query);
  if (result !== null) return { kind: 'query-result', expression: result[1]! };
  return { kind: 'series', selector: query };
}

/** The greedy selector may hold commas, so the label is what follows the last one. */
function labelValues(selector: string | undefined, label: string | undefined): VariableQuery | undefined {
  if (label === undefined) {
    return selector === undefined ? undefined : { kind: 'label-names', pattern: undefined };
  }
  return { kind: 'label-values', label: label.replaceAll('"', ''), selector: selector || undefined };
}

/** One row of `query_result`: `name{a="b"} value timestamp`, which the variable's pattern takes apart. */
export function formatResultRow(metric: Readonly<Record<string, string>>, value: string, timestampS: number): string {
  return `${formatSeries(metric)} ${value} ${Math.round(timestampS * 1000)}`;
}

export function formatSeries(metric: Readonly<Record<string, string>>): string {
  const labels = Object.entries(metric)
    .filter(([name]) => name !== '__name__')
    .map(([name, value]) => `${name}="${value}"`);
  return `${metric.__name__ ?? ''}{${labels.join(',')}}`;
}
