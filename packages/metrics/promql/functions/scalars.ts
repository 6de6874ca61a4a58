// Between scalars and vectors: scalar(), vector(), pi().
import { Labels } from '../../model/labels.ts';
import { constant } from '../engine/evaluator.ts';
import { FLOAT, type ScalarValue, SeriesBuilder, type VectorValue } from '../engine/value.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';
import { larger, smaller } from './min-max.ts';

/** The value of the only float at a step, else NaN. */
async function scalar({ evaluator, call, steps }: FunctionCall): Promise<ScalarValue> {
  const input = await evaluator.vector(call.args[0]!, steps);
  const values = new Float64Array(steps.count).fill(Number.NaN);
  const found = new Int32Array(steps.count);
  for (const one of input.series) {
    for (let step = 0; step < steps.count; step++) {
      if (one.presence[step] !== FLOAT) continue;
      values[step] = ++found[step]! === 1 ? one.values[step]! : Number.NaN;
    }
  }
  evaluator.releaseAll(input);
  return { type: 'scalar', values };
}

async function vector({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> {
  const values = await evaluator.scalar(call.args[0]!, steps);
  const builder = new SeriesBuilder(steps.count);
  values.forEach((value, step) => {
    builder.setFloat(step, value);
  });
  return evaluator.hold([builder.build(Labels.EMPTY, false)]);
}

/** min_of and max_of. */
const ofTwo =
  (choose: (a: number, b: number) => number): InstantFunction =>
  async ({ evaluator, call, steps }): Promise<ScalarValue> => {
    const left = await evaluator.scalar(call.args[0]!, steps);
    const right = await evaluator.scalar(call.args[1]!, steps);
    return { type: 'scalar', values: left.map((value, step) => choose(value, right[step]!)) };
  };

export const SCALAR_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['max_of', ofTwo(larger)],
  ['min_of', ofTwo(smaller)],
  ['pi', ({ steps }) => constant(Math.PI, steps)],
  ['scalar', scalar],
  ['vector', vector],
];
