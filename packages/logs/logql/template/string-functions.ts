/** Loki's functions on texts. */

import { truth, type Value } from '@mario/gotemplate';
import { countMatches, expandReplacement, replaceAllMatches } from '../regex.ts';
import { anyFunction, asInteger, asText, type TemplateFunction, textFunction } from './template-function.ts';

/** `repeat` and `indent` must not fill the memory. */
const TEXT_LENGTH_MAX = 1024 * 1024;

function repeat(text: string, count: number): string {
  if (count < 0) throw new Error('negative repeat count');
  if (text.length * count > TEXT_LENGTH_MAX) throw new Error(`result is longer than ${TEXT_LENGTH_MAX} characters`);
  return text.repeat(count);
}

function trimSet(text: string, set: string, sides: 'both' | 'left' | 'right'): string {
  const characters = Array.from(text);
  const cut = new Set(set);
  let start = 0;
  let end = characters.length;
  if (sides !== 'right') while (start < end && cut.has(characters[start]!)) start++;
  if (sides !== 'left') while (end > start && cut.has(characters[end - 1]!)) end--;
  return characters.slice(start, end).join('');
}

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;
const withoutSuffix = (text: string, suffix: string): string =>
  suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;

/** strings.Replace: the first `count`, or all when it is negative. */
function replaceCount(text: string, old: string, replacement: string, count: number): string {
  if (count < 0) return text.replaceAll(old, () => replacement);
  let result = text;
  let from = 0;
  for (let done = 0; done < count; done++) {
    const at = result.indexOf(old, from);
    if (at < 0) break;
    result = result.slice(0, at) + replacement + result.slice(at + old.length);
    from = at + replacement.length + (old === '' ? 1 : 0);
  }
  return result;
}

function truncate(count: number, text: string): string {
  const characters = Array.from(text);
  if (count < 0) return characters.length + count > 0 ? characters.slice(characters.length + count).join('') : text;
  return characters.slice(0, count).join('');
}

function substring(start: number, end: number, text: string): string {
  const characters = Array.from(text);
  if (start < 0) return end < 0 ? '' : characters.slice(0, end).join('');
  return end < 0 ? characters.slice(start).join('') : characters.slice(start, Math.max(start, end)).join('');
}

function align(count: number, text: string, side: 'left' | 'right'): string {
  const characters = Array.from(text);
  if (count < 0) return text;
  if (count > TEXT_LENGTH_MAX) throw new Error(`result is longer than ${TEXT_LENGTH_MAX} characters`);
  const pad = ' '.repeat(Math.max(0, count - characters.length));
  if (side === 'left') return characters.slice(0, count).join('') + pad;
  return pad + characters.slice(Math.max(0, characters.length - count)).join('');
}

const indent = (count: number, text: string): string => {
  const pad = repeat(' ', count);
  return pad + text.replaceAll('\n', `\n${pad}`);
};

const title = (text: string): string => text.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase());

function fromJson(text: string): Value {
  try {
    return jsonValue(JSON.parse(text));
  } catch {
    return null;
  }
}

/** JSON numbers are floats in Go. */
function jsonValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, field]) => [key, jsonValue(field)]));
  }
  return value as Value;
}

function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Error(`invalid URL escape in ${JSON.stringify(text)}`);
  }
}

const encodeUrl = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

const number = (value: Value): number => Number(asInteger(value));

export const stringFunctions: Readonly<Record<string, TemplateFunction>> = {
  // The older spellings, with the text first.
  ToLower: textFunction(1, (text) => text!.toLowerCase()),
  ToUpper: textFunction(1, (text) => text!.toUpperCase()),
  Replace: anyFunction(4, 4, ([text, old, by, count]) =>
    replaceCount(asText(text), asText(old), asText(by), number(count)),
  ),
  Trim: textFunction(2, (text, set) => trimSet(text!, set!, 'both')),
  TrimLeft: textFunction(2, (text, set) => trimSet(text!, set!, 'left')),
  TrimRight: textFunction(2, (text, set) => trimSet(text!, set!, 'right')),
  TrimPrefix: textFunction(2, (text, prefix) => withoutPrefix(text!, prefix!)),
  TrimSuffix: textFunction(2, (text, suffix) => withoutSuffix(text!, suffix!)),
  TrimSpace: textFunction(1, (text) => text!.trim()),
  // The current ones, with the text last so that it can be piped.
  lower: textFunction(1, (text) => text!.toLowerCase()),
  upper: textFunction(1, (text) => text!.toUpperCase()),
  title: textFunction(1, (text) => title(text!)),
  trim: textFunction(1, (text) => text!.trim()),
  trimAll: textFunction(2, (set, text) => trimSet(text!, set!, 'both')),
  trimPrefix: textFunction(2, (prefix, text) => withoutPrefix(text!, prefix!)),
  trimSuffix: textFunction(2, (suffix, text) => withoutSuffix(text!, suffix!)),
  contains: textFunction(2, (part, text) => text!.includes(part!)),
  hasPrefix: textFunction(2, (prefix, text) => text!.startsWith(prefix!)),
  hasSuffix: textFunction(2, (suffix, text) => text!.endsWith(suffix!)),
  replace: textFunction(3, (old, by, text) => text!.replaceAll(old!, () => by!)),
  repeat: anyFunction(2, 2, ([count, text]) => repeat(asText(text), number(count))),
  trunc: anyFunction(2, 2, ([count, text]) => truncate(number(count), asText(text))),
  substr: anyFunction(3, 3, ([start, end, text]) => substring(number(start), number(end), asText(text))),
  indent: anyFunction(2, 2, ([count, text]) => indent(number(count), asText(text))),
  nindent: anyFunction(2, 2, ([count, text]) => `\n${indent(number(count), asText(text))}`),
  alignLeft: anyFunction(2, 2, ([count, text]) => align(number(count), asText(text), 'left')),
  alignRight: anyFunction(2, 2, ([count, text]) => align(number(count), asText(text), 'right')),
  regexReplaceAll: textFunction(3, (regex, text, by) =>
    replaceAllMatches(regex!, text!, (groups, names) => expandReplacement(by!, groups, names)),
  ),
  regexReplaceAllLiteral: textFunction(3, (regex, text, by) => replaceAllMatches(regex!, text!, () => by!)),
  count: textFunction(2, (regex, text) => BigInt(countMatches(regex!, text!))),
  b64enc: textFunction(1, (text) => Buffer.from(text!).toString('base64')),
  b64dec: textFunction(1, (text) => Buffer.from(text!, 'base64').toString()),
  urlencode: textFunction(1, (text) => encodeUrl(text!)),
  urldecode: textFunction(1, (text) => decodeUrl(text!)),
  fromJson: textFunction(1, (text) => fromJson(text!)),
  default: anyFunction(1, 2, ([fallback, value]) => (truth(value) ? value : fallback)),
  __line__: anyFunction(0, 0, (_, input) => input.line),
};
