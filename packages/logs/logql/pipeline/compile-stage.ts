/** From a stage of the syntax tree to something that runs. Throws an Error that says what is wrong with its arguments. */
import type { Stage } from '../ast.ts';
import { decolorize } from './decolorize.ts';
import { compileDrop, compileKeep } from './drop-keep.ts';
import { compileJsonExpressions } from './json-expressions.ts';
import { jsonParser } from './json-parser.ts';
import { compileLabelFilter } from './label-filter.ts';
import { compileLabelFormat } from './label-format.ts';
import { compileLineFilter } from './line-filter.ts';
import { compileLineFormat } from './line-format.ts';
import { compileLogfmt, compileLogfmtExpressions } from './logfmt-parser.ts';
import { compilePatternParser } from './pattern-parser.ts';
import { compileRegexpParser } from './regexp-parser.ts';
import type { CompiledStage } from './stage.ts';
import { unpackParser } from './unpack-parser.ts';

export function compileStage(stage: Stage): CompiledStage {
  switch (stage.kind) {
    case 'lineFilter':
      return compileLineFilter(stage.operator, stage.operands);
    case 'json':
      return stage.extractions.length === 0 ? jsonParser : compileJsonExpressions(stage.extractions);
    case 'logfmt':
      return stage.extractions.length === 0
        ? compileLogfmt(stage.strict, stage.keepEmpty)
        : compileLogfmtExpressions(stage.extractions, stage.strict);
    case 'regexp':
      return compileRegexpParser(stage.pattern);
    case 'pattern':
      return compilePatternParser(stage.pattern);
    case 'unpack':
      return unpackParser;
    case 'labelFilter':
      return compileLabelFilter(stage.filter);
    case 'lineFormat':
      return compileLineFormat(stage.template);
    case 'labelFormat':
      return compileLabelFormat(stage.formats);
    case 'decolorize':
      return decolorize;
    case 'drop':
      return compileDrop(stage.labels);
    case 'keep':
      return compileKeep(stage.labels);
  }
}
