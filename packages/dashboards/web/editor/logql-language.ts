/** LogQL in the editor: words, and completion of labels and their values from the data source. */
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { wordLanguage } from './word-language.ts';

const RANGE_FUNCTIONS = [
  ...['rate', 'rate_counter', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'absent_over_time', 'sum_over_time'],
  ...['avg_over_time', 'max_over_time', 'min_over_time', 'first_over_time', 'last_over_time', 'quantile_over_time'],
  ...['stddev_over_time', 'stdvar_over_time'],
];
const AGGREGATIONS = [
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'sort',
  'sort_desc',
  'approx_topk',
];
const STAGES = [
  'json',
  'logfmt',
  'pattern',
  'regexp',
  'unpack',
  'line_format',
  'label_format',
  'unwrap',
  'decolorize',
  'drop',
  'keep',
];
const KEYWORDS = [
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'offset',
  'and',
  'or',
  'unless',
];
const FUNCTIONS = [
  ...RANGE_FUNCTIONS,
  ...AGGREGATIONS,
  'label_replace',
  'vector',
  'duration',
  'duration_seconds',
  'bytes',
  'ip',
];

export function logqlLanguage(datasource: Datasource): Extension {
  const language = wordLanguage({
    name: 'logql',
    keywords: new Set([...KEYWORDS, ...STAGES]),
    functions: new Set(FUNCTIONS),
    nameExtra: '',
  });
  return [language, autocompletion({ override: [(context) => complete(context, datasource)] })];
}

async function complete(context: CompletionContext, datasource: Datasource): Promise<CompletionResult | null> {
  const before = context.state.sliceDoc(0, context.pos);
  const value = /[{,]\s*([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(before);
  if (value !== null) {
    const values = await list(datasource, `/loki/api/v1/label/${encodeURIComponent(value[1]!)}/values`);
    return { from: context.pos - value[2]!.length, options: values.map((label) => ({ label, type: 'constant' })) };
  }
  const name = /[{,]\s*([A-Za-z_]\w*)?$/.exec(before);
  if (name !== null && insideSelector(before)) {
    const names = await list(datasource, '/loki/api/v1/labels');
    return { from: context.pos - (name[1]?.length ?? 0), options: names.map((label) => ({ label, type: 'property' })) };
  }
  const word = context.matchBefore(/[A-Za-z_]\w*$/);
  if (word === null && !context.explicit) return null;
  const words = /\|\s*\w*$/.test(before) ? STAGES : [...FUNCTIONS, ...KEYWORDS];
  return { from: word?.from ?? context.pos, options: words.map((label) => ({ label, type: 'function' })) };
}

function insideSelector(before: string): boolean {
  return before.lastIndexOf('{') > before.lastIndexOf('}');
}

/** An editor goes on without suggestions when the store does not answer. */
async function list(datasource: Datasource, path: string): Promise<readonly string[]> {
  try {
    return (await requestJson<{ data?: readonly string[] }>(proxyPath(datasource, path))).data ?? [];
  } catch {
    return [];
  }
}
