// Aggregations: over all series of a group, step by step.
import type { Evaluator } from '../engine/evaluator.ts';
import type { StepSeries, Steps, VectorValue } from '../engine/value.ts';
import type { Aggregate } from '../parse/ast.ts';
import { type Accumulator, accumulate } from './accumulate.ts';
import { countValues } from './count-values.ts';
import { Counts, Extremes, quantile, Variances } from './float-aggregates.ts';
import { type Groups, groupSeries } from './grouping.ts';
import { limit, limitRatio, rank } from './selecting.ts';
import { GroupSums } from './sum.ts';

export interface Aggregation {
  readonly evaluator: Evaluator;
  readonly node: Aggregate;
  readonly steps: Steps;
  readonly series: readonly StepSeries[];
  readonly groups: Groups;
  /** The scalar parameter at every step; empty for aggregations without one. */
  readonly param: Float64Array;
}

const NO_PARAM = new Float64Array(0);

export async function aggregate(evaluator: Evaluator, node: Aggregate, steps: Steps): Promise<VectorValue> {
  const accumulator = accumulatorOf(evaluator, node, steps);
  if (accumulator !== null) return evaluator.finish(await accumulate(evaluator, node, steps, accumulator));
  const hasScalar = node.param !== null && node.op !== 'count_values';
  const param = hasScalar ? await evaluator.scalar(node.param!, steps) : NO_PARAM;
  const input = await evaluator.vector(node.expr, steps);
  const { series } = input;
  const out = await select({ evaluator, node, steps, series, groups: groupSeries(series, node), param });
  evaluator.releaseAll(input);
  return evaluator.finish(out);
}

/** What adds series up one by one; null for aggregations that must see all series of a step together. */
function accumulatorOf(evaluator: Evaluator, node: Aggregate, steps: Steps): Accumulator | null {
  switch (node.op) {
    case 'sum':
    case 'avg':
      return new GroupSums(evaluator, node, steps);
    case 'count':
      return new Counts(steps, false);
    case 'group':
      return new Counts(steps, true);
    case 'min':
      return new Extremes(evaluator, node, steps, -1);
    case 'max':
      return new Extremes(evaluator, node, steps, 1);
    case 'stddev':
    case 'stdvar':
      return new Variances(evaluator, node, steps);
    default:
      return null;
  }
}

function select(aggregation: Aggregation): Promise<StepSeries[]> | StepSeries[] {
  const { op } = aggregation.node;
  switch (op) {
    case 'quantile':
      return quantile(aggregation);
    case 'topk':
      return rank(aggregation, 1);
    case 'bottomk':
      return rank(aggregation, -1);
    case 'limitk':
      return limit(aggregation);
    case 'limit_ratio':
      return limitRatio(aggregation);
    case 'count_values':
      return countValues(aggregation);
    default:
      throw new Error(`BUG: ${op} is an aggregation that adds up`);
  }
}
