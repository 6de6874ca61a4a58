// sort, sort_desc, sort_by_label, sort_by_label_desc: the order of an instant result (a range result has its own).
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { FLOAT, filterSteps, type StepSeries, type Steps, type VectorValue } from '../engine/value.ts';
import type { Call } from '../parse/ast.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';

const byValue =
  (sign: 1 | -1): InstantFunction =>
  async ({ evaluator, call, steps }) => {
    const input = await evaluator.vector(call.args[0]!, steps);
    noteRange(evaluator, call, steps);
    // Histograms have no order and are left out.
    const floats = input.series.map((one) => filterSteps(one, (presence) => presence === FLOAT));
    evaluator.releaseAll(input);
    if (steps.count > 1) return evaluator.hold(floats);
    const present = floats.filter((one) => one.points > 0);
    return evaluator.hold(present.sort((a, b) => compareValues(a.values[0]!, b.values[0]!, sign)));
  };

function noteRange({ context }: Evaluator, { span }: Call, steps: Steps): void {
  if (steps.count > 1) context.annotations.sortInRangeQuery(span);
}

/** NaN comes last in either direction. */
function compareValues(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : sign * (a < b ? -1 : 1);
}

const byLabel =
  (sign: 1 | -1): InstantFunction =>
  async ({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> => {
    const names = call.args.slice(1).map((arg) => evaluator.string(arg));
    const input = await evaluator.vector(call.args[0]!, steps);
    noteRange(evaluator, call, steps);
    const compare = (a: StepSeries, b: StepSeries): number => sign * compareByNames(a.labels, b.labels, names);
    return { type: 'vector', series: [...input.series].sort(compare) };
  };

function compareByNames(a: Labels, b: Labels, names: readonly string[]): number {
  for (const name of names) {
    const order = compareNatural(a.get(name), b.get(name));
    if (order !== 0) return order;
  }
  return compareLabels(a, b);
}

/** Runs of digits compare as numbers, everything else as text: `a2` before `a10`. */
export function compareNatural(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const l = left[i]!;
    const r = right[i]!;
    if (/^\d/.test(l) && /^\d/.test(r)) {
      const order = BigInt(l) - BigInt(r);
      if (order !== 0n) return order < 0n ? -1 : 1;
    } else if (l !== r) {
      return l < r ? -1 : 1;
    }
  }
  return left.length - right.length;
}

export const SORT_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['sort', byValue(1)],
  ['sort_desc', byValue(-1)],
  ['sort_by_label', byLabel(1)],
  ['sort_by_label_desc', byLabel(-1)],
];
