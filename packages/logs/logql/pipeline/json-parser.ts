/** `| json`: every scalar becomes a label, nested names joined by `_`; arrays and nulls are skipped. */
import { sanitizeLabelName } from '../labels.ts';
import { JsonError, unquote, visitObject } from './json-scanner.ts';
import type { LabelsBuilder } from './labels-builder.ts';
import { cleanValue } from './logfmt-parser.ts';
import type { CompiledStage } from './stage.ts';

export const JSON_ERROR = 'JSONParserErr';

export const jsonParser: CompiledStage = {
  requiredLabels: [],
  process(line, { labels }) {
    if (labels.hints.nothing) return line;
    try {
      flatten(line, 0, '', labels, 0);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      labels.failParser(JSON_ERROR, error.message);
    }
    return line;
  },
};

/** Gives false when the query has everything it needs. */
function flatten(line: string, at: number, prefix: string, labels: LabelsBuilder, depth: number): boolean {
  const end = visitObject(
    line,
    at,
    (key, kind, start, end) => {
      if (kind === 'array' || kind === 'null') return true;
      const name = prefix === '' ? sanitizeLabelName(key) : `${prefix}_${sanitizeLabelName(key, false)}`;
      if (kind === 'object') return !labels.hints.wantsPrefix(name) || flatten(line, start, name, labels, depth + 1);
      const target = labels.parserName(name);
      if (target === undefined) return true;
      const value = kind === 'string' ? cleanValue(unquote(line, start, end)) : line.slice(start, end);
      return labels.extract(target, value);
    },
    depth,
  );
  return end >= 0;
}
