/** `| logfmt`: labels from key=value pairs, all of them or those that are named. */
import type { LabelExtraction } from '../ast.ts';
import { isLabelName, sanitizeLabelName } from '../labels.ts';
import { LogfmtDecoder } from './logfmt-decoder.ts';
import type { CompiledStage } from './stage.ts';

const LOGFMT_ERROR = 'LogfmtParserErr';

/** Characters that could not be decoded become spaces: they are not allowed in labels. */
export function cleanValue(value: string): string {
  return value.includes('\ufffd') ? value.replaceAll('\ufffd', ' ') : value;
}

export function compileLogfmt(strict: boolean, keepEmpty: boolean): CompiledStage {
  const decoder = new LogfmtDecoder();
  return {
    requiredLabels: [],
    process(line, { labels }) {
      if (labels.hints.nothing) return line;
      decoder.reset(line);
      while (!decoder.done) {
        if (!decoder.scan()) {
          if (strict) break;
          continue;
        }
        if (!keepEmpty && !decoder.hasValue) continue;
        const name = sanitizeLabelName(decoder.key);
        const target = name === '' ? undefined : labels.parserName(name);
        if (target !== undefined && !labels.extract(target, cleanValue(decoder.value))) break;
      }
      if (strict && decoder.error !== '') labels.failParser(LOGFMT_ERROR, decoder.error);
      return line;
    },
  };
}

export function compileLogfmtExpressions(extractions: readonly LabelExtraction[], strict: boolean): CompiledStage {
  const namesByKey = new Map<string, string[]>();
  for (const { name, expression } of extractions) {
    const key = parseLogfmtExpression(expression);
    if (key === undefined) throw new Error(`cannot parse expression [${expression}]: syntax error`);
    if (!isLabelName(name)) throw new Error(`invalid extracted label name '${name}'`);
    namesByKey.set(key, [...(namesByKey.get(key) ?? []), name]);
  }
  const decoder = new LogfmtDecoder();
  return {
    requiredLabels: [],
    process(line, { labels }) {
      if (labels.hints.nothing) return line;
      for (const { name } of extractions) if (!labels.baseHas(name)) labels.set(name, '');
      decoder.reset(line);
      while (!decoder.done) {
        if (!decoder.scan()) {
          if (strict) break;
          continue;
        }
        for (const name of namesByKey.get(sanitizeLabelName(decoder.key)) ?? []) {
          const target = labels.parserName(name);
          if (target !== undefined) labels.extract(target, cleanValue(decoder.value));
        }
      }
      if (strict && decoder.error !== '') labels.failParser(LOGFMT_ERROR, decoder.error);
      return line;
    },
  };
}

/** The key that an expression names: one bare or quoted word. */
function parseLogfmtExpression(expression: string): string | undefined {
  const word = /^\s*(?:"((?:[^"\\]|\\.)+)"|([\p{L}_][\p{L}\p{N}_.-]*))\s*$/u.exec(expression);
  return word === null ? undefined : sanitizeLabelName((word[1] ?? word[2])!.replaceAll('\\"', '"'));
}
