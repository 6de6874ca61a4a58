/** A template over the labels of one entry, with Loki's functions. */
import { executeTemplate, type ParsedTemplate, parseTemplate } from '@mario/gotemplate';
import { mathFunctions } from './math-functions.ts';
import { stringFunctions } from './string-functions.ts';
import type { TemplateFunction, TemplateInput } from './template-function.ts';
import { timeFunctions } from './time-functions.ts';

const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({ ...stringFunctions, ...mathFunctions, ...timeFunctions }),
);

/** Throws TemplateError. */
export function parseEntryTemplate(name: string, text: string): ParsedTemplate {
  return parseTemplate(name, text, { functions });
}

/** Throws TemplateError with Go's kind of message. */
export function runEntryTemplate(template: ParsedTemplate, input: TemplateInput): string {
  return executeTemplate(template, input.labels, {
    functions,
    context: input,
    // The labels are a map of strings, whose missing values are empty; others have none.
    missing: (map) => (map === input.labels ? '' : undefined),
  });
}
