/** Runs the spanset half of a query over one trace after another. */

import type { Aggregate, Pipeline, PipelineElement, ScalarFilter, SpansetOperation } from './ast.ts';
import { compileField, type FieldEvaluator, staticValue } from './field-evaluator.ts';
import { printElement } from './printer.ts';
import { unsupported } from './query-error.ts';
import { relate } from './structural.ts';
import type { TraceContext } from './trace-context.ts';
import { compareValues, numberOf, Several, type Value, valueText } from './value.ts';

/** Spans of one trace that belong together, with what by() and aggregates found out about them. */
export interface Spanset {
  /** Numbers of spans in the trace, ascending. */
  readonly spans: readonly number[];
  readonly attributes: readonly (readonly [string, Value])[];
}

/** The spansets of a trace that the pipeline lets through; none when the trace does not match. */
export type PipelineEvaluator = (trace: TraceContext) => readonly Spanset[];

type Stage = (trace: TraceContext, input: readonly Spanset[]) => readonly Spanset[];

/** The pipeline must have been validated. */
export function compilePipeline(pipeline: Pipeline): PipelineEvaluator {
  const stages = pipeline.elements.map(compileElement);
  return (trace) => {
    let spansets: readonly Spanset[] = [
      { spans: Array.from({ length: trace.count }, (_, span) => span), attributes: [] },
    ];
    for (const stage of stages) {
      if (spansets.length === 0) break;
      spansets = stage(trace, spansets);
    }
    return spansets;
  };
}

function compileElement(element: PipelineElement): Stage {
  switch (element.kind) {
    case 'filter':
      return compileFilter(compileField(element.expression));
    case 'pipeline': {
      const stages = element.elements.map(compileElement);
      return (trace, input) => stages.reduce((spansets, stage) => stage(trace, spansets), input);
    }
    case 'spansetOperation':
      return compileOperation(element);
    case 'scalarFilter':
      return compileScalarFilter(element);
    case 'by':
      return compileBy(printElement(element), compileField(element.expression));
    case 'coalesce':
      return (_, input) => (input.length === 0 ? [] : [{ spans: unionOf(input), attributes: [] }]);
    case 'select':
      // What is selected is looked up when a result is written; it changes no spanset.
      return (_, input) => input;
    case 'aggregate':
      throw unsupported('an aggregate without a comparison');
  }
}

function compileFilter(matches: FieldEvaluator): Stage {
  return (trace, input) => {
    const output: Spanset[] = [];
    for (const { spans, attributes } of input) {
      const kept = spans.filter((span) => matches(trace, span) === true);
      if (kept.length > 0) output.push({ spans: kept, attributes });
    }
    return output;
  };
}

function compileOperation(operation: SpansetOperation): Stage {
  const left = compileElement(operation.left);
  const right = compileElement(operation.right);
  const { operator } = operation;
  return (trace, input) => {
    const output: Spanset[] = [];
    for (const spanset of input) {
      const lefts = left(trace, [spanset]);
      const rights = right(trace, [spanset]);
      const spans = combine(operator, trace, lefts, rights);
      if (spans.length > 0) output.push({ spans, attributes: spanset.attributes });
    }
    return output;
  };
}

function combine(
  operator: SpansetOperation['operator'],
  trace: TraceContext,
  lefts: readonly Spanset[],
  rights: readonly Spanset[],
): number[] {
  if (operator === '||') return unionOf([...lefts, ...rights]);
  if (operator === '&&') return lefts.length > 0 && rights.length > 0 ? unionOf([...lefts, ...rights]) : [];
  return relate(operator, trace, unionOf(lefts), unionOf(rights)).sort((a, b) => a - b);
}

function unionOf(spansets: readonly Spanset[]): number[] {
  if (spansets.length === 1) return [...spansets[0]!.spans];
  return [...new Set(spansets.flatMap(({ spans }) => spans))].sort((a, b) => a - b);
}

function compileScalarFilter(filter: ScalarFilter): Stage {
  const { left, right, operator } = filter;
  if (left.kind !== 'aggregate' || right.kind !== 'static') throw unsupported('scalar filter of this form');
  const aggregate = compileAggregate(left);
  const label = printElement(left);
  const wanted = staticValue(right.value);
  return (trace, input) => {
    const output: Spanset[] = [];
    for (const { spans, attributes } of input) {
      const value = aggregate(trace, spans);
      if (compareValues(operator, value, wanted)) output.push({ spans, attributes: [...attributes, [label, value]] });
    }
    return output;
  };
}

function compileAggregate(aggregate: Aggregate): (trace: TraceContext, spans: readonly number[]) => Value {
  if (aggregate.expression === undefined) return (_, spans) => spans.length;
  const field = compileField(aggregate.expression);
  return (trace, spans) => {
    const numbers: number[] = [];
    for (const span of spans) {
      const value = numberOf(field(trace, span));
      if (value !== undefined) numbers.push(value);
    }
    if (numbers.length === 0) return undefined;
    switch (aggregate.operator) {
      case 'min':
        return numbers.reduce((a, b) => Math.min(a, b));
      case 'max':
        return numbers.reduce((a, b) => Math.max(a, b));
      default: {
        const sum = numbers.reduce((a, b) => a + b, 0);
        return aggregate.operator === 'avg' ? sum / numbers.length : sum;
      }
    }
  };
}

function compileBy(label: string, field: FieldEvaluator): Stage {
  return (trace, input) => {
    const output: Spanset[] = [];
    for (const { spans, attributes } of input) {
      const groups = new Map<Value | string, { value: Value; spans: number[] }>();
      for (const span of spans) {
        const value = field(trace, span);
        const key = value instanceof Several ? `several:${valueText(value)}` : value;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { value, spans: [span] });
        else group.spans.push(span);
      }
      for (const group of groups.values()) {
        output.push({ spans: group.spans, attributes: [...attributes, [label, group.value]] });
      }
    }
    return output;
  };
}
