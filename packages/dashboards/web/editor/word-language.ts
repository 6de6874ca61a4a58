/** Highlighting by words: strings, numbers, comments, keywords, functions, and names before an operator. */
import { StreamLanguage, type StringStream } from '@codemirror/language';

export interface WordLanguage {
  readonly name: string;
  readonly keywords: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** Characters that a name may hold besides letters, digits and `_`. */
  readonly nameExtra: string;
}

export function wordLanguage(definition: WordLanguage) {
  const name = new RegExp(`^[A-Za-z_][\\w${definition.nameExtra}]*`);
  return StreamLanguage.define({
    name: definition.name,
    token: (stream) => nextToken(stream, definition, name),
    languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', '`'] }, commentTokens: { line: '#' } },
  });
}

function nextToken(stream: StringStream, { keywords, functions }: WordLanguage, name: RegExp): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^#.*/) !== null) return 'comment';
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) !== null || stream.match(/^`[^`]*`?/) !== null) return 'string';
  if (stream.match(/^\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy]|[KMGT]i?B|B)*\b/) !== null) return 'number';
  const word = stream.match(name) as RegExpMatchArray | null;
  if (word === null) {
    stream.next();
    return 'operator';
  }
  if (keywords.has(word[0])) return 'keyword';
  if (functions.has(word[0]) && stream.match(/^\s*[([{]|^\s+(?:by|without)\b/, false) !== null)
    return 'variableName.function';
  return 'labelName';
}
