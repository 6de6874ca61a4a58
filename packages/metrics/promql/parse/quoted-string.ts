// Quoted strings of the language: Go's escapes in single and double quotes, none in backticks.

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

// A byte above 0x7f that is not part of valid UTF-8 is kept as the lone surrogate U+DC00 + byte, which no valid text
// contains, so that error messages can show it again as \xNN.
const INVALID_BYTE_BASE = 0xdc00;

/** The value of a quoted string, quotes included in `source`; throws an Error("invalid syntax"). */
export function unquote(source: string): string {
  const quote = source[0];
  const body = source.slice(1, -1);
  if (source.length < 2 || source.at(-1) !== quote) throw new Error('invalid syntax');
  if (quote === '`') return body.replaceAll('\r', '');
  if (body.includes('\n')) throw new Error('invalid syntax');
  if (!body.includes('\\')) return body;
  const bytes: number[] = [];
  let out = '';
  const flush = (): void => {
    if (bytes.length > 0) out += decodeBytes(bytes.splice(0));
  };
  for (let i = 0; i < body.length; ) {
    if (body[i] !== '\\') {
      flush();
      out += body[i++];
      continue;
    }
    const unit = readEscape(body, i + 1, quote!);
    if (unit.byte !== undefined) bytes.push(unit.byte);
    else {
      flush();
      out += unit.text;
    }
    i = unit.end;
  }
  flush();
  return out;
}

function readEscape(body: string, at: number, quote: string): { text?: string; byte?: number; end: number } {
  const c = body[at] ?? '';
  if (c === quote) return { text: quote, end: at + 1 };
  const simple = SIMPLE[c];
  if (simple !== undefined) return { text: simple, end: at + 1 };
  const digits = c === 'x' ? 2 : c === 'u' ? 4 : c === 'U' ? 8 : 0;
  if (digits > 0) {
    const hex = body.slice(at + 1, at + 1 + digits);
    if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) throw new Error('invalid syntax');
    const code = Number.parseInt(hex, 16);
    if (c === 'x') return { byte: code, end: at + 3 };
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Error('invalid syntax');
    return { text: String.fromCodePoint(code), end: at + 1 + digits };
  }
  const octal = body.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(octal) || Number.parseInt(octal, 8) > 255) throw new Error('invalid syntax');
  return { byte: Number.parseInt(octal, 8), end: at + 3 };
}

function decodeBytes(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return bytes.map((b) => String.fromCharCode(b < 0x80 ? b : INVALID_BYTE_BASE + b)).join('');
  }
}

/** Whether text came from bytes that were not valid UTF-8. */
export function hasInvalidUtf8(text: string): boolean {
  return !text.isWellFormed();
}
