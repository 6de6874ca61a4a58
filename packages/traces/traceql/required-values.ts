/** Which attribute values a matching span must have: lets searches pass over segments that do not hold them. */

import type { TagScope, TagSummary } from '../store/tag-summary.ts';
import type { Field, FieldExpression, Query } from './ast.ts';

interface RequiredValue {
  /** Where the value may be; one of them is enough. */
  readonly places: readonly { readonly scope: TagScope; readonly key: string }[];
  readonly value: string;
}

/** False when no span of a segment with these attributes can match the query. */
export function compileMayMatch(query: Query): ((tags: TagSummary) => boolean) | undefined {
  const first = query.pipeline.elements[0];
  if (first?.kind !== 'filter') return undefined;
  const required: RequiredValue[] = [];
  collect(first.expression, required);
  if (required.length === 0) return undefined;
  return (tags) =>
    required.every(({ places, value }) =>
      places.some(({ scope, key }) => {
        const { values, more } = tags.values(scope, key);
        return more || [...values.values()].some((set) => set.has(value));
      }),
    );
}

function collect(expression: FieldExpression, into: RequiredValue[]): void {
  if (expression.kind !== 'binary') return;
  if (expression.operator === '&&') {
    collect(expression.left, into);
    collect(expression.right, into);
    return;
  }
  const { left, right } = expression;
  if (expression.operator !== '=' || right.kind !== 'static') return;
  if (left.kind !== 'attribute' && left.kind !== 'intrinsic') return;
  const { value } = right;
  if (value.type !== 'string' && value.type !== 'status' && value.type !== 'kind') return;
  const places = placesOf(left);
  // An empty string is not kept among the values.
  if (places.length > 0 && value.value !== '') into.push({ places, value: value.value });
}

const INTRINSIC_KEYS: Readonly<Record<string, string>> = {
  'span:name': 'name',
  'span:status': 'status',
  'span:kind': 'kind',
  'span:statusMessage': 'statusMessage',
  'event:name': 'event:name',
  'instrumentation:name': 'instrumentation:name',
  'instrumentation:version': 'instrumentation:version',
};

function placesOf(field: Field): RequiredValue['places'] {
  if (field.kind === 'intrinsic') {
    const key = INTRINSIC_KEYS[field.intrinsic];
    return key === undefined ? [] : [{ scope: 'intrinsic', key }];
  }
  const scopes: readonly TagScope[] =
    field.scope === 'none' ? ['span', 'resource', 'event', 'link', 'instrumentation'] : [field.scope];
  return scopes.map((scope) => ({ scope, key: field.name }));
}
