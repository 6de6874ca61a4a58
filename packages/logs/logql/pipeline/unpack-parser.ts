/** `| unpack`: undoes Promtail's pack stage. String fields become labels, `_entry` becomes the line. */
import { sanitizeLabelName } from '../labels.ts';
import { JSON_ERROR } from './json-parser.ts';
import { JsonError, unquote, visitObject } from './json-scanner.ts';
import { cleanValue } from './logfmt-parser.ts';
import type { CompiledStage } from './stage.ts';

const ENTRY_FIELD = '_entry';

/** Loki's text; the number is what its JSON library calls an object. */
const notAnObject = 'expecting json object(6), but it is not';

export const unpackParser: CompiledStage = {
  requiredLabels: [],
  process(line, { labels }) {
    if (line === '' || labels.hints.nothing) return line;
    if (!line.startsWith('{')) {
      labels.failParser(JSON_ERROR, notAnObject);
      return line;
    }
    const fields: [string, string][] = [];
    let entry: string | undefined;
    try {
      visitObject(line, 0, (key, kind, start, end) => {
        if (kind !== 'string') return true;
        if (key === ENTRY_FIELD) entry = unquote(line, start, end);
        else fields.push([key, cleanValue(unquote(line, start, end))]);
        return true;
      });
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      labels.failParser(JSON_ERROR, error.message);
      return line;
    }
    // Without `_entry` it was not packed: the fields are not labels.
    if (entry === undefined) return line;
    for (const [key, value] of fields) {
      const target = labels.parserName(sanitizeLabelName(key));
      if (target !== undefined) labels.extract(target, value);
    }
    return entry;
  },
};
