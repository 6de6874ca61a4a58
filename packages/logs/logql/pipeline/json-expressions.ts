/** `| json first="servers[0].name", agent="request.headers[\"User-Agent\"]"`: labels from paths into the line. */
import type { LabelExtraction } from '../ast.ts';
import { isLabelName } from '../labels.ts';
import { JSON_ERROR } from './json-parser.ts';
import { JsonError, kindAt, skipSpace, unquote, visitArray, visitObject } from './json-scanner.ts';
import { cleanValue } from './logfmt-parser.ts';
import type { CompiledStage } from './stage.ts';

type Path = readonly (string | number)[];

const pathStep = /\.?([\p{L}_][\p{L}\p{N}_-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)+)"\]/uy;

export function compileJsonExpressions(extractions: readonly LabelExtraction[]): CompiledStage {
  const targets = extractions.map(({ name, expression }) => {
    const path = parsePath(expression);
    if (path === undefined) throw new Error(`cannot parse expression [${expression}]: syntax error`);
    if (!isLabelName(name)) throw new Error(`invalid extracted label name '${name}'`);
    return { name, path };
  });
  return {
    requiredLabels: [],
    process(line, { labels }) {
      if (line === '' || labels.hints.nothing) return line;
      if (!/^["{[]/.test(line)) {
        labels.failParser(JSON_ERROR, '');
        return line;
      }
      for (const { name, path } of targets) {
        const value = follow(line, path);
        if (value === malformed) labels.failParser(JSON_ERROR, '');
        if (typeof value === 'string') {
          const target = labels.parserName(name);
          if (target !== undefined) labels.extract(target, value);
        } else if (labels.get(name) === undefined) {
          labels.set(name, '');
        }
      }
      return line;
    },
  };
}

export function parsePath(expression: string): Path | undefined {
  const path: (string | number)[] = [];
  pathStep.lastIndex = 0;
  for (let at = 0; at < expression.length; at = pathStep.lastIndex) {
    const step = pathStep.exec(expression);
    if (
      step === null ||
      (at === 0 && expression.startsWith('.')) ||
      (at > 0 && step[1] !== undefined && !step[0].startsWith('.'))
    ) {
      return undefined;
    }
    path.push(step[1] ?? (step[2] !== undefined ? Number(step[2]) : step[3]!.replace(/\\(.)/g, '$1')));
  }
  return path.length === 0 ? undefined : path;
}

const malformed = Symbol('malformed');

/**
 * The text of the value at the path; objects and arrays as they are written, null as ''; undefined when nothing is there.
 * What is wrong elsewhere in the line ends the search, as in Loki; only the value itself can be malformed.
 */
function follow(line: string, path: Path): string | undefined | typeof malformed {
  let start = skipSpace(line, 0);
  let end = line.length;
  for (const [depth, step] of path.entries()) {
    const kind = kindAt(line, start);
    if (kind !== (typeof step === 'number' ? 'array' : 'object')) return undefined;
    let found = false;
    const visit = kind === 'array' ? visitArray : visitObject;
    try {
      visit(line, start, (key, _kind, from, to) => {
        if (key !== String(step)) return true;
        found = true;
        start = from;
        end = to;
        return false;
      });
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return depth === path.length - 1 && error.key === String(step) ? malformed : undefined;
    }
    if (!found) return undefined;
  }
  const kind = kindAt(line, start);
  if (kind === 'string') return cleanValue(unquote(line, start, end));
  return kind === 'null' ? '' : line.slice(start, end);
}
