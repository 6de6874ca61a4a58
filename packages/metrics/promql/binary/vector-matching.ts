// Arithmetic and comparison between vectors: one-to-one, many-to-one, and filling in what is missing.
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { QueryError } from '../engine/query-error.ts';
import { ABSENT, FLOAT, type StepSeries, type Steps, sampleAt, withoutName } from '../engine/value.ts';
import { type Binary, COMPARISONS, KEEPING_NAMES, TRIMS, type VectorMatching } from '../parse/ast.ts';
import { compareColumn, computeColumn } from './columns.ts';
import { LastNote } from './last-note.ts';
import { type MatchTarget, MatchTargets } from './match-targets.ts';
import { combineSamples, type Sample } from './operators.ts';
import { signatureOf } from './signature.ts';

/** The series of both sides that share a signature. */
interface MatchGroup {
  readonly many: StepSeries[];
  readonly one: StepSeries[];
}

export async function matchVectors(
  evaluator: Evaluator,
  node: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
  steps: Steps,
): Promise<StepSeries[]> {
  const matching = node.matching!;
  const swapped = matching.card === 'one-to-many';
  const groups = new Map<string, MatchGroup>();
  const signature = signatureOf(matching);
  const groupOf = (series: StepSeries): MatchGroup => {
    const key = signature(series);
    let group = groups.get(key);
    if (group === undefined) {
      group = { many: [], one: [] };
      groups.set(key, group);
    }
    return group;
  };
  const { context } = evaluator;
  const many = swapped ? right : left;
  const one = swapped ? left : right;
  await context.inSlices(many.length, 1, (i) => groupOf(many[i]!).many.push(many[i]!));
  await context.inSlices(one.length, 1, (i) => groupOf(one[i]!).one.push(one[i]!));
  const matcher = new Matcher(evaluator, node, matching, steps, left, right);
  matcher.notePlaces(many, one);
  const all = [...groups.values()];
  const perGroup = Math.ceil(many.length / Math.max(1, all.length));
  await context.inSlices(all.length, steps.count * perGroup, (i) => matcher.matchGroup(all[i]!));
  return matcher.result();
}

class Matcher {
  readonly #node: Binary;
  readonly #matching: VectorMatching;
  readonly #steps: Steps;
  readonly #swapped: boolean;
  readonly #fillMany: number | null;
  readonly #fillOne: number | null;
  /** Whether a pair of series of floats can be computed as columns. */
  readonly #byColumns: boolean;
  /** Steps that are answered with nothing without a look at the samples, because a side has none. */
  readonly #idle: Uint8Array;
  readonly #targets: MatchTargets;
  readonly #scratch: Uint8Array;
  readonly #notes: LastNote;
  /** Where a series stands among those that results are looked for in order: first the many side, then the other. */
  readonly #places = new Map<StepSeries, number>();

  constructor(
    evaluator: Evaluator,
    node: Binary,
    matching: VectorMatching,
    steps: Steps,
    left: readonly StepSeries[],
    right: readonly StepSeries[],
  ) {
    this.#node = node;
    this.#matching = matching;
    this.#steps = steps;
    this.#swapped = matching.card === 'one-to-many';
    this.#fillMany = this.#swapped ? matching.fillRight : matching.fillLeft;
    this.#fillOne = this.#swapped ? matching.fillLeft : matching.fillRight;
    this.#byColumns = !TRIMS.has(node.op) && this.#fillMany === null && this.#fillOne === null;
    this.#idle = idleSteps(matching, steps, left, right);
    this.#scratch = new Uint8Array(steps.count);
    this.#notes = new LastNote(evaluator.context.annotations);
    const { returnBool } = node;
    const rules = {
      matching,
      stepCount: steps.count,
      keepsName: KEEPING_NAMES.has(node.op) && !returnBool,
      dropsNameLater: evaluator.context.options.delayedNameRemoval && returnBool,
      returnBool,
    };
    this.#targets = new MatchTargets(rules, this.#swapped ? right : left);
  }

  /** Needed where samples may not fit each other. */
  notePlaces(many: readonly StepSeries[], one: readonly StepSeries[]): void {
    if (this.#byColumns && many.every(isPlain) && one.every(isPlain)) return;
    for (const series of [...many, ...one]) this.#places.set(series, this.#places.size);
  }

  result(): StepSeries[] {
    this.#notes.addAll();
    const out: StepSeries[] = [];
    for (const { builder, labels, dropName } of this.#targets.all) {
      if (builder.points > 0) out.push(builder.build(labels, dropName));
    }
    return out;
  }

  matchGroup(group: MatchGroup): void {
    const { many, one } = group;
    if (one.length === 0 && this.#fillOne === null) return;
    if (many.length === 0 && one.length === 1 && this.#fillMany === null) return;
    const plain = this.#byColumns && many.every(isPlain) && one.every(isPlain);
    if (plain) this.#matchColumns(group);
    else this.#matchSteps(group);
  }

  /** The usual case: members are combined with their partner over all steps at once, or over those that it is there. */
  #matchColumns({ many, one }: MatchGroup): void {
    const meets = one.length === 1 ? [one[0]!.presence] : this.#partnerSteps(one);
    if (this.#matching.card === 'one-to-one' && many.length > 1) this.#checkUnambiguous(many, one);
    const counts = meets.map(countPresent);
    const near: MatchTarget[] = [];
    for (const member of many) {
      if (this.#matching.card !== 'one-to-one') near.length = 0;
      for (let p = 0; p < one.length; p++) {
        const present = this.#bothPresent(member, meets[p]!, counts[p]!);
        if (present > 0) this.#combineColumns(member, one[p]!, present, near);
      }
    }
  }

  /** Where each partner is there; two at a step are an error. */
  #partnerSteps(one: readonly StepSeries[]): Uint8Array[] {
    const taken = new Int32Array(this.#steps.count).fill(-1);
    const meets = one.map(() => new Uint8Array(this.#steps.count));
    for (let step = 0; step < taken.length; step++) {
      if (this.#idle[step] === 1) continue;
      for (let p = 0; p < one.length; p++) {
        if (one[p]!.presence[step] === ABSENT) continue;
        if (taken[step] !== -1) this.#duplicate(one[p]!, one[taken[step]!]!);
        taken[step] = p;
        meets[p]![step] = FLOAT;
      }
    }
    return meets;
  }

  /** Ambiguity is an error even where a comparison would filter all candidates but one. */
  #checkUnambiguous(many: readonly StepSeries[], one: readonly StepSeries[]): void {
    for (let step = 0; step < this.#steps.count; step++) {
      if (!one.some(({ presence }) => presence[step] !== ABSENT)) continue;
      let members = 0;
      for (const { presence } of many) if (presence[step] !== ABSENT) members++;
      if (members > 1) this.#ambiguous();
    }
  }

  /** Notes in the scratch column where member and partner meet, and gives how often. */
  #bothPresent(member: StepSeries, partner: Uint8Array, partnerPoints: number): number {
    const both = this.#scratch;
    if (member.points === both.length) {
      both.set(partner);
      return partnerPoints;
    }
    const { presence } = member;
    for (let step = 0; step < both.length; step++) both[step] = presence[step]! & partner[step]!;
    return countPresent(both);
  }

  #combineColumns(member: StepSeries, partner: StepSeries, present: number, near: MatchTarget[]): void {
    const { builder } = this.#targets.of(member.labels, partner.labels, near);
    const both = this.#scratch;
    const left = this.#swapped ? partner.values : member.values;
    const right = this.#swapped ? member.values : partner.values;
    if (builder.points === 0) {
      this.#compute(left, right, both, builder.values);
      builder.presence.set(both);
      builder.points = this.#filters ? countPresent(both) : present;
      return;
    }
    // The target has results of another pair: only the steps of this one may be touched.
    const values = new Float64Array(both.length);
    this.#compute(left, right, both, values);
    for (let step = 0; step < both.length; step++) {
      if (both[step] === ABSENT) continue;
      if (builder.presence[step] !== ABSENT) this.#ambiguous();
      builder.setFloat(step, values[step]!);
    }
  }

  get #filters(): boolean {
    return COMPARISONS.has(this.#node.op) && !this.#node.returnBool;
  }

  /** Values of the operation; a comparison that filters takes what it refuses out of `both`. */
  #compute(left: Float64Array, right: Float64Array, both: Uint8Array, out: Float64Array): void {
    const { op, returnBool } = this.#node;
    if (computeColumn(op, left, right, out)) return;
    const holds = new Uint8Array(both.length);
    compareColumn(op, left, right, holds);
    if (returnBool) out.set(holds);
    else {
      out.set(left);
      for (let step = 0; step < both.length; step++) both[step]! &= holds[step]!;
    }
  }

  /** Step by step, for histograms and for filling in what is missing. */
  #matchSteps(group: MatchGroup): void {
    const pairs = new PairTargets();
    for (let step = 0; step < this.#steps.count; step++) {
      if (this.#idle[step] === 0) this.#matchStep(group, step, pairs);
    }
  }

  #matchStep(group: MatchGroup, step: number, pairs: PairTargets): void {
    const { many, one } = group;
    let partner: StepSeries | null = null;
    for (const candidate of one) {
      if (candidate.presence[step] === ABSENT) continue;
      if (partner !== null) this.#duplicate(candidate, partner);
      partner = candidate;
    }
    let matched = false;
    for (const member of many) {
      if (member.presence[step] === ABSENT || (partner === null && this.#fillOne === null)) continue;
      const sample: Sample = partner === null ? this.#fillOne! : sampleAt(partner, step)!;
      // What cannot be combined counts as if it were not there.
      matched = this.#combine(member, sampleAt(member, step)!, partner, sample, step, pairs, matched) || matched;
    }
    if (!matched && partner !== null && this.#fillMany !== null) {
      this.#combine(null, this.#fillMany, partner, sampleAt(partner, step)!, step, pairs, false);
    }
  }

  /** False when the samples do not fit each other; `taken`: another member has met the partner. */
  #combine(
    member: StepSeries | null,
    manySample: Sample,
    partner: StepSeries | null,
    oneSample: Sample,
    step: number,
    pairs: PairTargets,
    taken: boolean,
  ): boolean {
    const left = this.#swapped ? oneSample : manySample;
    const right = this.#swapped ? manySample : oneSample;
    const notes = this.#notes.at(step, this.#places.get((member ?? partner)!)!);
    const { value, holds } = combineSamples(this.#node.op, left, right, notes, this.#node.span);
    if (value === null) return false;
    if (taken && this.#matching.card === 'one-to-one') this.#ambiguous();
    let result: number | FloatHistogram = value;
    if (this.#node.returnBool) result = holds ? 1 : 0;
    else if (!holds) return true;
    const { builder } = this.#pairTarget(member, partner, pairs);
    if (builder.presence[step] !== ABSENT) this.#ambiguous();
    builder.set(step, result);
    return true;
  }

  /** The target of a pair of which one may be missing: what stands for it has the labels that were matched by. */
  #pairTarget(member: StepSeries | null, partner: StepSeries | null, pairs: PairTargets): MatchTarget {
    let ofMember = pairs.get(member);
    if (ofMember === undefined) pairs.set(member, (ofMember = { byPartner: new Map(), near: [] }));
    let target = ofMember.byPartner.get(partner);
    if (target !== undefined) return target;
    const present = (member ?? partner)!;
    const many = member === null ? this.#matched(present.labels) : member.labels;
    const one = partner === null ? this.#matched(present.labels) : partner.labels;
    const near = this.#matching.card === 'one-to-one' ? pairs.shared : ofMember.near;
    target = this.#targets.of(many, one, near);
    ofMember.byPartner.set(partner, target);
    return target;
  }

  /** Of a label set that which was matched by. */
  #matched(labels: Labels): Labels {
    const names = new Set(this.#matching.labels);
    return this.#matching.on ? labels.keep(names) : withoutName(labels).drop(names);
  }

  #ambiguous(): never {
    const detail =
      this.#matching.card === 'one-to-one'
        ? 'many-to-one matching must be explicit (group_left/group_right)'
        : 'grouping labels must ensure unique matches';
    throw new QueryError('execution', `multiple matches for labels: ${detail}`);
  }

  #duplicate(second: StepSeries, first: StepSeries): never {
    const group = this.#matched(second.labels);
    const side = this.#swapped ? 'left' : 'right';
    const where = `found duplicate series for the match group ${group.toBraces()} on the ${side} hand-side of the operation`;
    const why = 'many-to-many matching not allowed: matching labels must be unique on one side';
    throw new QueryError('execution', `${where}: [${second.labels.toBraces()}, ${first.labels.toBraces()}];${why}`);
  }
}

/** The targets of the pairs of a group that have had a result, by member and partner; null stands for a missing side. */
class PairTargets extends Map<
  StepSeries | null,
  { byPartner: Map<StepSeries | null, MatchTarget>; near: MatchTarget[] }
> {
  /** One to one: the targets of the whole group. */
  readonly shared: MatchTarget[] = [];
}

function isPlain({ histograms }: StepSeries): boolean {
  return histograms === null;
}

/** Of a column of floats only. */
function countPresent(presence: Uint8Array): number {
  let count = 0;
  for (let step = 0; step < presence.length; step++) count += presence[step]!;
  return count;
}

function idleSteps(
  matching: VectorMatching,
  steps: Steps,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): Uint8Array {
  const leftAny = anyPresent(left, steps);
  const rightAny = anyPresent(right, steps);
  const idle = new Uint8Array(steps.count);
  const fills = matching.fillLeft !== null || matching.fillRight !== null;
  for (let i = 0; i < steps.count; i++) {
    // Any value to fill in makes the sides worth looking at, even when it is not for the side that is empty.
    const sides = leftAny[i]! + rightAny[i]!;
    idle[i] = sides === 0 || (sides === 1 && !fills) ? 1 : 0;
  }
  return idle;
}

/** 1 where some series has a sample. */
function anyPresent(side: readonly StepSeries[], steps: Steps): Uint8Array {
  const any = new Uint8Array(steps.count);
  if (side.some(({ points }) => points === steps.count)) return any.fill(1);
  for (const { presence } of side) for (let i = 0; i < any.length; i++) if (presence[i] !== ABSENT) any[i] = 1;
  return any;
}
