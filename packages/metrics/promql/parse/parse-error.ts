// The error of a malformed expression: message as the real server's, with line and column.
import type { Span } from './ast.ts';

/** `message` is `line:column: parse error: detail`. */
export class ParseError extends Error {
  readonly code = 'bad_data';
  readonly detail: string;
  readonly span: Span;

  /** Without a span for what stands nowhere. */
  constructor(detail: string, span: Span | null, source: string) {
    super(`${span === null ? 'unknown position' : positionText(source, span.start)}: parse error: ${detail}`);
    this.name = 'ParseError';
    this.detail = detail;
    this.span = span ?? { start: 0, end: 0 };
  }
}

/** `line:column`, both from 1; columns count UTF-8 bytes, as the real server's do. */
export function positionText(source: string, at: number): string {
  const before = source.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let i = 0; i < lineStart; i++) if (before.charCodeAt(i) === 10) line++;
  return `${line}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}
