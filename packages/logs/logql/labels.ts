/** Label sets: sorted by name, immutable. */
import { quoteGo } from './duration.ts';

export type Label = readonly [name: string, value: string];
export type Labels = readonly Label[];

export const noLabels: Labels = [];

/** Code points in order, as Go compares strings; JavaScript's own order of UTF-16 units agrees except beyond U+FFFF. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sortLabels(labels: Label[]): Labels {
  return labels.sort((a, b) => compareText(a[0], b[0]));
}

export function labelsOf(object: Readonly<Record<string, string>>): Labels {
  return sortLabels(Object.entries(object));
}

/** A text that two label sets share exactly when they are equal. */
export function labelsKey(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name}\u0000${value}\u0001`;
  return key;
}

export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareText(a[i]![0], b[i]![0]) || compareText(a[i]![1], b[i]![1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export function labelsObject(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels);
}

/** `{app="foo", env="prod"}` */
export function printLabels(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${name}=${quoteGo(value)}`).join(', ')}}`;
}

export function labelValue(labels: Labels, name: string): string | undefined {
  for (const label of labels) if (label[0] === name) return label[1];
  return undefined;
}

/** Fields have few names and many lines. */
const SANITIZED_COUNT_MAX = 10_000;
const sanitizedFirst = new Map<string, string>();

/** Letters, digits and underscores, no digit first; everything else becomes an underscore. `first`: it begins the name. */
export function sanitizeLabelName(name: string, first = true): string {
  if (!first) return sanitize(name, false);
  let clean = sanitizedFirst.get(name);
  if (clean === undefined) {
    clean = sanitize(name, true);
    if (sanitizedFirst.size >= SANITIZED_COUNT_MAX) sanitizedFirst.clear();
    sanitizedFirst.set(name, clean);
  }
  return clean;
}

function sanitize(name: string, first: boolean): string {
  const trimmed = name.trim();
  if (trimmed === '') return trimmed;
  const clean = trimmed.replace(/[^a-zA-Z0-9_]/gu, '_');
  return first && /^[0-9]/.test(clean) ? `_${clean}` : clean;
}

export function isLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}
