/** `/targets/relabel_steps`: what each relabelling rule of a scrape pool makes of a label set. */
import type { FastifyInstance } from 'fastify';
import type { RelabelConfig } from '../config/relabel-config.ts';
import { Labels, quoteGo } from '../model/labels.ts';
import { LabelBuilder, relabel } from '../scrape/relabel.ts';
import { badData } from './api-error.ts';
import { sendData } from './envelope.ts';
import { Params } from './params.ts';
import type { ApiSources } from './sources.ts';

export function addRelabelRoutes(app: FastifyInstance, sources: ApiSources): void {
  app.get('/api/v1/targets/relabel_steps', async (request, reply) => {
    const params = Params.of(request);
    const pool = params.text('scrapePool');
    if (pool === '') throw badData('no scrapePool parameter provided');
    if (params.text('labels') === '') throw badData('no labels parameter provided');
    const labels = parseLabels(params.text('labels'));
    const rules = sources.relabelRules?.(pool);
    if (rules === undefined) {
      throw badData(`error retrieving scrape config: scrape pool ${quoteGo(pool)} not found`);
    }
    const steps = rules.map((rule, i) => {
      const builder = new LabelBuilder(labels);
      const keep = relabel(builder, rules.slice(0, i + 1));
      return { rule: ruleJson(rule), output: keep ? Labels.from(builder.entries()).toObject() : {}, keep };
    });
    return sendData(reply, { steps });
  });
}

function parseLabels(text: string): [string, string][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badData(`error parsing labels: ${(error as Error).message}`);
  }
  const entries = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : null;
  if (entries === null || entries.some(([, each]) => typeof each !== 'string')) {
    throw badData('error parsing labels: expected a JSON object whose values are strings');
  }
  return entries;
}

/** Go leaves out what is empty. */
function ruleJson(rule: RelabelConfig) {
  return {
    ...(rule.sourceLabels.length > 0 ? { sourceLabels: rule.sourceLabels } : {}),
    ...(rule.separator === '' ? {} : { separator: rule.separator }),
    regex: rule.regexText,
    ...(rule.modulus === 0n ? {} : { modulus: Number(rule.modulus) }),
    ...(rule.targetLabel === '' ? {} : { targetLabel: rule.targetLabel }),
    ...(rule.replacement === '' ? {} : { replacement: rule.replacement }),
    action: rule.action,
  };
}
