/** `| json`: every scalar becomes a label, nested names joined by `_`; arrays and nulls are skipped. */
import { sanitizeLabelName } from '../labels.ts';
import { JsonError, unquote, visitObject } from './json-scanner.ts';
import type { LabelsBuilder } from './labels-builder.ts';
import { cleanValue } from './logfmt-parser.ts';
import type { CompiledStage } from './stage.ts';

export const JSON_ERROR = 'JSONParserErr';

/** Deeper nesting is not what logs have; the walk is recursive. */
const DEPTH_MAX = 128;

export const jsonParser: CompiledStage = {
  requiredLabels: [],
  process(line, { labels }) {
    if (labels.hints.nothing) return line;
    try {
      flatten(line, '', labels, 0);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      labels.failParser(JSON_ERROR, error.message);
    }
    return line;
  },
};

/** Gives false when the query has everything it needs. */
function flatten(object: string, prefix: string, labels: LabelsBuilder, depth: number): boolean {
  if (depth > DEPTH_MAX) throw new JsonError(`objects are nested more than ${DEPTH_MAX} deep`);
  return visitObject(object, 0, (key, kind, start, end) => {
    if (kind === 'array' || kind === 'null') return true;
    const name = prefix === '' ? sanitizeLabelName(key) : `${prefix}_${sanitizeLabelName(key, false)}`;
    if (kind === 'object') {
      return !labels.hints.wantsPrefix(name) || flatten(object.slice(start, end), name, labels, depth + 1);
    }
    const target = labels.parserName(name);
    if (target === undefined) return true;
    const value = kind === 'string' ? cleanValue(unquote(object, start, end)) : object.slice(start, end);
    return labels.extract(target, value);
  });
}
