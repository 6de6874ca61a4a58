/** Writes a syntax tree as TraceQL; parsing the text gives the same tree. */

import type {
  Aggregate,
  Field,
  FieldExpression,
  Hint,
  Intrinsic,
  MetricsStage,
  PipelineElement,
  Query,
  ScalarExpression,
  SecondStage,
  SpansetExpression,
  Static,
} from './ast.ts';
import { formatDurationNs } from './duration.ts';

export function print(query: Query): string {
  const stages = query.pipeline.elements.map(printElement);
  // A lone element that is a pipeline would lose its parentheses, and the parser took them off already.
  let text = stages.join(' | ');
  if (query.metrics !== undefined) text += ` | ${printMetrics(query.metrics)}`;
  for (const stage of query.secondStages) text += printSecondStage(stage);
  if (query.hints.length > 0) text += ` with(${query.hints.map(printHint).join(', ')})`;
  return text;
}

export function printField(expression: FieldExpression): string {
  switch (expression.kind) {
    case 'static':
      return printStatic(expression.value);
    case 'attribute':
    case 'intrinsic':
      return printName(expression);
    case 'unary':
      return `${expression.operator}${printFieldOperand(expression.operand)}`;
    case 'binary':
      return `${printFieldOperand(expression.left)} ${expression.operator} ${printFieldOperand(expression.right)}`;
  }
}

export function printName(field: Field): string {
  if (field.kind === 'intrinsic') return printIntrinsic(field.intrinsic);
  const scope = field.scope === 'none' ? '' : field.scope;
  const prefix = field.parent ? `parent.${scope === '' ? '' : `${scope}.`}` : `${scope}.`;
  const parentKeyword = field.parent && scope === '' && /^(?:span|resource)\./.test(field.name);
  const quoted = parentKeyword || field.name === '' || !/^[^\s{}()=~!<>&|^,"\\]+$/.test(field.name);
  return prefix + (quoted ? `"${field.name.replace(/["\\]/g, '\\$&')}"` : field.name);
}

/** The bare forms where Tempo prints them, the scoped ones where there is no bare form. */
function printIntrinsic(intrinsic: Intrinsic): string {
  const bare: Partial<Record<Intrinsic, string>> = {
    'span:duration': 'duration',
    'span:name': 'name',
    'span:status': 'status',
    'span:statusMessage': 'statusMessage',
    'span:kind': 'kind',
    'trace:duration': 'traceDuration',
    'trace:rootName': 'rootName',
    'trace:rootService': 'rootServiceName',
  };
  return bare[intrinsic] ?? intrinsic;
}

function printStatic(value: Static): string {
  switch (value.type) {
    case 'nil':
      return 'nil';
    case 'string':
      return printString(value.value);
    case 'duration':
      return formatDurationNs(value.valueNs);
    case 'float':
      return Number.isInteger(value.value) && Math.abs(value.value) < 1e21
        ? value.value.toFixed(1)
        : String(value.value);
    default:
      return String(value.value);
  }
}

export function printScalar(expression: ScalarExpression): string {
  switch (expression.kind) {
    case 'static':
      return printStatic(expression.value);
    case 'aggregate':
      return printAggregate(expression);
    case 'pipeline':
      return `(${expression.elements.map(printElement).join(' | ')})`;
    case 'scalarOperation':
      return `(${printScalar(expression.left)} ${expression.operator} ${printScalar(expression.right)})`;
  }
}

export function printElement(element: PipelineElement): string {
  switch (element.kind) {
    case 'filter':
      return `{ ${printField(element.expression)} }`;
    case 'spansetOperation':
      return `${printSpansetOperand(element.left)} ${element.operator} ${printSpansetOperand(element.right)}`;
    case 'pipeline':
      return `(${element.elements.map(printElement).join(' | ')})`;
    case 'scalarFilter':
      return `${printScalar(element.left)} ${element.operator} ${printScalar(element.right)}`;
    case 'aggregate':
      return printAggregate(element);
    case 'by':
      return `by(${printField(element.expression)})`;
    case 'coalesce':
      return 'coalesce()';
    case 'select':
      return `select(${element.fields.map(printName).join(', ')})`;
  }
}

function printFieldOperand(expression: FieldExpression): string {
  return expression.kind === 'binary' || expression.kind === 'unary'
    ? `(${printField(expression)})`
    : printField(expression);
}

function printSpansetOperand(expression: SpansetExpression): string {
  return expression.kind === 'spansetOperation' ? `(${printElement(expression)})` : printElement(expression);
}

function printAggregate(aggregate: Aggregate): string {
  return `${aggregate.operator}(${aggregate.expression === undefined ? '' : printField(aggregate.expression)})`;
}

function printMetrics(stage: MetricsStage): string {
  if (stage.kind === 'compare') {
    const range = stage.endNs > 0 || stage.startNs > 0 ? `, ${stage.startNs}, ${stage.endNs}` : '';
    return `compare(${printElement(stage.filter)}, ${stage.topN}${range})`;
  }
  const args = [...(stage.field === undefined ? [] : [printName(stage.field)]), ...stage.quantiles.map(String)];
  const by = stage.by.length === 0 ? '' : ` by (${stage.by.map(printName).join(', ')})`;
  return `${stage.function}(${args.join(', ')})${by}`;
}

function printSecondStage(stage: SecondStage): string {
  return stage.kind === 'metricsFilter' ? ` ${stage.operator} ${stage.value}` : ` | ${stage.kind}(${stage.limit})`;
}

function printHint(hint: Hint): string {
  return `${hint.name}=${printStatic(hint.value)}`;
}

/** JSON's string form is Go's as well, except for what JSON escapes as \u with surrogates, which Go reads one by one. */
function printString(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u(d[89ab][0-9a-f]{2})/gi, '\\ufffd')
    .replace(/\\\//g, '/');
}
