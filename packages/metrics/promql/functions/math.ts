// Functions of one float at a time: arithmetic, trigonometry, clamping, rounding.
import { FLOAT, SeriesBuilder, type VectorValue } from '../engine/value.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';
import { larger, smaller } from './min-max.ts';

/** Applies `compute` to every float; histograms are left out (null leaves out the float), the name is dropped. */
export async function mapFloats(
  { evaluator, call, steps }: FunctionCall,
  compute: (value: number, step: number) => number | null,
): Promise<VectorValue> {
  const input = await evaluator.vector(call.args[0]!, steps);
  const out = [];
  for (const [i, one] of input.series.entries()) {
    if ((i & 63) === 63 && evaluator.context.due) await evaluator.context.pause();
    const builder = new SeriesBuilder(steps.count);
    for (let step = 0; step < steps.count; step++) {
      if (one.presence[step] !== FLOAT) continue;
      const value = compute(one.values[step]!, step);
      if (value !== null) builder.setFloat(step, value);
    }
    if (builder.points > 0) out.push(evaluator.nameless(builder.build(one.labels, one.dropName)));
  }
  evaluator.releaseAll(input);
  return evaluator.finish(out);
}

const ofOne =
  (compute: (value: number) => number): InstantFunction =>
  (call) =>
    mapFloats(call, compute);

async function clamp(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const [, first, second] = call.call.args;
  const fill = (value: number): Float64Array => new Float64Array(steps.count).fill(value);
  const isMax = call.call.func === 'clamp_max';
  const low = isMax ? fill(-Infinity) : await evaluator.scalar(first!, steps);
  const highArg = isMax ? first : second;
  const high = highArg === undefined ? fill(Infinity) : await evaluator.scalar(highArg, steps);
  return mapFloats(call, (value, step) => {
    // Where the bounds exclude each other there is no result at all.
    if (high[step]! < low[step]!) return null;
    return larger(low[step]!, smaller(high[step]!, value));
  });
}

async function round(call: FunctionCall): Promise<VectorValue> {
  const nearest = call.call.args[1];
  const to = nearest === undefined ? null : await call.evaluator.scalar(nearest, call.steps);
  return mapFloats(call, (value, step) => {
    const inverse = 1 / (to?.[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}

/** The sign; 0, -0 and NaN are themselves. */
const sgn = (value: number): number => (value < 0 ? -1 : value > 0 ? 1 : value);

export const MATH_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['abs', ofOne(Math.abs)],
  ['acos', ofOne(Math.acos)],
  ['acosh', ofOne(Math.acosh)],
  ['asin', ofOne(Math.asin)],
  ['asinh', ofOne(Math.asinh)],
  ['atan', ofOne(Math.atan)],
  ['atanh', ofOne(Math.atanh)],
  ['ceil', ofOne(Math.ceil)],
  ['clamp', clamp],
  ['clamp_max', clamp],
  ['clamp_min', clamp],
  ['cos', ofOne(Math.cos)],
  ['cosh', ofOne(Math.cosh)],
  ['deg', ofOne((value) => (value * 180) / Math.PI)],
  ['exp', ofOne(Math.exp)],
  ['floor', ofOne(Math.floor)],
  ['ln', ofOne(Math.log)],
  ['log10', ofOne(Math.log10)],
  ['log2', ofOne(Math.log2)],
  ['rad', ofOne((value) => (value * Math.PI) / 180)],
  ['round', round],
  ['sgn', ofOne(sgn)],
  ['sin', ofOne(Math.sin)],
  ['sinh', ofOne(Math.sinh)],
  ['sqrt', ofOne(Math.sqrt)],
  ['tan', ofOne(Math.tan)],
  ['tanh', ofOne(Math.tanh)],
];
