/**
 * Walks over JSON text without building values: numbers stay as they are written, and the first of two equal keys can
 * win, neither of which JSON.parse allows.
 */

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

export class JsonError extends Error {}

/** Deeper nesting is not what logs have; the walk is recursive. */
const DEPTH_MAX = 128;

/** `value` is the raw text of the value, quotes included. Gives false to stop the walk. */
export type FieldVisitor = (key: string, kind: JsonKind, start: number, end: number) => boolean;

/** Visits the fields of the object that begins at or after `at`. Gives the position behind it, or -1 when stopped. */
export function visitObject(text: string, at: number, visit: FieldVisitor, depth = 0): number {
  if (depth > DEPTH_MAX) throw new JsonError('nested too deeply');
  let position = skipSpace(text, at);
  if (text[position] !== '{') throw new JsonError(`expecting an object, found ${describe(text, position)}`);
  position = skipSpace(text, position + 1);
  if (text[position] === '}') return position + 1;
  for (;;) {
    if (text[position] !== '"') throw new JsonError(`expecting a key, found ${describe(text, position)}`);
    const keyEnd = stringEnd(text, position);
    const key = unquote(text, position, keyEnd);
    position = skipSpace(text, keyEnd);
    if (text[position] !== ':') throw new JsonError(`expecting ':', found ${describe(text, position)}`);
    const start = skipSpace(text, position + 1);
    const kind = kindAt(text, start);
    const end = valueEnd(text, start, kind, depth);
    if (!visit(key, kind, start, end)) return -1;
    position = skipSpace(text, end);
    if (text[position] === '}') return position + 1;
    if (text[position] !== ',') throw new JsonError(`expecting ',' or '}', found ${describe(text, position)}`);
    position = skipSpace(text, position + 1);
  }
}

/** Visits the elements of an array; the visitor gets the index as the key. */
export function visitArray(text: string, at: number, visit: FieldVisitor, depth = 0): number {
  if (depth > DEPTH_MAX) throw new JsonError('nested too deeply');
  let position = skipSpace(text, at + 1);
  if (text[position] === ']') return position + 1;
  for (let index = 0; ; index++) {
    const kind = kindAt(text, position);
    const end = valueEnd(text, position, kind, depth);
    if (!visit(String(index), kind, position, end)) return -1;
    position = skipSpace(text, end);
    if (text[position] === ']') return position + 1;
    if (text[position] !== ',') throw new JsonError(`expecting ',' or ']', found ${describe(text, position)}`);
    position = skipSpace(text, position + 1);
  }
}

export function skipSpace(text: string, at: number): number {
  let position = at;
  for (;;) {
    const code = text.charCodeAt(position);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return position;
    position++;
  }
}

export function kindAt(text: string, at: number): JsonKind {
  switch (text[at]) {
    case '"':
      return 'string';
    case '{':
      return 'object';
    case '[':
      return 'array';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    default:
      return 'number';
  }
}

const numberPattern = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

export function valueEnd(text: string, start: number, kind: JsonKind, depth = 0): number {
  switch (kind) {
    case 'string':
      return stringEnd(text, start);
    case 'object':
      return visitObject(text, start, () => true, depth + 1);
    case 'array':
      return visitArray(text, start, () => true, depth + 1);
    case 'number':
      numberPattern.lastIndex = start;
      if (!numberPattern.test(text)) throw new JsonError(`unknown value type, found ${describe(text, start)}`);
      return numberPattern.lastIndex;
    default:
      for (const word of ['true', 'false', 'null']) if (text.startsWith(word, start)) return start + word.length;
      throw new JsonError(`unknown value type, found ${describe(text, start)}`);
  }
}

/** The position behind the string that begins at `start`. */
export function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new JsonError("value looks like a string, but the closing '\"' is missing");
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** The text of a string value with its escapes resolved; '' when they are malformed, as Loki does. */
export function unquote(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    // Line breaks are not allowed inside JSON strings but are met in logs.
    return String(JSON.parse(`"${escapeControls(raw)}"`));
  } catch {
    return '';
  }
}

function escapeControls(raw: string): string {
  let text = '';
  for (const character of raw) {
    const code = character.charCodeAt(0);
    text += code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : character;
  }
  return text;
}

function describe(text: string, at: number): string {
  return at >= text.length ? 'the end of the line' : `'${text[at]}' at position ${at + 1}`;
}
