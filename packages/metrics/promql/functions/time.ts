// Functions about time: the evaluation time, timestamps of samples, and calendars in UTC.
import { Labels } from '../../model/labels.ts';
import { constant } from '../engine/evaluator.ts';
import { selectInstant } from '../engine/select-instant.ts';
import { ABSENT, SeriesBuilder, type StepSeries, stepTime, type Value, type VectorValue } from '../engine/value.ts';
import { unwrapParens } from '../parse/ast.ts';
import { type CalendarDate, calendarDate } from './calendar.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';
import { mapFloats } from './math.ts';

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
  if (arg.type !== 'vector' || arg.modifier !== null) {
    // Its value does not matter, but what is to be said of it does.
    evaluator.releaseAll(await evaluator.vector(arg, steps));
    return evaluator.hold([]);
  }
  const picked = await selectInstant(evaluator, arg, steps, 'start');
  evaluator.releaseAll(picked);
  return evaluator.finish(picked.series.map((one) => evaluator.nameless(one)));
}

/** A part of the date of every value (seconds since the epoch), of the evaluation time without argument. */
const datePart =
  (part: keyof CalendarDate): InstantFunction =>
  async (call) => {
    const { evaluator, steps } = call;
    if (call.call.args.length > 0) return mapFloats(call, (seconds) => calendarDate(seconds)[part]);
    const builder = new SeriesBuilder(steps.count);
    for (let step = 0; step < steps.count; step++) {
      builder.setFloat(step, calendarDate(stepTime(steps, step) / 1000)[part]);
    }
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
  ['minute', datePart('minute')],
  ['hour', datePart('hour')],
  ['day_of_week', datePart('dayOfWeek')],
  ['day_of_month', datePart('day')],
  ['day_of_year', datePart('dayOfYear')],
  ['days_in_month', datePart('daysInMonth')],
  ['month', datePart('month')],
  ['year', datePart('year')],
];
