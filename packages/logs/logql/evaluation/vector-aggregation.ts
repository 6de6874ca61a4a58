/** Evaluates `sum by (…) (…)` and its siblings over a matrix, step by step within each group. */
import type { Grouping, Metric, VectorOperator } from '../ast.ts';
import { type Labels, labelsKey } from '../labels.ts';
import { QueryError } from '../query-error.ts';
import { emptySeries, hasPoints, type Matrix, type Series, type Steps } from './matrix.ts';

type VectorAggregation = Extract<Metric, { kind: 'vectorAggregation' }>;

export function evaluateVectorAggregation(node: VectorAggregation, inner: Matrix, steps: Steps): Matrix {
  const { operator } = node;
  switch (operator) {
    case 'topk':
    case 'bottomk':
      return selectRanked(inner, node.grouping, node.parameter!, operator === 'topk', steps);
    case 'approx_topk':
      // Exact, which is within any error that the approximation allows.
      if (!steps.instant) throw new QueryError('approx_topk is only supported on instant queries');
      return selectRanked(inner, node.grouping, node.parameter!, true, steps);
    case 'sort':
    case 'sort_desc':
      return sortSeries(inner, operator === 'sort_desc', steps);
    default:
      return aggregate(operator, inner, node.grouping, steps);
  }
}

function groupLabels(labels: Labels, grouping: Grouping): Labels {
  const named = new Set(grouping.labels);
  return labels.filter(([name]) => named.has(name) !== grouping.without);
}

/** Series by group, groups in the order in which they were met. */
function groupSeries(inner: Matrix, grouping: Grouping): readonly { labels: Labels; members: Series[] }[] {
  const groups = new Map<string, { labels: Labels; members: Series[] }>();
  for (const series of inner) {
    const labels = groupLabels(series.labels, grouping);
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [series] });
    else group.members.push(series);
  }
  return [...groups.values()];
}

type Reducer = (values: readonly number[]) => number;

const reducers: Readonly<Record<'sum' | 'avg' | 'count' | 'max' | 'min' | 'stddev' | 'stdvar', Reducer>> = {
  sum: (values) => values.reduce((a, b) => a + b),
  avg: (values) => values.reduce((mean, value, at) => mean + (value - mean) / (at + 1)),
  count: (values) => values.length,
  max: (values) => values.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a)),
  min: (values) => values.reduce((a, b) => (b < a || Number.isNaN(a) ? b : a)),
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
};

function variance(values: readonly number[]): number {
  let mean = values[0]!;
  let squares = 0;
  for (let i = 1; i < values.length; i++) {
    const delta = values[i]! - mean;
    mean += delta / (i + 1);
    squares += delta * (values[i]! - mean);
  }
  return squares / values.length;
}

function aggregate(operator: VectorOperator, inner: Matrix, grouping: Grouping, steps: Steps): Matrix {
  const reduce = reducers[operator as keyof typeof reducers];
  return groupSeries(inner, grouping).map(({ labels, members }) => {
    const result = emptySeries(labels, steps.count);
    const values: number[] = [];
    for (let step = 0; step < steps.count; step++) {
      values.length = 0;
      for (const series of members) if (series.present[step] === 1) values.push(series.values[step]!);
      if (values.length === 0) continue;
      result.values[step] = reduce(values);
      result.present[step] = 1;
    }
    return result;
  });
}

/** Ascending with not-a-number last. */
function ascending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As `ascending`, turned around except for not-a-number, which stays last. */
function descending(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? ascending(a, b) : ascending(b, a);
}

function selectRanked(inner: Matrix, grouping: Grouping, count: number, top: boolean, steps: Steps): Matrix {
  const order = top ? descending : ascending;
  const chosen: Series[] = [];
  for (const { members } of groupSeries(inner, grouping)) {
    const results = members.map((series) => emptySeries(series.labels, steps.count));
    for (let step = 0; step < steps.count; step++) {
      const present = members.flatMap((series, at) => (series.present[step] === 1 ? [at] : []));
      present.sort((a, b) => order(members[a]!.values[step]!, members[b]!.values[step]!));
      for (const at of present.slice(0, count)) {
        results[at]!.values[step] = members[at]!.values[step]!;
        results[at]!.present[step] = 1;
      }
    }
    chosen.push(...results.filter(hasPoints));
  }
  return steps.instant ? sortSeries(chosen, top, steps) : chosen;
}

/** An instant's series by value. A range has no order of its own: its series are sorted by labels. */
function sortSeries(inner: Matrix, largestFirst: boolean, steps: Steps): Matrix {
  if (!steps.instant) return inner;
  const order = largestFirst ? descending : ascending;
  return inner.filter(hasPoints).sort((a, b) => order(a.values[0]!, b.values[0]!));
}
