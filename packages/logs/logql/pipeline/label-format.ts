/** `| label_format to=from, other="{{.a}}-{{.b}}"`: renames labels or sets them from templates. */
import { type ParsedTemplate, TemplateError } from '@mario/gotemplate';
import type { LabelFormat } from '../ast.ts';
import { parseEntryTemplate, runEntryTemplate } from '../template/entry-template.ts';
import { ERROR_LABEL } from './labels-builder.ts';
import { TEMPLATE_ERROR } from './line-format.ts';
import type { CompiledStage } from './stage.ts';

type CompiledFormat = { readonly name: string } & ({ readonly from: string } | { readonly template: ParsedTemplate });

export function compileLabelFormat(formats: readonly LabelFormat[]): CompiledStage {
  const seen = new Set<string>();
  for (const { name } of formats) {
    if (name === ERROR_LABEL) throw new Error(`${name} cannot be formatted`);
    if (seen.has(name)) throw new Error(`multiple label name '${name}' not allowed in a single format operation`);
    seen.add(name);
  }
  const compiled = formats.map(compileFormat);
  return {
    requiredLabels: [
      ...new Set(compiled.flatMap((format) => ('from' in format ? [format.from] : format.template.fields))),
    ],
    process(line, { labels, timeNs }) {
      // All templates of one stage see the labels as they were when the first of them ran.
      let before: ReadonlyMap<string, string> | undefined;
      for (const format of compiled) {
        if ('from' in format) {
          const value = labels.get(format.from);
          if (value === undefined) continue;
          labels.set(format.name, value);
          labels.delete(format.from);
          continue;
        }
        before ??= labels.map();
        try {
          labels.set(format.name, runEntryTemplate(format.template, { labels: before, line, timeNs }));
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          labels.fail(TEMPLATE_ERROR, error.message);
        }
      }
      return line;
    },
  };
}

function compileFormat(format: LabelFormat): CompiledFormat {
  if (format.kind === 'rename') return { name: format.name, from: format.value };
  try {
    return { name: format.name, template: parseEntryTemplate('label', format.value) };
  } catch (error) {
    throw new Error(
      `invalid template for label '${format.name}': ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
