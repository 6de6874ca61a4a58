// absent and absent_over_time: 1 where nothing is.
import { Labels, METRIC_NAME } from '../../model/labels.ts';
import { withoutStale } from '../engine/columns.ts';
import { rangeArgument, visitSeries } from '../engine/range-call.ts';
import { ABSENT, SeriesBuilder, type VectorValue } from '../engine/value.ts';
import { type Expr, type MatrixSelector, type Subquery, unwrapParens } from '../parse/ast.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';

async function absent(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const input = await evaluator.vector(call.call.args[0]!, steps);
  const present = new Uint8Array(steps.count);
  for (const { presence } of input.series) for (let i = 0; i < present.length; i++) present[i]! |= presence[i]!;
  evaluator.releaseAll(input);
  return onesWhereAbsent(call, present);
}

async function absentOverTime(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const present = new Uint8Array(steps.count);
  const range = unwrapParens(call.call.args[0]!) as MatrixSelector | Subquery;
  const argument = await rangeArgument(evaluator, range, steps, 'absent_over_time');
  await visitSeries(evaluator, argument, steps, ({ floats: marked, histograms }) => {
    const floats = withoutStale(marked, marked.from, marked.to);
    for (const { times, from, to } of [floats, histograms]) {
      const { lo, hi } = argument.bounds.of(times);
      for (let step = 0; step < steps.count; step++) {
        if (Math.min(hi[step]!, to) > Math.max(lo[step]!, from)) present[step] = 1;
      }
    }
  });
  return onesWhereAbsent(call, present);
}

function onesWhereAbsent({ evaluator, call, steps }: FunctionCall, present: Uint8Array): VectorValue {
  const builder = new SeriesBuilder(steps.count);
  for (let step = 0; step < steps.count; step++) if (present[step] === ABSENT) builder.setFloat(step, 1);
  return evaluator.hold(builder.points > 0 ? [builder.build(absentLabels(call.args[0]!), false)] : []);
}

/** The labels that the selector fixes: those by an equality matcher after which the name occurs no more. */
function absentLabels(argument: Expr): Labels {
  const expr = unwrapParens(argument);
  const matchers = expr.type === 'vector' ? expr.matchers : expr.type === 'matrix' ? expr.vector.matchers : [];
  const values = new Map<string, string>();
  const equated = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (name === METRIC_NAME) continue;
    if (op !== '=' || equated.has(name)) values.delete(name);
    else {
      values.set(name, value);
      equated.add(name);
    }
  }
  return Labels.from(values);
}

export const ABSENT_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['absent', absent],
  ['absent_over_time', absentOverTime],
];
