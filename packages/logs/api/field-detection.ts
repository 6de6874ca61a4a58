/** Finds out which fields lines have and what they hold, from a sample of the newest lines. */
import { parseByteSize } from '../logql/byte-size.ts';
import { parseGoDuration } from '../logql/duration.ts';
import type { LogStream } from '../logql/evaluation/log-query.ts';
import { parseGoFloat } from '../logql/go-number.ts';
import type { Label } from '../logql/labels.ts';
import { jsonParser } from '../logql/pipeline/json-parser.ts';
import { baseLabels, ERROR_DETAILS_LABEL, ERROR_LABEL } from '../logql/pipeline/labels-builder.ts';
import { compileLogfmt } from '../logql/pipeline/logfmt-parser.ts';
import { Pipeline } from '../logql/pipeline/pipeline.ts';

export type FieldType = 'string' | 'int' | 'float' | 'boolean' | 'duration' | 'bytes';

export interface DetectedField {
  readonly name: string;
  readonly type: FieldType;
  readonly values: ReadonlySet<string>;
  /** `json`, `logfmt`; none for structured metadata and labels that the query parsed. */
  readonly parsers: ReadonlySet<string>;
}

/** Distinct values kept of one field; more are not counted. */
const VALUE_COUNT_MAX = 10_000;

interface Growing {
  type: FieldType;
  readonly values: Set<string>;
  readonly parsers: Set<string>;
}

const json = new Pipeline([jsonParser]);
const logfmt = new Pipeline([compileLogfmt(false, false)]);
const noBase = baseLabels([]);

export function detectFields(streams: readonly LogStream[]): readonly DetectedField[] {
  const fields = new Map<string, Growing>();
  const add = ([name, value]: Label, parser: string | undefined): void => {
    if (name === ERROR_LABEL || name === ERROR_DETAILS_LABEL) return;
    let field = fields.get(name);
    if (field === undefined) {
      field = { type: typeOf(value), values: new Set(), parsers: new Set() };
      fields.set(name, field);
    }
    if (field.values.size < VALUE_COUNT_MAX) field.values.add(value);
    if (parser !== undefined) field.parsers.add(parser);
  };
  for (const { entries } of streams) {
    for (const { line, metadata, parsed } of entries) {
      for (const label of metadata) add(label, undefined);
      for (const label of parsed) add(label, undefined);
      const found = parseLine(line);
      for (const label of found.labels) add(label, found.parser);
    }
  }
  return [...fields]
    .map(([name, { type, values, parsers }]) => ({ name, type, values, parsers }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** JSON when the line is an object, else logfmt when it holds any pair. */
function parseLine(line: string): { parser: string; labels: readonly Label[] } {
  const isJson = line.trimStart().startsWith('{');
  const pipeline = isJson ? json : logfmt;
  pipeline.run(noBase, 0n, line, []);
  if (pipeline.labels.error !== '') return { parser: 'json', labels: [] };
  return { parser: isJson ? 'json' : 'logfmt', labels: pipeline.labels.result().parsed };
}

function typeOf(value: string): FieldType {
  if (/^[+-]?\d+$/.test(value)) return 'int';
  if ('value' in parseGoFloat(value)) return 'float';
  if (value === 'true' || value === 'false') return 'boolean';
  if ('ns' in parseGoDuration(value)) return 'duration';
  return /^\d/.test(value) && 'bytes' in parseByteSize(value) ? 'bytes' : 'string';
}
