/** Templates of labels and annotations: `$labels`, `$value` and the real server's functions. */
import type { Labels } from '../model/labels.ts';
import { executeTemplate } from './template/template-executor.ts';
import { FUNCTION_NAMES, type TemplateEnvironment } from './template/template-functions.ts';
import { type ParsedTemplate, parseTemplate } from './template/template-parser.ts';

export { TemplateError } from './template/template-error.ts';
export type { TemplateEnvironment, TemplateSample } from './template/template-functions.ts';

export interface Template {
  readonly source: string;
  /** Undefined for plain text, which most labels are. */
  readonly parsed: ParsedTemplate | undefined;
}

export interface TemplateData {
  readonly labels: Labels;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly value: number;
}

const VARIABLES = ['$labels', '$externalLabels', '$externalURL', '$value'];

/** Throws TemplateError. */
export function parseRuleTemplate(name: string, source: string): Template {
  const parsed = source.includes('{{') ? parseTemplate(name, source, FUNCTION_NAMES, VARIABLES) : undefined;
  return { source, parsed };
}

/** Throws TemplateError, or whatever a query in it throws. */
export async function expandRuleTemplate(
  template: Template,
  data: TemplateData,
  environment: TemplateEnvironment,
): Promise<string> {
  if (template.parsed === undefined) return template.source;
  const labels = new Map(data.labels);
  const externalLabels = new Map(data.externalLabels);
  const { value, externalUrl } = data;
  const dot = new Map<string, unknown>([
    ['Labels', labels],
    ['ExternalLabels', externalLabels],
    ['ExternalURL', externalUrl],
    ['Value', value],
  ]);
  const variables = new Map<string, unknown>([
    ['$labels', labels],
    ['$externalLabels', externalLabels],
    ['$externalURL', externalUrl],
    ['$value', value],
  ]);
  return executeTemplate(template.parsed, dot, variables, environment);
}
