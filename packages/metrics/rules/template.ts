/** Templates of labels and annotations: `$labels`, `$value` and the real server's functions. */
import { executeTemplate, type ParsedTemplate, parseTemplate, TemplateError, type Value } from '@mario/gotemplate';
import type { Labels } from '../model/labels.ts';
import {
  RULE_FUNCTIONS,
  type RuleTemplateContext,
  sampleValue,
  type TemplateEnvironment,
} from './template/template-functions.ts';

export { TemplateError } from '@mario/gotemplate';
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
  readonly value: Value;
}

/** What the real server puts before each template; columns in its messages count it too. */
const DEFINITIONS =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** Queries of one template: a page that asks more is a loop over a result. */
const QUERIES_MAX = 100;

/** Throws TemplateError. `name` is what messages call it. */
export function parseRuleTemplate(name: string, source: string): Template {
  const parsed = source.includes('{{')
    ? parseTemplate(name, DEFINITIONS + source, { functions: RULE_FUNCTIONS })
    : undefined;
  return { source, parsed };
}

/** Throws TemplateError. */
export async function expandRuleTemplate(
  template: Template,
  data: TemplateData,
  environment: TemplateEnvironment,
): Promise<string> {
  const { parsed } = template;
  if (parsed === undefined) return template.source;
  const answers = new Map<string, readonly Value[]>();
  const context: RuleTemplateContext = {
    externalUrl: environment.externalUrl,
    nowMs: environment.nowMs,
    query(expression) {
      const answer = answers.get(expression);
      if (answer === undefined) throw new Unanswered(expression);
      return answer;
    },
  };
  // A template that asks a query is run again when the answer is there: it has no effects but its text.
  for (;;) {
    try {
      return executeTemplate(parsed, dataValue(data), { functions: RULE_FUNCTIONS, context, missing: () => '' });
    } catch (signal) {
      if (!(signal instanceof Unanswered)) throw signal;
      if (answers.size >= QUERIES_MAX)
        throw new TemplateError(`template: ${parsed.name}: more than ${QUERIES_MAX} queries`);
      answers.set(signal.expression, await ask(parsed.name, signal.expression, environment));
    }
  }
}

/** Not an Error: the engine lets it pass. */
class Unanswered {
  readonly expression: string;
  constructor(expression: string) {
    this.expression = expression;
  }
}

async function ask(name: string, expression: string, environment: TemplateEnvironment): Promise<readonly Value[]> {
  try {
    return (await environment.query(expression)).map(sampleValue);
  } catch (error) {
    throw new TemplateError(
      `template: ${name}: executing ${JSON.stringify(name)} at <query ${JSON.stringify(expression)}>: error calling query: ${(error as Error).message}`,
    );
  }
}

function dataValue({ labels, externalLabels, externalUrl, value }: TemplateData): Value {
  const fields: Readonly<Record<string, Value>> = {
    Labels: new Map(labels),
    ExternalLabels: new Map(externalLabels),
    ExternalURL: externalUrl,
    Value: value,
  };
  return {
    goType:
      'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
  };
}
