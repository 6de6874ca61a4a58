// Functions about time: the evaluation time, timestamps of samples, and calendars in UTC.
import { Labels } from '../../model/labels.ts';
import { constant } from '../engine/evaluator.ts';
import { selectInstant } from '../engine/select-instant.ts';
import { ABSENT, SeriesBuilder, type StepSeries, stepTime, type Value, type VectorValue } from '../engine/value.ts';
import { unwrapParens } from '../parse/ast.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';
import { mapFloats } from './math.ts';

const DAY_MS = 86_400_000;

function time({ steps }: FunctionCall): Value {
  return { type: 'scalar', values: Float64Array.from({ length: steps.count }, (_, i) => stepTime(steps, i) / 1000) };
}

/** Of a plain selector the time of each sample, of anything else the evaluation time. */
async function timestamp({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> {
  const arg = unwrapParens(call.args[0]!);
  if (arg.type === 'vector' && arg.modifier === null) {
    const picked = await selectInstant(evaluator, arg, steps, 'timestamp');
    evaluator.releaseAll(picked);
    return evaluator.finish(picked.series.map((one) => evaluator.nameless(one)));
  }
  const input = await evaluator.vector(call.args[0]!, steps);
  const series: StepSeries[] = input.series.map((one) => {
    const builder = new SeriesBuilder(steps.count);
    for (let step = 0; step < steps.count; step++) {
      if (one.presence[step] !== ABSENT) builder.setFloat(step, stepTime(steps, step) / 1000);
    }
    return evaluator.nameless(builder.build(one.labels, one.dropName));
  });
  evaluator.releaseAll(input);
  return evaluator.finish(series);
}

/** Of a plain selector the start timestamp of each sample (0 where unknown), of anything else nothing. */
async function startTimestamp({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> {
  const arg = unwrapParens(call.args[0]!);
  if (arg.type !== 'vector' || arg.modifier !== null) return evaluator.hold([]);
  const picked = await selectInstant(evaluator, arg, steps, 'start');
  evaluator.releaseAll(picked);
  return evaluator.finish(picked.series.map((one) => evaluator.nameless(one)));
}

/** A part of the date of every value (seconds since the epoch), of the evaluation time without argument. */
const datePart =
  (part: (date: Date) => number): InstantFunction =>
  async (call) => {
    const compute = (seconds: number): number => {
      // Whole seconds, as Go's conversion to an integer; beyond what a date can hold there is no answer.
      const date = new Date(Math.trunc(seconds) * 1000);
      return Number.isNaN(date.getTime()) ? Number.NaN : part(date);
    };
    const { evaluator, steps } = call;
    if (call.call.args.length > 0) return mapFloats(call, compute);
    const builder = new SeriesBuilder(steps.count);
    for (let step = 0; step < steps.count; step++) builder.setFloat(step, compute(stepTime(steps, step) / 1000));
    return evaluator.hold([builder.build(Labels.EMPTY, false)]);
  };

export const TIME_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['time', time],
  ['timestamp', timestamp],
  ['start_timestamp', startTimestamp],
  ['start', ({ evaluator, steps }) => constant(evaluator.context.startMs / 1000, steps)],
  ['end', ({ evaluator, steps }) => constant(evaluator.context.endMs / 1000, steps)],
  ['step', ({ evaluator, steps }) => constant(evaluator.context.stepMs / 1000, steps)],
  ['range', ({ evaluator, steps }) => constant((evaluator.context.endMs - evaluator.context.startMs) / 1000, steps)],
  ['minute', datePart((date) => date.getUTCMinutes())],
  ['hour', datePart((date) => date.getUTCHours())],
  ['day_of_week', datePart((date) => date.getUTCDay())],
  ['day_of_month', datePart((date) => date.getUTCDate())],
  [
    'day_of_year',
    datePart((date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1),
  ],
  [
    'days_in_month',
    datePart((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
  ],
  ['month', datePart((date) => date.getUTCMonth() + 1)],
  ['year', datePart((date) => date.getUTCFullYear())],
];
