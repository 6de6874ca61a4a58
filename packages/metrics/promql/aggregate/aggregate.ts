// Aggregations: over all series of a group, step by step.
import type { Evaluator } from '../engine/evaluator.ts';
import type { StepSeries, Steps, VectorValue } from '../engine/value.ts';
import type { Aggregate } from '../parse/ast.ts';
import { countValues } from './count-values.ts';
import { count, extreme, group, quantile, variance } from './float-aggregates.ts';
import { type Groups, groupSeries } from './grouping.ts';
import { limit, limitRatio, rank } from './selecting.ts';
import { sumInPassing, sumOrAverage } from './sum.ts';

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
  const hasScalar = node.param !== null && node.op !== 'count_values';
  const param = hasScalar ? await evaluator.scalar(node.param!, steps) : NO_PARAM;
  if (node.op === 'sum' || node.op === 'avg') {
    const sums = await sumInPassing(evaluator, node, steps);
    if (sums !== null) return evaluator.finish(sums);
  }
  const input = await evaluator.vector(node.expr, steps);
  const { series } = input;
  const aggregation: Aggregation = { evaluator, node, steps, series, groups: groupSeries(series, node), param };
  const out = await run(aggregation);
  evaluator.releaseAll(input);
  return evaluator.finish(out);
}

async function run(aggregation: Aggregation): Promise<StepSeries[]> {
  switch (aggregation.node.op) {
    case 'sum':
    case 'avg':
      return sumOrAverage(aggregation);
    case 'count':
      return count(aggregation);
    case 'group':
      return group(aggregation);
    case 'min':
      return extreme(aggregation, -1);
    case 'max':
      return extreme(aggregation, 1);
    case 'stddev':
      return variance(aggregation, true);
    case 'stdvar':
      return variance(aggregation, false);
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
  }
}
