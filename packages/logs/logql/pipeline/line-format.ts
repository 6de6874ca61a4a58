/** `| line_format "{{.level}} {{.msg}}"`: another line from a template over the labels. */

import { executeTemplate, TemplateError } from '../template/execute-template.ts';
import { parseTemplate } from '../template/parse-template.ts';
import type { CompiledStage } from './stage.ts';

export const TEMPLATE_ERROR = 'TemplateFormatErr';

export function compileLineFormat(text: string): CompiledStage {
  let template: ReturnType<typeof parseTemplate>;
  try {
    template = parseTemplate('line', text);
  } catch (error) {
    throw new Error(`invalid line template: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    requiredLabels: template.fields,
    process(line, { labels, timeNs }) {
      try {
        return executeTemplate(template, { labels: labels.map(), line, timeNs });
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        labels.fail(TEMPLATE_ERROR, error.message);
        return line;
      }
    },
  };
}
