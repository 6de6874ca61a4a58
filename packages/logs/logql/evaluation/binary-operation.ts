/** Evaluates binary operations between matrices, and between a matrix and a number. */
import { arithmetic, compare } from '../arithmetic.ts';
import { type BinaryOperator, isComparison, isSetOperator, type Metric, type VectorMatching } from '../ast.ts';
import { type Label, type Labels, labelsKey, labelValue, sortLabels } from '../labels.ts';
import { MatchingError } from '../query-error.ts';
import { emptySeries, hasPoints, type Matrix, type Series, type Steps } from './matrix.ts';

type Binary = Extract<Metric, { kind: 'binary' }>;

/** The result of the operator on two values; undefined when a comparison filters the point out. */
function combine(
  operator: BinaryOperator,
  left: number,
  right: number,
  bool: boolean,
  kept: number,
): number | undefined {
  if (!isComparison(operator)) return arithmetic(operator, left, right);
  const holds = compare(operator, left, right);
  if (bool) return Number(holds);
  return holds ? kept : undefined;
}

/** One side is a number; `literalLeft` tells which. A filtering comparison keeps the series' value whichever side it is on. */
export function evaluateWithLiteral(
  node: Binary,
  inner: Matrix,
  literal: number,
  literalLeft: boolean,
  steps: Steps,
): Matrix {
  const results: Series[] = [];
  for (const series of inner) {
    const result = emptySeries(series.labels, steps.count);
    for (let step = 0; step < steps.count; step++) {
      if (series.present[step] === 0) continue;
      const value = series.values[step]!;
      const combined = literalLeft
        ? combine(node.operator, literal, value, node.bool, value)
        : combine(node.operator, value, literal, node.bool, value);
      if (combined !== undefined) setPoint(result, step, combined);
    }
    if (hasPoints(result)) results.push(result);
  }
  return results;
}

export function evaluateBetween(node: Binary, left: Matrix, right: Matrix, steps: Steps): Matrix {
  const { operator } = node;
  return isSetOperator(operator)
    ? evaluateSet(operator, node.matching, left, right, steps)
    : evaluateMatched(node, left, right, steps);
}

function setPoint(series: Series, step: number, value: number): void {
  series.values[step] = value;
  series.present[step] = 1;
}

/** The key of the labels on which two series must agree. */
function signature(labels: Labels, matching: VectorMatching): string {
  const named = new Set(matching.labels);
  return labelsKey(labels.filter(([name]) => named.has(name) === matching.on));
}

function bySignature(matrix: Matrix, matching: VectorMatching): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const series of matrix) {
    const key = signature(series.labels, matching);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [series]);
    else group.push(series);
  }
  return groups;
}

function evaluateSet(
  operator: 'or' | 'and' | 'unless',
  matching: VectorMatching,
  left: Matrix,
  right: Matrix,
  steps: Steps,
): Matrix {
  const others = bySignature(operator === 'or' ? left : right, matching);
  const [kept, filtered] = operator === 'or' ? [left, right] : [[], left];
  const results: Series[] = [...kept];
  for (const series of filtered) {
    const opposite = others.get(signature(series.labels, matching)) ?? [];
    const result = emptySeries(series.labels, steps.count);
    for (let step = 0; step < steps.count; step++) {
      if (series.present[step] === 0) continue;
      const found = opposite.some((other) => other.present[step] === 1);
      if (found === (operator === 'and')) setPoint(result, step, series.values[step]!);
    }
    if (hasPoints(result)) results.push(result);
  }
  return mergeSame(results);
}

/** `or` can give the same labels from both sides at different steps: one series. */
function mergeSame(matrix: readonly Series[]): Matrix {
  const merged = new Map<string, Series>();
  for (const series of matrix) {
    const key = labelsKey(series.labels);
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, series);
      continue;
    }
    const both: Series = { labels: series.labels, values: known.values.slice(), present: known.present.slice() };
    series.present.forEach((present, step) => {
      if (present === 1 && both.present[step] === 0) setPoint(both, step, series.values[step]!);
    });
    merged.set(key, both);
  }
  return [...merged.values()];
}

function evaluateMatched(node: Binary, left: Matrix, right: Matrix, steps: Steps): Matrix {
  const { matching } = node;
  const swapped = matching.cardinality === 'one-to-many';
  const [many, one] = swapped ? [right, left] : [left, right];
  const ones = bySignature(one, matching);
  const results = new Map<string, Series>();
  for (const [key, members] of bySignature(many, matching)) {
    const partners = ones.get(key);
    if (partners !== undefined) matchGroup(node, members, partners, swapped, steps, results);
  }
  checkUnique(ones, swapped, steps);
  return [...results.values()].filter(hasPoints);
}

/** The "one" side must have a single series for a signature at any step, matched or not. */
function checkUnique(ones: ReadonlyMap<string, readonly Series[]>, swapped: boolean, steps: Steps): void {
  for (const group of ones.values()) {
    if (group.length < 2) continue;
    for (let step = 0; step < steps.count; step++) {
      if (group.filter((series) => series.present[step] === 1).length < 2) continue;
      throw new MatchingError(
        `found duplicate series on the ${swapped ? 'left' : 'right'} hand-side;many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    }
  }
}

function matchGroup(
  node: Binary,
  many: readonly Series[],
  ones: readonly Series[],
  swapped: boolean,
  steps: Steps,
  results: Map<string, Series>,
): void {
  const { matching } = node;
  const taken = new Set<string>();
  for (let step = 0; step < steps.count; step++) {
    const partners = ones.filter((series) => series.present[step] === 1);
    if (partners.length !== 1) continue;
    const partner = partners[0]!;
    taken.clear();
    for (const series of many) {
      if (series.present[step] === 0) continue;
      const labels = resultLabels(series.labels, partner.labels, matching);
      const key = labelsKey(labels);
      if (matching.cardinality === 'one-to-one' && taken.size > 0) {
        throw new MatchingError(
          'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
        );
      }
      if (taken.has(key)) {
        throw new MatchingError('multiple matches for labels: grouping labels must ensure unique matches');
      }
      taken.add(key);
      const [a, b] = swapped ? [partner, series] : [series, partner];
      const value = combine(node.operator, a.values[step]!, b.values[step]!, node.bool, a.values[step]!);
      if (value === undefined) continue;
      let result = results.get(key);
      if (result === undefined) {
        result = emptySeries(labels, steps.count);
        results.set(key, result);
      }
      setPoint(result, step, value);
    }
  }
}

function resultLabels(many: Labels, one: Labels, matching: VectorMatching): Labels {
  let labels: Label[] = [...many];
  if (matching.cardinality === 'one-to-one') {
    const named = new Set(matching.labels);
    labels = labels.filter(([name]) => named.has(name) === matching.on);
  }
  for (const name of matching.include) {
    labels = labels.filter(([other]) => other !== name);
    const value = labelValue(one, name);
    if (value !== undefined && value !== '') labels.push([name, value]);
  }
  return sortLabels(labels);
}
