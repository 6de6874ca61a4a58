// Binary operations by the types of their sides.
import type { Evaluator } from '../engine/evaluator.ts';
import { QueryError } from '../engine/query-error.ts';
import { ABSENT, SeriesBuilder, type StepSeries, type Steps, sampleAt, type Value } from '../engine/value.ts';
import { type Binary, COMPARISONS, KEEPING_NAMES, SET_OPERATORS, TRIMS } from '../parse/ast.ts';
import { compareColumn, computeColumn } from './columns.ts';
import { LastNote } from './last-note.ts';
import { arithmetic, combineSamples, comparison } from './operators.ts';
import { setOperation } from './set-operators.ts';
import { matchVectors } from './vector-matching.ts';

export async function binary(evaluator: Evaluator, node: Binary, steps: Steps): Promise<Value> {
  const left = await evaluator.evaluate(node.left, steps);
  const right = await evaluator.evaluate(node.right, steps);
  if (left.type === 'scalar' && right.type === 'scalar') {
    return { type: 'scalar', values: scalarScalar(node, left.values, right.values) };
  }
  let series: readonly StepSeries[];
  // Matching names each result once, and a filter changes no labels; only joining sides or dropping names can collide.
  let distinct = false;
  if (left.type === 'vector' && right.type === 'vector') {
    distinct = node.op !== 'or';
    series = SET_OPERATORS.has(node.op)
      ? setOperation(node, left.series, right.series, steps)
      : await matchVectors(evaluator, node, left.series, right.series, steps);
  } else if (left.type === 'vector' && right.type === 'scalar') {
    series = await vectorScalar(evaluator, node, left.series, right.values, false);
  } else if (left.type === 'scalar' && right.type === 'vector') {
    series = await vectorScalar(evaluator, node, right.series, left.values, true);
  } else {
    throw new Error('BUG: binary operation on types that the parser refuses');
  }
  evaluator.releaseAll(left, right);
  return distinct ? evaluator.hold(series) : evaluator.finish(series);
}

function scalarScalar(node: Binary, left: Float64Array, right: Float64Array): Float64Array {
  const compute = arithmetic(node.op);
  if (compute !== null) return left.map((value, i) => compute(value, right[i]!));
  const compare = comparison(node.op);
  if (compare === null) throw new QueryError('execution', `operator "${node.op}" not allowed for Scalar operations`);
  return left.map((value, i) => (compare(value, right[i]!) ? 1 : 0));
}

/** `swapped`: the scalar stands on the left. */
async function vectorScalar(
  evaluator: Evaluator,
  node: Binary,
  series: readonly StepSeries[],
  scalar: Float64Array,
  swapped: boolean,
): Promise<StepSeries[]> {
  const keepsName = KEEPING_NAMES.has(node.op) && !node.returnBool;
  const notes = new LastNote(evaluator.context.annotations);
  const out: StepSeries[] = [];
  const holds = new Uint8Array(scalar.length);
  await evaluator.context.inSlices(series.length, scalar.length, (i) => {
    const one = series[i]!;
    const builder = new SeriesBuilder(scalar.length);
    if (one.histograms === null && !TRIMS.has(node.op)) floatsWithScalar(node, one, scalar, swapped, holds, builder);
    else samplesWithScalar(notes, i, node, one, scalar, swapped, builder);
    if (builder.points === 0) return;
    const built = builder.build(one.labels, one.dropName);
    out.push(keepsName ? built : evaluator.nameless(built));
  });
  notes.addAll();
  return out;
}

/** `holds` is scratch space. */
function floatsWithScalar(
  { op, returnBool }: Binary,
  { values, presence, points }: StepSeries,
  scalar: Float64Array,
  swapped: boolean,
  holds: Uint8Array,
  out: SeriesBuilder,
): void {
  const left = swapped ? scalar : values;
  const right = swapped ? values : scalar;
  out.presence.set(presence);
  out.points = points;
  if (computeColumn(op, left, right, out.values)) return;
  compareColumn(op, left, right, holds);
  if (returnBool) {
    out.values.set(holds);
    return;
  }
  out.values.set(values);
  for (let step = 0; step < holds.length; step++) {
    if (holds[step] === 1 || out.presence[step] === ABSENT) continue;
    out.presence[step] = ABSENT;
    out.points--;
  }
}

function samplesWithScalar(
  notes: LastNote,
  place: number,
  node: Binary,
  series: StepSeries,
  scalar: Float64Array,
  swapped: boolean,
  out: SeriesBuilder,
): void {
  for (let step = 0; step < scalar.length; step++) {
    const sample = sampleAt(series, step);
    if (sample === undefined) continue;
    const left = swapped ? scalar[step]! : sample;
    const right = swapped ? sample : scalar[step]!;
    const { value, holds } = combineSamples(node.op, left, right, notes.at(step, place), node.span);
    if (value === null) continue;
    if (node.returnBool) out.setFloat(step, holds ? 1 : 0);
    else if (holds) out.set(step, COMPARISONS.has(node.op) ? sample : value);
  }
}
