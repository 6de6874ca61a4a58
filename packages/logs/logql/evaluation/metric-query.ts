/** Evaluates metric queries: an instant, or a range of steps. */
import type { Expression, Grouping, Metric, RangeOperator, Variants } from '../ast.ts';
import { compareLabels, type Label, type Labels, sortLabels } from '../labels.ts';
import { compileCapturing, expandReplacement } from '../regex.ts';
import { evaluateBetween, evaluateWithLiteral } from './binary-operation.ts';
import { emptySeries, hasPoints, type Matrix, type Series, type Steps } from './matrix.ts';
import type { QueryContext } from './query-context.ts';
import { evaluateRangeAggregation } from './range-aggregation.ts';
import { evaluateVectorAggregation } from './vector-aggregation.ts';

/** The label that tells the results of `variants` apart. */
const VARIANT_LABEL = '__variant__';

/** What a sum may hand down, because adding up the parts by other labels changes nothing. */
const summable: ReadonlySet<RangeOperator> = new Set<RangeOperator>([
  'count_over_time',
  'rate',
  'bytes_over_time',
  'bytes_rate',
  'sum_over_time',
]);

export type MetricResult =
  | { readonly kind: 'scalar'; readonly value: number }
  /** Series with points only, in the result's order. */
  | { readonly kind: 'matrix'; readonly series: Matrix };

export async function evaluateMetric(
  context: QueryContext,
  query: Metric | Variants,
  steps: Steps,
): Promise<MetricResult> {
  if (query.kind === 'literal' && steps.instant) return { kind: 'scalar', value: query.value };
  const matrix =
    query.kind === 'variants' ? await evaluateVariants(context, query, steps) : await evaluate(context, query, steps);
  const series = matrix.filter(hasPoints);
  context.checkSeries(series.length);
  const ordered =
    steps.instant && hasOwnOrder(query) ? series : series.sort((a, b) => compareLabels(a.labels, b.labels));
  return { kind: 'matrix', series: ordered };
}

function hasOwnOrder(query: Expression): boolean {
  return (
    query.kind === 'vectorAggregation' &&
    ['sort', 'sort_desc', 'topk', 'bottomk', 'approx_topk'].includes(query.operator)
  );
}

async function evaluateVariants(context: QueryContext, query: Variants, steps: Steps): Promise<Matrix> {
  const results: Series[] = [];
  for (const [index, metric] of query.metrics.entries()) {
    for (const series of await evaluate(context, metric, steps)) {
      results.push({ ...series, labels: sortLabels([...series.labels, [VARIANT_LABEL, String(index)]]) });
    }
  }
  return results;
}

async function evaluate(context: QueryContext, node: Metric, steps: Steps, outer?: Grouping): Promise<Matrix> {
  switch (node.kind) {
    case 'literal':
    case 'vector':
      return [constant(node.value, steps)];
    case 'rangeAggregation': {
      const matrix = await evaluateRangeAggregation(context, node, steps, outer);
      return [...matrix].sort((a, b) => compareLabels(a.labels, b.labels));
    }
    case 'vectorAggregation': {
      const { inner } = node;
      const handsDown = node.operator === 'sum' && inner.kind === 'rangeAggregation' && summable.has(inner.operator);
      const matrix = await evaluate(context, inner, steps, handsDown ? node.grouping : undefined);
      return evaluateVectorAggregation(node, matrix, steps);
    }
    case 'labelReplace':
      return replaceLabels(await evaluate(context, node.inner, steps), node);
    case 'binary':
      return evaluateBinary(context, node, steps);
  }
}

async function evaluateBinary(
  context: QueryContext,
  node: Extract<Metric, { kind: 'binary' }>,
  steps: Steps,
): Promise<Matrix> {
  const { left, right } = node;
  if (left.kind === 'literal') {
    return evaluateWithLiteral(node, await evaluate(context, right, steps), left.value, true, steps);
  }
  if (right.kind === 'literal') {
    return evaluateWithLiteral(node, await evaluate(context, left, steps), right.value, false, steps);
  }
  const leftMatrix = await evaluate(context, left, steps);
  return evaluateBetween(node, leftMatrix, await evaluate(context, right, steps), steps);
}

function constant(value: number, steps: Steps): Series {
  const series = emptySeries([], steps.count);
  series.values.fill(value);
  series.present.fill(1);
  return series;
}

function replaceLabels(inner: Matrix, node: Extract<Metric, { kind: 'labelReplace' }>): Matrix {
  const capturing = compileCapturing(node.regex, { anchored: true });
  return inner.map((series) => {
    const source = series.labels.find(([name]) => name === node.source)?.[1] ?? '';
    const groups = capturing.exec(source);
    if (groups === undefined) return series;
    const value = expandReplacement(node.replacement, groups, capturing.names);
    return { ...series, labels: withLabel(series.labels, node.destination, value) };
  });
}

function withLabel(labels: Labels, name: string, value: string): Labels {
  const others: Label[] = labels.filter(([other]) => other !== name);
  return value === '' ? others : sortLabels([...others, [name, value]]);
}
