/** `| pattern "<ip> - <_> [<time>]"`: labels from what stands between the literals. */
import { parseLinePattern } from './line-pattern.ts';
import type { CompiledStage } from './stage.ts';

export function compilePatternParser(pattern: string): CompiledStage {
  const parts = parseLinePattern(pattern);
  const names = parts.flatMap((part) => ('capture' in part && part.capture !== '_' ? [part.capture] : []));
  if (names.length === 0) throw new Error('at least one capture is required');
  const duplicate = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicate !== undefined) throw new Error(`duplicate capture name (${duplicate}): invalid expression`);
  const head = parts[0] !== undefined && 'literal' in parts[0] ? parts[0].literal : '';
  const steps = steppedCaptures(parts);
  return {
    requiredLabels: [],
    process(line, { labels }) {
      if (labels.hints.nothing || line === '' || !line.startsWith(head)) return line;
      let at = head.length;
      for (const { name, end } of steps) {
        // A literal that is missing ends the search: its capture takes the rest of the line.
        const found = end === undefined ? -1 : line.indexOf(end, at);
        const value = found < 0 ? line.slice(at) : line.slice(at, found);
        if (name !== '_') {
          const target = labels.parserName(name);
          if (target !== undefined) labels.extract(target, value);
        }
        if (found < 0) break;
        at = found + end!.length;
      }
      return line;
    },
  };
}

/** Each capture with the literal that ends it; undefined for one that goes to the end of the line. */
function steppedCaptures(
  parts: ReturnType<typeof parseLinePattern>,
): readonly { name: string; end: string | undefined }[] {
  return parts.flatMap((part, at) => {
    if ('literal' in part) return [];
    const next = parts[at + 1];
    return [{ name: part.capture, end: next !== undefined && 'literal' in next ? next.literal : undefined }];
  });
}
