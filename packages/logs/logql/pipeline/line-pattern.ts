/** The pattern language of `| pattern` and `|>`: literals with captures `<name>` or `<_>` between them. */

export type PatternPart = { readonly literal: string } | { readonly capture: string };

const capture = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g;

export function parseLinePattern(pattern: string): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  let last = 0;
  for (const match of pattern.matchAll(capture)) {
    if (match.index > last) parts.push({ literal: pattern.slice(last, match.index) });
    if (parts.at(-1) !== undefined && 'capture' in parts.at(-1)!) {
      throw new Error('found consecutive capture: invalid expression');
    }
    parts.push({ capture: match[1]! });
    last = match.index + match[0].length;
  }
  if (last < pattern.length) parts.push({ literal: pattern.slice(last) });
  return parts;
}

/** A whole line against a pattern without names: the first literal begins it, the last ends it, the others come in order. */
export function compileLinePattern(pattern: string): (line: string) => boolean {
  const parts = parseLinePattern(pattern);
  if (parts.some((part) => 'capture' in part && part.capture !== '_')) {
    throw new Error('named captures are not allowed: invalid expression');
  }
  const startsOpen = parts[0] === undefined || 'capture' in parts[0];
  const endsOpen = parts.length > 0 && 'capture' in parts.at(-1)!;
  const literals = parts.flatMap((part) => ('literal' in part ? [part.literal] : []));
  return (line) => matchLiterals(line, literals, startsOpen, endsOpen);
}

function matchLiterals(line: string, literals: readonly string[], startsOpen: boolean, endsOpen: boolean): boolean {
  if (literals.length === 0) return endsOpen || line === '';
  let at = 0;
  for (const [index, literal] of literals.entries()) {
    const last = index === literals.length - 1;
    if (index === 0 && !startsOpen) {
      if (!line.startsWith(literal)) return false;
      at = literal.length;
      if (last && !endsOpen) return at === line.length;
      continue;
    }
    if (last && !endsOpen) return line.length - literal.length >= at && line.endsWith(literal);
    const found = line.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return true;
}
