/** Tag names and tag values: what drop-down lists offer. */

import type { ScanRange } from '../store/scan.ts';
import { TAG_VALUES_MAX, type TagScope, type TagType } from '../store/tag-summary.ts';
import type { TraceStore } from '../store/trace-store.ts';
import type { Field, Query } from '../traceql/ast.ts';
import { parseFieldName } from '../traceql/field-parser.ts';
import { compilePipeline } from '../traceql/pipeline-evaluator.ts';
import { QueryError } from '../traceql/query-error.ts';
import { compileMayMatch } from '../traceql/required-values.ts';
import { TokenStream } from '../traceql/token-stream.ts';
import { TraceContext } from '../traceql/trace-context.ts';
import { Keyword, Several, type Value } from '../traceql/value.ts';
import { badRequest } from './api-error.ts';

const SCOPES = ['span', 'resource', 'event', 'link', 'instrumentation'] as const;
type AttributeScope = (typeof SCOPES)[number];

const INTRINSIC_TAGS = [
  'duration',
  'event:name',
  'event:timeSinceStart',
  'instrumentation:name',
  'instrumentation:version',
  'kind',
  'name',
  'rootName',
  'rootServiceName',
  'span:duration',
  'span:kind',
  'span:name',
  'span:status',
  'span:statusMessage',
  'status',
  'statusMessage',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
  'traceDuration',
];

export interface ScopeTags {
  readonly name: string;
  readonly tags: readonly string[];
}

export interface TagValue {
  readonly type: TagType;
  readonly value: string;
}

/** Names by scope; `scope` limits to one of them (`intrinsic` among them). */
export async function tagNames(store: TraceStore, range: ScanRange, scope: string): Promise<readonly ScopeTags[]> {
  const wanted = scope === '' || scope === 'none' ? [...SCOPES, 'intrinsic'] : [scope];
  if (!wanted.every((name) => name === 'intrinsic' || SCOPES.includes(name as AttributeScope))) {
    throw badRequest(`invalid scope: ${scope}`);
  }
  const summary = await store.tags(range);
  const scopes = wanted.map((name) => ({
    name,
    tags: name === 'intrinsic' ? INTRINSIC_TAGS : [...summary.keys(name as TagScope)].sort(),
  }));
  return scopes.filter(({ tags }) => tags.length > 0);
}

/** The field that a tag name means: `.a`, `span.a`, `resource.a`, `name`, `span:name`. */
export function parseTagName(name: string): Field {
  const tokens = new TokenStream(name);
  const field = parseFieldName(tokens);
  if (tokens.current.type !== 'end') throw tokens.unexpected();
  return field;
}

/** Version 1 of the API takes bare attribute names, too. */
export function parseTagNameV1(name: string): Field {
  try {
    return parseTagName(name);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { kind: 'attribute', scope: 'none', parent: false, name };
  }
}

/** Known values of a field, sorted; with a query, only those of spans that match it. */
export async function tagValues(
  store: TraceStore,
  field: Field,
  range: ScanRange,
  query: Query | undefined,
  signal: AbortSignal,
): Promise<readonly TagValue[]> {
  const fixed = fixedValues(field);
  if (fixed !== undefined) return fixed;
  const values =
    query === undefined
      ? await knownValues(store, field, range)
      : await matchingValues(store, field, range, query, signal);
  return values.sort((a, b) => (a.value < b.value ? -1 : 1)).slice(0, TAG_VALUES_MAX);
}

function fixedValues(field: Field): readonly TagValue[] | undefined {
  if (field.kind !== 'intrinsic') return undefined;
  const keywords = (values: readonly string[]) => values.map((value) => ({ type: 'keyword' as const, value }));
  switch (field.intrinsic) {
    case 'span:status':
      return keywords(['error', 'ok', 'unset']);
    case 'span:kind':
      return keywords(['client', 'consumer', 'internal', 'producer', 'server', 'unspecified']);
    default:
      return SUMMARY_KEYS[field.intrinsic] === undefined ? [] : undefined;
  }
}

const SUMMARY_KEYS: Readonly<Record<string, string>> = {
  'span:name': 'name',
  'span:statusMessage': 'statusMessage',
  'trace:rootName': 'rootName',
  'trace:rootService': 'rootServiceName',
  'event:name': 'event:name',
  'instrumentation:name': 'instrumentation:name',
  'instrumentation:version': 'instrumentation:version',
};

async function knownValues(store: TraceStore, field: Field, range: ScanRange): Promise<TagValue[]> {
  const summary = await store.tags(range);
  const places: readonly (readonly [TagScope, string])[] =
    field.kind === 'intrinsic'
      ? [['intrinsic', SUMMARY_KEYS[field.intrinsic]!]]
      : (field.scope === 'none' ? SCOPES : [field.scope]).map((scope) => [scope, field.name]);
  const found = new Map<string, TagValue>();
  for (const [scope, key] of places) {
    for (const [type, values] of summary.values(scope, key).values) {
      for (const value of values) found.set(`${type}:${value}`, { type, value });
    }
  }
  return [...found.values()];
}

async function matchingValues(
  store: TraceStore,
  field: Field,
  range: ScanRange,
  query: Query,
  signal: AbortSignal,
): Promise<TagValue[]> {
  const evaluate = compilePipeline(query.pipeline);
  const mayMatch = compileMayMatch(query);
  const found = new Map<string, TagValue>();
  const add = (value: Value): void => {
    const typed = typedValue(value);
    if (typed !== undefined) found.set(`${typed.type}:${typed.value}`, typed);
  };
  await store.scan({
    range,
    signal,
    ...(mayMatch === undefined ? {} : { mayMatch }),
    enough: () => found.size >= TAG_VALUES_MAX,
    visit: (trace) => {
      if (found.size >= TAG_VALUES_MAX) return;
      const context = new TraceContext(trace);
      for (const { spans } of evaluate(context)) {
        for (const span of spans) {
          const value = context.value(field, span);
          if (value instanceof Several) value.values.forEach(add);
          else add(value);
        }
      }
    },
  });
  return [...found.values()];
}

function typedValue(value: Value): TagValue | undefined {
  if (value === undefined || value === '' || value instanceof Several) return undefined;
  if (value instanceof Keyword) return { type: 'keyword', value: value.name };
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value: String(value) };
  return { type: Number.isInteger(value) ? 'int' : 'float', value: String(value) };
}
