// Aggregations that look at each series once: the series of a selector or of a function of a range are added as they are
// computed, so that thousands of them are never held at once.
import type { Labels } from '../../model/labels.ts';
import { isStepInvariant } from '../engine/analysis.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { type PreparedRangeCall, prepareRangeCall } from '../engine/range-call.ts';
import { visitInstant } from '../engine/select-instant.ts';
import type { StepSeries, Steps } from '../engine/value.ts';
import { RANGE_FUNCTIONS } from '../functions/range/index.ts';
import { type Aggregate, type Expr, unwrapParens } from '../parse/ast.ts';
import { GroupIndex, SelectedGroups } from './grouping.ts';

/** What an aggregation keeps of the series of each group. */
export interface Accumulator {
  /** Adds the next series of a group. When true, nothing of the series is kept, and its buffers may be used again. */
  add(series: StepSeries, group: number): boolean;
  /** One series for each group that has a result, in the order of groups. */
  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[];
}

export async function accumulate(
  evaluator: Evaluator,
  node: Aggregate,
  steps: Steps,
  accumulator: Accumulator,
): Promise<StepSeries[]> {
  const index = new GroupIndex(node);
  const argument = unwrapParens(node.expr);
  if (argument.type === 'vector' && !isStepInvariant(argument)) {
    let groups: SelectedGroups | undefined;
    await visitInstant(evaluator, argument, steps, 'value', (series, place, selected) =>
      accumulator.add(series, (groups ??= new SelectedGroups(node, selected)).groupOf(place)),
    );
    return accumulator.results(groups?.labels ?? [], groups?.dropName ?? []);
  }
  const prepared = await prepareDistinctRangeCall(evaluator, argument, steps);
  if (prepared === null) {
    const input = await evaluator.vector(node.expr, steps);
    await evaluator.context.inSlices(input.series.length, steps.count, (i) => {
      const series = input.series[i]!;
      accumulator.add(series, index.groupOf(series.labels, series.dropName));
    });
    const results = accumulator.results(index.labels, index.dropName);
    evaluator.releaseAll(input);
    return results;
  }
  const byPlainLabels = !node.without && !node.grouping.some((name) => name.startsWith('__'));
  if (byPlainLabels) {
    const groups = new SelectedGroups(node, prepared.labels);
    await prepared.visit((series, place) => accumulator.add(series, groups.groupOf(place)));
    return accumulator.results(groups.labels, groups.dropName);
  }
  await prepared.visit((series) => {
    const { labels, dropName } = evaluator.nameless(series);
    return accumulator.add(series, index.groupOf(labels, dropName));
  });
  return accumulator.results(index.labels, index.dropName);
}

/** Null when the argument is no such call, or when dropping names could make its series equal: an error to be found. */
async function prepareDistinctRangeCall(
  evaluator: Evaluator,
  call: Expr,
  steps: Steps,
): Promise<PreparedRangeCall | null> {
  const func = call.type === 'call' ? RANGE_FUNCTIONS.get(call.func) : undefined;
  if (call.type !== 'call' || func === undefined || func.keepsName === true || isStepInvariant(call)) return null;
  const range = call.args.map(unwrapParens).find((arg) => arg.type === 'matrix');
  if (range?.type !== 'matrix' || range.vector.name === '') return null;
  const prepared = await prepareRangeCall(evaluator, call, func, steps);
  return prepared.staysDistinct ? prepared : null;
}
