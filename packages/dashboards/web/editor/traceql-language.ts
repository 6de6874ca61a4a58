/** TraceQL in the editor: words, and completion of attributes and their values from the data source. */
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { requestJson } from '../server/api.ts';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { wordLanguage } from './word-language.ts';

const INTRINSICS = [
  ...[
    'name',
    'status',
    'statusMessage',
    'kind',
    'duration',
    'traceDuration',
    'rootName',
    'rootServiceName',
    'nestedSetLeft',
  ],
  ...['span:name', 'span:status', 'span:statusMessage', 'span:kind', 'span:duration', 'span:id', 'span:parentID'],
  ...['trace:duration', 'trace:id', 'trace:rootName', 'trace:rootService', 'event:name', 'event:timeSinceStart'],
  ...['link:spanID', 'link:traceID', 'instrumentation:name', 'instrumentation:version'],
];
const FUNCTIONS = [
  ...['count', 'avg', 'min', 'max', 'sum', 'by', 'select', 'coalesce', 'rate', 'count_over_time', 'min_over_time'],
  ...[
    'max_over_time',
    'avg_over_time',
    'sum_over_time',
    'quantile_over_time',
    'histogram_over_time',
    'compare',
    'topk',
    'bottomk',
  ],
];
const KEYWORDS = [
  'true',
  'false',
  'nil',
  'error',
  'ok',
  'unset',
  'server',
  'client',
  'producer',
  'consumer',
  'internal',
  'unspecified',
  'with',
];
const SCOPES = ['resource', 'span', 'event', 'link', 'instrumentation'];

interface TagScopes {
  readonly scopes?: readonly { readonly name: string; readonly tags?: readonly string[] }[];
}

interface TagValues {
  readonly tagValues?: readonly { readonly type: string; readonly value: string }[];
}

export function traceqlLanguage(datasource: Datasource): Extension {
  const language = wordLanguage({
    name: 'traceql',
    keywords: new Set(KEYWORDS),
    functions: new Set(FUNCTIONS),
    nameExtra: '.:\\-/',
  });
  return [language, autocompletion({ override: [(context) => complete(context, datasource)] })];
}

async function complete(context: CompletionContext, datasource: Datasource): Promise<CompletionResult | null> {
  const before = context.state.sliceDoc(0, context.pos);
  const inside = before.lastIndexOf('{') > before.lastIndexOf('}');
  const value = /([.\w:][\w.:\-/]*)\s*(?:=~|!~|!=|=)\s*("?[^"\s{}&|]*)$/.exec(before);
  if (inside && value !== null) {
    const found = await ask<TagValues>(datasource, `/api/v2/search/tag/${encodeURIComponent(value[1]!)}/values`);
    const options = (found?.tagValues ?? []).map(({ type, value: text }) => ({
      label: type === 'string' ? JSON.stringify(text) : text,
      type: 'constant',
    }));
    return { from: context.pos - value[2]!.length, options };
  }
  const word = context.matchBefore(/[.A-Za-z_][\w.:\-/]*$/);
  if (word === null && !context.explicit) return null;
  const from = word?.from ?? context.pos;
  if (!inside) return { from, options: FUNCTIONS.map((label) => ({ label, type: 'function' })) };
  const found = await ask<TagScopes>(datasource, '/api/v2/search/tags');
  const attributes = (found?.scopes ?? [])
    .filter(({ name }) => SCOPES.includes(name))
    .flatMap(({ name, tags = [] }) => tags.map((tag) => ({ label: `${name}.${tag}`, type: 'property' })));
  const words = [
    ...INTRINSICS.map((label) => ({ label, type: 'variable' })),
    ...KEYWORDS.map((label) => ({ label, type: 'keyword' })),
  ];
  return { from, options: [...attributes, ...words] };
}

/** An editor goes on without suggestions when the store does not answer. */
async function ask<T>(datasource: Datasource, path: string): Promise<T | undefined> {
  try {
    return await requestJson<T>(proxyPath(datasource, path));
  } catch {
    return undefined;
  }
}
