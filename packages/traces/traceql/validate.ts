/** Checks that a parsed query makes sense: operand types, regular expressions, what Tempo 3.0 refuses to run. */

import { RE2JS } from 're2js';
import type { FieldExpression, Intrinsic, MetricsStage, PipelineElement, Query, ScalarExpression } from './ast.ts';
import { printElement, printField, printScalar } from './printer.ts';
import { QueryError, unsupported } from './query-error.ts';

/** `attribute` is a type known only when a span is looked at; it fits everything. */
export type FieldType =
  | 'attribute'
  | 'spanset'
  | 'nil'
  | 'int'
  | 'float'
  | 'duration'
  | 'string'
  | 'boolean'
  | 'status'
  | 'kind';

/** Throws QueryError `validate` or `unsupported`. */
export function validate(query: Query): void {
  for (const element of query.pipeline.elements) validateElement(element);
  if (query.metrics !== undefined) validateMetrics(query.metrics);
  for (const stage of query.secondStages) {
    if (query.metrics?.kind === 'compare') {
      throw invalid('`compare()` does not support second stage functions');
    }
    if (stage.kind !== 'metricsFilter' && stage.limit <= 0) {
      throw invalid(`\`limit\` must be greater than 0 in ${stage.kind}(${stage.limit})`);
    }
  }
}

/** The type that an expression has before any span is looked at. */
function typeOf(expression: FieldExpression): FieldType {
  switch (expression.kind) {
    case 'static':
      return expression.value.type;
    case 'attribute':
      return 'attribute';
    case 'intrinsic':
      return intrinsicType(expression.intrinsic);
    case 'unary':
      // `!` keeps the type of what it negates as `-` does: `!.a` may be compared with anything, as `.a`.
      return typeOf(expression.operand);
    case 'binary': {
      if (!ARITHMETIC.has(expression.operator)) return 'boolean';
      const left = typeOf(expression.left);
      return left === 'attribute' ? typeOf(expression.right) : left;
    }
  }
}

export function intrinsicType(intrinsic: Intrinsic): FieldType {
  switch (intrinsic) {
    case 'span:duration':
    case 'trace:duration':
    case 'event:timeSinceStart':
      return 'duration';
    case 'span:status':
      return 'status';
    case 'span:kind':
      return 'kind';
    case 'span:childCount':
    case 'nestedSetLeft':
    case 'nestedSetRight':
    case 'nestedSetParent':
      return 'int';
    case 'instrumentation:name':
    case 'instrumentation:version':
      // Tempo gives these two no type of their own, so they may be compared with anything.
      return 'attribute';
    case 'parent':
      return 'nil';
    default:
      return 'string';
  }
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^']);
const EQUALITY = ['=', '!='];
const ORDER = ['<', '<=', '>', '>='];

/** Which binary operators a type takes part in. */
function takesOperator(type: FieldType, operator: string): boolean {
  switch (type) {
    case 'attribute':
      return true;
    case 'boolean':
      return operator === '&&' || operator === '||' || EQUALITY.includes(operator);
    case 'int':
    case 'float':
    case 'duration':
      return ARITHMETIC.has(operator) || EQUALITY.includes(operator) || ORDER.includes(operator);
    case 'string':
      // Order of strings was added to Tempo with the comparison of versions and dates.
      return EQUALITY.includes(operator) || ORDER.includes(operator) || operator === '=~' || operator === '!~';
    case 'nil':
    case 'status':
    case 'kind':
      return EQUALITY.includes(operator);
    default:
      return false;
  }
}

function typesMatch(left: FieldType, right: FieldType): boolean {
  if (left === 'attribute' || right === 'attribute' || left === right) return true;
  if (left === 'nil' || right === 'nil') return true;
  return isNumeric(left) && isNumeric(right);
}

function isNumeric(type: FieldType): boolean {
  return type === 'int' || type === 'float' || type === 'duration';
}

function invalid(message: string): QueryError {
  return new QueryError('validate', message);
}

function validateElement(element: PipelineElement): void {
  switch (element.kind) {
    case 'filter': {
      validateField(element.expression);
      const type = typeOf(element.expression);
      if (type !== 'attribute' && type !== 'boolean') {
        throw invalid(`span filter field expressions must resolve to a boolean: ${printElement(element)}`);
      }
      return;
    }
    case 'spansetOperation':
      validateElement(element.left);
      validateElement(element.right);
      return;
    case 'pipeline':
      for (const inner of element.elements) validateElement(inner);
      return;
    case 'by':
      if (!referencesSpan(element.expression)) {
        throw invalid(`grouping field expressions must reference the span: ${printElement(element)}`);
      }
      validateField(element.expression);
      return;
    case 'select':
      for (const field of element.fields) validateField(field);
      return;
    case 'scalarFilter':
      validateScalar(element.left);
      validateScalar(element.right);
      checkScalarTypes(element.left, element.right, element.operator, printElement(element));
      if (element.left.kind !== 'aggregate') throw unsupported(`scalar filter lhs of type (${element.left.kind})`);
      if (element.right.kind !== 'static') throw unsupported(`scalar filter rhs of type (${element.right.kind})`);
      return;
    case 'aggregate':
      validateScalar(element);
      return;
    case 'coalesce':
      return;
  }
}

function validateScalar(expression: ScalarExpression): void {
  switch (expression.kind) {
    case 'static':
      return;
    case 'pipeline':
      for (const element of expression.elements) validateElement(element);
      return;
    case 'scalarOperation':
      validateScalar(expression.left);
      validateScalar(expression.right);
      checkScalarTypes(expression.left, expression.right, expression.operator, printScalar(expression));
      return;
    case 'aggregate': {
      if (expression.expression === undefined) return;
      validateField(expression.expression);
      const type = typeOf(expression.expression);
      if (type !== 'attribute' && !isNumeric(type)) {
        throw invalid(`aggregate field expressions must resolve to a number type: ${printScalar(expression)}`);
      }
      if (!referencesSpan(expression.expression)) {
        throw invalid(`aggregate field expressions must reference the span: ${printScalar(expression)}`);
      }
    }
  }
}

function scalarType(expression: ScalarExpression): FieldType {
  switch (expression.kind) {
    case 'static':
      return expression.value.type;
    case 'aggregate':
      if (expression.operator === 'avg') return 'float';
      return expression.expression === undefined ? 'int' : typeOf(expression.expression);
    case 'scalarOperation': {
      const left = scalarType(expression.left);
      return left === 'attribute' ? scalarType(expression.right) : left;
    }
    case 'pipeline': {
      const last = expression.elements.at(-1);
      return last?.kind === 'aggregate' ? scalarType(last) : 'spanset';
    }
  }
}

function checkScalarTypes(left: ScalarExpression, right: ScalarExpression, operator: string, text: string): void {
  checkTypes(scalarType(left), scalarType(right), operator, text);
}

function checkTypes(left: FieldType, right: FieldType, operator: string, text: string): void {
  if (!typesMatch(left, right)) throw invalid(`binary operations must operate on the same type: ${text}`);
  if (!takesOperator(left, operator) || !takesOperator(right, operator)) {
    throw invalid(`illegal operation for the given types: ${text}`);
  }
}

function validateField(expression: FieldExpression): void {
  switch (expression.kind) {
    case 'static':
      return;
    case 'attribute':
      if (expression.parent) throw unsupported('parent');
      return;
    case 'intrinsic':
      if (expression.intrinsic === 'parent') throw unsupported('intrinsic (parent)');
      return;
    case 'unary': {
      validateField(expression.operand);
      const type = typeOf(expression.operand);
      const fits = expression.operator === '!' ? type === 'boolean' : isNumeric(type);
      if (type !== 'attribute' && !fits) {
        throw invalid(`illegal operation for the given type: ${printField(expression)}`);
      }
      return;
    }
    case 'binary':
      validateField(expression.left);
      validateField(expression.right);
      checkTypes(typeOf(expression.left), typeOf(expression.right), expression.operator, printField(expression));
      if (expression.operator === '=') checkNil(expression.left, expression.right, printField(expression));
      if (expression.operator === '=~' || expression.operator === '!~') checkPattern(expression.right);
  }
}

/** What every span has can never be nil, so asking for it is a mistake, not an empty result. */
function checkNil(left: FieldExpression, right: FieldExpression, text: string): void {
  const isNil = (side: FieldExpression) => side.kind === 'static' && side.value.type === 'nil';
  const other = isNil(right) ? left : isNil(left) ? right : undefined;
  if (other === undefined) return;
  const serviceName = other.kind === 'attribute' && other.scope === 'resource' && other.name === 'service.name';
  if (other.kind === 'intrinsic' || serviceName) throw invalid(`${text}: ${printField(other)} is never nil`);
}

function checkPattern(expression: FieldExpression): void {
  if (expression.kind !== 'static' || expression.value.type !== 'string') {
    throw invalid(`invalid type for =~ or !~: ${printField(expression)}`);
  }
  try {
    RE2JS.compile(expression.value.value);
  } catch {
    throw invalid(`invalid regex: ${expression.value.value}`);
  }
}

function referencesSpan(expression: FieldExpression): boolean {
  switch (expression.kind) {
    case 'static':
      return false;
    case 'binary':
      return referencesSpan(expression.left) || referencesSpan(expression.right);
    case 'unary':
      return referencesSpan(expression.operand);
    default:
      return true;
  }
}

function validateMetrics(stage: MetricsStage): void {
  if (stage.kind === 'compare') {
    validateElement(stage.filter);
    if (stage.topN <= 0) throw invalid('compare() top number of values must be integer greater than 0');
    if (stage.startNs === 0 && stage.endNs === 0) return;
    if (stage.startNs <= 0 || stage.endNs <= 0) {
      throw invalid('compare() timestamps must be positive integer unix nanoseconds');
    }
    if (stage.endNs <= stage.startNs) throw invalid('compare() end timestamp must be greater than start timestamp');
    return;
  }
  if (stage.field !== undefined) validateField(stage.field);
  for (const quantile of stage.quantiles) {
    if (!(quantile >= 0 && quantile <= 1)) throw invalid(`quantile must be between 0 and 1: ${quantile}`);
  }
  const buckets = stage.function === 'histogram_over_time' || stage.function === 'quantile_over_time';
  if (stage.by.length > (buckets ? GROUP_BY_MAX - 1 : GROUP_BY_MAX)) {
    throw unsupported(`metrics group by ${stage.by.length} values`);
  }
  for (const field of stage.by) validateField(field);
}

/** Tempo's limit: each attribute multiplies the series. The bucket of a histogram takes the place of one. */
const GROUP_BY_MAX = 5;
