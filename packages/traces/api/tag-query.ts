/** The search that came before TraceQL: `tags=a=b c="d"`, minDuration, maxDuration, as a TraceQL tree. */

import type { FieldExpression, Query, Static } from '../traceql/ast.ts';
import { badRequest } from './api-error.ts';

const TRUE: FieldExpression = { kind: 'static', value: { type: 'boolean', value: true } };

/** Tags that name something else than an attribute. */
const INTRINSIC_TAGS: Readonly<Record<string, FieldExpression>> = {
  name: { kind: 'intrinsic', intrinsic: 'span:name' },
  'root.name': { kind: 'intrinsic', intrinsic: 'trace:rootName' },
  'root.service.name': { kind: 'intrinsic', intrinsic: 'trace:rootService' },
};

export function tagQuery(tags: string, minDurationNs: number | undefined, maxDurationNs: number | undefined): Query {
  const conditions: FieldExpression[] = parseTags(tags).map(([key, value]) => tagCondition(key, value));
  if (minDurationNs !== undefined) conditions.push(durationCondition('>=', minDurationNs));
  if (maxDurationNs !== undefined) conditions.push(durationCondition('<=', maxDurationNs));
  const expression = conditions.reduce<FieldExpression | undefined>(
    (left, right) => (left === undefined ? right : { kind: 'binary', operator: '&&', left, right }),
    undefined,
  );
  const filter = { kind: 'filter', expression: expression ?? TRUE } as const;
  return { pipeline: { kind: 'pipeline', elements: [filter] }, secondStages: [], hints: [] };
}

/** logfmt: `key=value key="quoted value"`. */
function parseTags(tags: string): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const pair = /\s*([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)/y;
  let end = 0;
  for (let match = pair.exec(tags); match !== null; match = pair.exec(tags)) {
    const value = match[2]!;
    pairs.push([match[1]!, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value]);
    end = pair.lastIndex;
  }
  if (tags.slice(end).trim() !== '') {
    throw badRequest(
      `invalid tags: logfmt syntax error at pos ${end + 1}: cannot read ${JSON.stringify(tags.slice(end))}`,
    );
  }
  return pairs;
}

/** A value in tags has no type, so that it matches an attribute of any type that prints so. */
function tagCondition(key: string, value: string): FieldExpression {
  if (key === 'error' && value === 'true') {
    return equals({ kind: 'intrinsic', intrinsic: 'span:status' }, { type: 'status', value: 'error' });
  }
  if (key === 'status.code' && (value === 'error' || value === 'ok' || value === 'unset')) {
    return equals({ kind: 'intrinsic', intrinsic: 'span:status' }, { type: 'status', value });
  }
  const field = INTRINSIC_TAGS[key] ?? { kind: 'attribute', scope: 'none', parent: false, name: key };
  const text = equals(field, { type: 'string', value });
  if (field.kind === 'intrinsic') return text;
  if (value === 'true' || value === 'false') {
    return either(text, equals(field, { type: 'boolean', value: value === 'true' }));
  }
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return text;
  return either(text, equals(field, { type: 'float', value: number }));
}

function durationCondition(operator: '>=' | '<=', valueNs: number): FieldExpression {
  const right: FieldExpression = { kind: 'static', value: { type: 'duration', valueNs } };
  return { kind: 'binary', operator, left: { kind: 'intrinsic', intrinsic: 'trace:duration' }, right };
}

function equals(left: FieldExpression, value: Static): FieldExpression {
  return { kind: 'binary', operator: '=', left, right: { kind: 'static', value } };
}

function either(left: FieldExpression, right: FieldExpression): FieldExpression {
  return { kind: 'binary', operator: '||', left, right };
}
