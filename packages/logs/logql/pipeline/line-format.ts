/** `| line_format "{{.level}} {{.msg}}"`: another line from a template over the labels. */

import { type ParsedTemplate, TemplateError } from '@mario/gotemplate';
import { parseEntryTemplate, runEntryTemplate } from '../template/entry-template.ts';
import type { CompiledStage } from './stage.ts';

export const TEMPLATE_ERROR = 'TemplateFormatErr';

export function compileLineFormat(text: string): CompiledStage {
  let template: ParsedTemplate;
  try {
    template = parseEntryTemplate('line', text);
  } catch (error) {
    throw new Error(`invalid line template: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    requiredLabels: template.fields,
    process(line, { labels, timeNs }) {
      try {
        return runEntryTemplate(template, { labels: labels.map(), line, timeNs });
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        labels.fail(TEMPLATE_ERROR, error.message);
        return line;
      }
    },
  };
}
