/** Where JSON is wrong, for messages: V8 tells the place in some of its errors only. */

export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

const TOKEN = /\s+|[{}[\],:]|"(?:[^"\\\p{Cc}]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/** `message` is that of JSON.parse. The first line when the place cannot be told. */
export function jsonPosition(text: string, message: string): JsonPosition {
  const told = /\(line (\d+) column (\d+)\)/.exec(message);
  if (told !== null) return { line: Number(told[1]), column: Number(told[2]) };
  if (!/JSON/.test(message)) return { line: 1, column: 1 };
  TOKEN.lastIndex = 0;
  let end = 0;
  while (end < text.length && TOKEN.test(text)) end = TOKEN.lastIndex;
  const before = text.slice(0, end);
  return { line: before.split('\n').length, column: end - before.lastIndexOf('\n') };
}
