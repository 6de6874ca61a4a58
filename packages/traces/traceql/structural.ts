/** Structural operators: which spans of the right side stand in a relation to spans of the left side. */

import type { StructuralOperator, StructuralRelation } from './ast.ts';
import { NO_PARENT, type TraceContext } from './trace-context.ts';

/**
 * `>` child, `>>` descendant, `<` parent, `<<` ancestor, `~` sibling: the right spans that are so to a left one.
 * With `!` the right spans that are so to none; with `&` the left spans that have such a right one, too.
 */
export function relate(
  operator: StructuralOperator,
  trace: TraceContext,
  left: readonly number[],
  right: readonly number[],
): number[] {
  const prefix = operator[0];
  if (prefix === '!') {
    const matched = new Set(related(operator.slice(1) as StructuralRelation, trace, left, right));
    return right.filter((span) => !matched.has(span));
  }
  if (prefix !== '&') return related(operator as StructuralRelation, trace, left, right);
  const relation = operator.slice(1) as StructuralRelation;
  const rightMatched = related(relation, trace, left, right);
  const leftMatched = related(INVERSE[relation], trace, right, left);
  return [...new Set([...leftMatched, ...rightMatched])];
}

const INVERSE: Readonly<Record<StructuralRelation, StructuralRelation>> = {
  '>': '<',
  '>>': '<<',
  '<': '>',
  '<<': '>>',
  '~': '~',
};

function related(
  relation: StructuralRelation,
  trace: TraceContext,
  left: readonly number[],
  right: readonly number[],
): number[] {
  const { parents } = trace;
  switch (relation) {
    case '>': {
      const lefts = new Set(left);
      return right.filter((span) => lefts.has(parents[span]!));
    }
    case '<': {
      const wanted = new Set(left.map((span) => parents[span]!));
      return right.filter((span) => wanted.has(span));
    }
    case '>>': {
      const below = descendants(parents, new Set(left));
      return right.filter((span) => below[span] === 1);
    }
    case '<<': {
      const above = ancestors(parents, left);
      return right.filter((span) => above.has(span));
    }
    case '~': {
      return siblings(parents, left, right);
    }
  }
}

/** 1 for spans with an ancestor in `tops`, 2 for others. Each span is walked over once; loops of parents end. */
function descendants(parents: Int32Array, tops: ReadonlySet<number>): Uint8Array {
  const state = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start++) {
    const path: number[] = [];
    let span = start;
    let found = false;
    while (state[span] === 0) {
      state[span] = 2;
      path.push(span);
      const parent = parents[span]!;
      if (parent === NO_PARENT) break;
      if (tops.has(parent)) {
        found = true;
        break;
      }
      span = parent;
      if (state[span] === 1) found = true;
    }
    if (found) for (const below of path) state[below] = 1;
  }
  return state;
}

function ancestors(parents: Int32Array, bottoms: readonly number[]): Set<number> {
  const above = new Set<number>();
  for (const bottom of bottoms) {
    let span = parents[bottom]!;
    while (span !== NO_PARENT && !above.has(span)) {
      above.add(span);
      span = parents[span]!;
    }
  }
  return above;
}

function siblings(parents: Int32Array, left: readonly number[], right: readonly number[]): number[] {
  const byParent = new Map<number, number[]>();
  for (const span of left) {
    const parent = parents[span]!;
    if (parent !== NO_PARENT) byParent.set(parent, [...(byParent.get(parent) ?? []), span]);
  }
  return right.filter((span) => {
    const lefts = byParent.get(parents[span]!);
    return lefts?.some((other) => other !== span) === true;
  });
}
