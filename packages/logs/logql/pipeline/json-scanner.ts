/**
 * Walks over JSON text without building values: numbers stay as they are written, and the first of two equal keys can
 * win, neither of which JSON.parse allows.
 */

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

export class JsonError extends Error {
  /** The field whose value cannot be read, where it is one. */
  key: string | undefined;
}

/** `value` is the raw text of the value, quotes included. Gives false to stop the walk. */
export type FieldVisitor = (key: string, kind: JsonKind, start: number, end: number) => boolean;

/** The texts of the library with which Loki reads JSON: they reach users as `__error_details__`. */
const malformedJson = 'Malformed JSON error';
const malformedObject = "Value looks like object, but can't find closing '}' symbol";
const malformedArray = "Value is array, but can't find closing ']' symbol";
const malformedString = "Value is string, but can't find closing '\"' symbol";
const unknownValue = 'Unknown value type';

/**
 * Visits the fields of the object that begins at or after `at`; says whether it got to the end. As lenient as Loki: a
 * comma may follow the last field, nothing is asked of what stands behind the object or inside of values that are skipped.
 */
export function visitObject(text: string, at: number, visit: FieldVisitor): boolean {
  let position = skipSpace(text, at);
  if (text[position] !== '{') throw new JsonError(malformedObject);
  position = skipSpace(text, position + 1);
  if (position >= text.length) throw new JsonError(malformedJson);
  while (text[position] !== '}') {
    if (text[position] !== '"') throw new JsonError(malformedObject);
    const keyEnd = stringEnd(text, position);
    if (keyEnd < 0) throw new JsonError(malformedJson);
    const key = unquote(text, position, keyEnd);
    position = skipSpace(text, keyEnd);
    if (text[position] !== ':') throw new JsonError(malformedJson);
    const start = skipSpace(text, position + 1);
    const kind = kindAt(text, start);
    const end = valueEndOf(key, text, start, kind);
    if (!visit(key, kind, start, end)) return false;
    position = skipSpace(text, end);
    if (position >= text.length) throw new JsonError(malformedArray);
    if (text[position] === '}') return true;
    if (text[position] !== ',') throw new JsonError(malformedObject);
    position = skipSpace(text, position + 1);
    if (position >= text.length) throw new JsonError(malformedArray);
  }
  return true;
}

/** Visits the elements of an array; the visitor gets the index as the key. */
export function visitArray(text: string, at: number, visit: FieldVisitor): boolean {
  let position = skipSpace(text, at + 1);
  if (text[position] === ']') return true;
  for (let index = 0; ; index++) {
    const kind = kindAt(text, position);
    const end = valueEndOf(String(index), text, position, kind);
    if (!visit(String(index), kind, position, end)) return false;
    position = skipSpace(text, end);
    if (text[position] === ']') return true;
    if (text[position] !== ',') throw new JsonError(malformedArray);
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

function valueEndOf(key: string, text: string, start: number, kind: JsonKind): number {
  try {
    return valueEnd(text, start, kind);
  } catch (error) {
    if (error instanceof JsonError) error.key = key;
    throw error;
  }
}

/** Where the value ends. Objects and arrays are skipped by their braces alone, whatever is inside. */
function valueEnd(text: string, start: number, kind: JsonKind): number {
  if (start >= text.length) throw new JsonError(malformedJson);
  switch (kind) {
    case 'string':
      return found(stringEnd(text, start), malformedString);
    case 'object':
      return found(blockEnd(text, start, 0x7b, 0x7d), malformedObject);
    case 'array':
      return found(blockEnd(text, start, 0x5b, 0x5d), malformedArray);
    default:
      return scalarEnd(text, start, kind);
  }
}

function found(end: number, message: string): number {
  if (end < 0) throw new JsonError(message);
  return end;
}

function scalarEnd(text: string, start: number, kind: JsonKind): number {
  let end = start;
  while (end < text.length && !endsWord(text.charCodeAt(end))) end++;
  const word = text.slice(start, end);
  const known = kind === 'number' ? /^[-\d]/.test(word) : word === 'null' || word === 'true' || word === 'false';
  if (!known) throw new JsonError(unknownValue);
  return end;
}

function endsWord(code: number): boolean {
  return (
    code === 0x2c || code === 0x7d || code === 0x5d || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
  );
}

/** The position behind the bracket that closes the one at `start`, not counting those in strings; -1 without it. */
function blockEnd(text: string, start: number, open: number, close: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const end = stringEnd(text, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (code === open) depth++;
    else if (code === close && --depth === 0) return at + 1;
  }
  return -1;
}

/** The position behind the string that begins at `start`, -1 when it does not end. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
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
