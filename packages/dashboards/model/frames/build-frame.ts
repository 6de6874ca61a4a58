/** Builds data frames from the answers of the three stores. */
import type { DataFrame, Field, FieldType } from './grafana-data.ts';

export type Labels = Readonly<Record<string, string>>;

export function fieldOf(name: string, type: FieldType, values: unknown[], extra: Partial<Field> = {}): Field {
  return { name, type, values, config: {}, ...extra };
}

export function frameOf(refId: string, fields: Field[], extra: Partial<DataFrame> = {}): DataFrame {
  return { refId, fields, length: fields[0]?.values.length ?? 0, ...extra };
}

/** `{{label}}` of a legend becomes the label's value; absent labels become nothing. */
export function formatLegend(legend: string, labels: Labels): string {
  return legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
}

/** A series as people write it: `name{a="b"}`. */
export function seriesName(labels: Labels): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  const name = labels.__name__ ?? '';
  if (pairs.length === 0) return name === '' ? '{}' : name;
  return `${name}{${pairs.map(([key, value]) => `${key}="${value}"`).join(', ')}}`;
}
