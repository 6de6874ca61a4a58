/** The labels of a pushed stream, from Loki's text form or from an object. */
import type { Matcher } from '../logql/ast.ts';
import { isLabelName, type Label, type Labels, sortLabels } from '../logql/labels.ts';
import { parseMatchers } from '../logql/parser.ts';
import { PushError } from './push-error.ts';

/** Senders repeat the same few label sets in every request. */
const CACHE_COUNT_MAX = 10_000;
const cache = new Map<string, Labels>();

/** Reads `{app="foo", env="prod"}`. Labels with empty values do not exist. */
export function parseStreamLabels(text: string): Labels {
  const known = cache.get(text);
  if (known !== undefined) return known;
  let matchers: readonly Matcher[];
  try {
    matchers = parseMatchers(text);
  } catch (error) {
    throw new PushError(
      `error parsing labels '${text}' with error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const other = matchers.find(({ operator }) => operator !== '=');
  if (other !== undefined)
    throw new PushError(`error parsing labels '${text}' with error: ${other.name}${other.operator} is not an equality`);
  const labels = sortLabels(
    matchers.filter(({ value }) => value !== '').map(({ name, value }): Label => [name, value]),
  );
  if (cache.size >= CACHE_COUNT_MAX) cache.delete(cache.keys().next().value!);
  cache.set(text, labels);
  return labels;
}

export function streamLabelsOf(object: Readonly<Record<string, unknown>>): Labels {
  const labels: Label[] = [];
  for (const [name, value] of Object.entries(object)) {
    if (!isLabelName(name)) throw new PushError(`error parsing labels: "${name}" is not a valid label name`);
    if (typeof value !== 'string') throw new PushError(`error parsing labels: the value of ${name} is not a string`);
    if (value !== '') labels.push([name, value]);
  }
  return sortLabels(labels);
}
