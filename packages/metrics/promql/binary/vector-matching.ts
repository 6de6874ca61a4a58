// Arithmetic and comparison between vectors: one-to-one, many-to-one, and filling in what is missing.
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { QueryError } from '../engine/query-error.ts';
import { ABSENT, FLOAT, SeriesBuilder, type StepSeries, type Steps, sampleAt, withoutName } from '../engine/value.ts';
import { type Binary, COMPARISONS, type VectorMatching } from '../parse/ast.ts';
import { arithmetic, combineSamples, comparison, type Sample } from './operators.ts';
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
  const collect = async (side: readonly StepSeries[], role: keyof MatchGroup): Promise<void> => {
    for (const [i, series] of side.entries()) {
      if ((i & 255) === 255 && context.due) await context.pause();
      groupOf(series)[role].push(series);
    }
  };
  await collect(swapped ? right : left, 'many');
  await collect(swapped ? left : right, 'one');
  const matcher = new Matcher(evaluator, node, matching, steps, left, right);
  let matched = 0;
  for (const group of groups.values()) {
    if ((++matched & 63) === 0 && context.due) await context.pause();
    matcher.matchGroup(group);
  }
  return matcher.result();
}

class Matcher {
  readonly #evaluator: Evaluator;
  readonly #node: Binary;
  readonly #matching: VectorMatching;
  readonly #steps: Steps;
  readonly #swapped: boolean;
  readonly #keepsName: boolean;
  readonly #fillMany: number | null;
  readonly #fillOne: number | null;
  /** Steps in which a side has no sample at all: the real server then answers nothing, without looking further. */
  readonly #idle: Uint8Array;
  readonly #out = new Map<string, { builder: SeriesBuilder; labels: Labels; dropName: boolean }>();

  constructor(
    evaluator: Evaluator,
    node: Binary,
    matching: VectorMatching,
    steps: Steps,
    left: readonly StepSeries[],
    right: readonly StepSeries[],
  ) {
    this.#evaluator = evaluator;
    this.#node = node;
    this.#matching = matching;
    this.#steps = steps;
    this.#swapped = matching.card === 'one-to-many';
    this.#keepsName = COMPARISONS.has(node.op) && !node.returnBool;
    this.#fillMany = this.#swapped ? matching.fillRight : matching.fillLeft;
    this.#fillOne = this.#swapped ? matching.fillLeft : matching.fillRight;
    this.#idle = new Uint8Array(steps.count).fill(1);
    const both = [left, right].map((side) => {
      const any = new Uint8Array(steps.count);
      for (const { presence } of side) for (let i = 0; i < any.length; i++) any[i]! |= presence[i]!;
      return any;
    });
    for (let i = 0; i < steps.count; i++) {
      const missing =
        (both[0]![i] === 0 && matching.fillLeft === null) || (both[1]![i] === 0 && matching.fillRight === null);
      this.#idle[i] = missing ? 1 : 0;
    }
  }

  result(): StepSeries[] {
    const out: StepSeries[] = [];
    for (const { builder, labels, dropName } of this.#out.values()) {
      if (builder.points > 0) out.push(builder.build(labels, dropName));
    }
    return out;
  }

  matchGroup(group: MatchGroup): void {
    const { many, one } = group;
    const { op } = this.#node;
    const single =
      op !== '</' &&
      op !== '>/' &&
      many.length === 1 &&
      one.length === 1 &&
      this.#fillMany === null &&
      this.#fillOne === null;
    if (single && many[0]!.histograms === null && one[0]!.histograms === null) {
      this.#matchPair(many[0]!, one[0]!);
      return;
    }
    if (one.length === 0 && this.#fillOne === null) return;
    if (many.length === 0 && one.length === 1 && this.#fillMany === null) return;
    for (let step = 0; step < this.#steps.count; step++) if (this.#idle[step] === 0) this.#matchStep(group, step);
  }

  /** The usual case, a tight loop: one series of plain floats on each side. */
  #matchPair(many: StepSeries, one: StepSeries): void {
    const { op, returnBool } = this.#node;
    const compute = arithmetic(op);
    const compare = comparison(op);
    const target = this.#target(many, one);
    const { values, presence } = target.builder;
    const swapped = this.#swapped;
    for (let step = 0; step < values.length; step++) {
      if (many.presence[step] === ABSENT || one.presence[step] === ABSENT) continue;
      const a = swapped ? one.values[step]! : many.values[step]!;
      const b = swapped ? many.values[step]! : one.values[step]!;
      let result: number;
      if (compute !== null) result = compute(a, b);
      else if (compare === null) continue;
      else if (returnBool) result = compare(a, b) ? 1 : 0;
      else if (compare(a, b)) result = a;
      else continue;
      if (presence[step] !== ABSENT) this.#ambiguous();
      values[step] = result;
      presence[step] = FLOAT;
      target.builder.points++;
    }
  }

  #matchStep(group: MatchGroup, step: number): void {
    const { many, one } = group;
    let partner: StepSeries | null = null;
    for (const candidate of one) {
      if (candidate.presence[step] === ABSENT) continue;
      if (partner !== null) this.#duplicate(candidate, partner);
      partner = candidate;
    }
    let matched: StepSeries | null = null;
    let produced = false;
    for (const member of many) {
      if (member.presence[step] === ABSENT) continue;
      matched = member;
      if (partner === null && this.#fillOne === null) continue;
      const filled = partner ?? this.#stand(member);
      const sample: Sample = partner === null ? this.#fillOne! : sampleAt(partner, step)!;
      // Ambiguity is an error even where a comparison would filter all candidates but one.
      if (produced && this.#matching.card === 'one-to-one') this.#ambiguous();
      produced = true;
      this.#combine(member, sampleAt(member, step)!, filled, sample, step);
    }
    if (matched === null && partner !== null && this.#fillMany !== null) {
      this.#combine(this.#stand(partner), this.#fillMany, partner, sampleAt(partner, step)!, step);
    }
  }

  /** A series that is not there: it has the labels that were matched by and nothing else. */
  #stand(other: StepSeries): StepSeries {
    const { labels, on } = this.#matching;
    const names = new Set(labels);
    return { ...other, labels: on ? other.labels.keep(names) : withoutName(other.labels).drop(names) };
  }

  #combine(many: StepSeries, manySample: Sample, one: StepSeries, oneSample: Sample, step: number): void {
    const left = this.#swapped ? oneSample : manySample;
    const right = this.#swapped ? manySample : oneSample;
    const { annotations } = this.#evaluator.context;
    const { value, holds } = combineSamples(this.#node.op, left, right, annotations, this.#node.span);
    if (value === null) return;
    let result: number | FloatHistogram = value;
    if (this.#node.returnBool) result = holds ? 1 : 0;
    else if (!holds) return;
    const { builder } = this.#target(many, one);
    if (builder.presence[step] !== ABSENT) this.#ambiguous();
    builder.set(step, result);
  }

  /** Where results of a pair go; pairs whose results have equal labels share it. */
  #target(many: StepSeries, one: StepSeries): { builder: SeriesBuilder; labels: Labels; dropName: boolean } {
    const labels = this.#resultLabels(many.labels, one.labels);
    let target = this.#out.get(labels.key);
    if (target === undefined) {
      const dropName = this.#node.returnBool || (this.#keepsName && many.dropName);
      target = { builder: new SeriesBuilder(this.#steps.count), labels, dropName };
      this.#out.set(labels.key, target);
    }
    return target;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { card, on, labels, include } = this.#matching;
    const delayed = this.#evaluator.context.options.delayedNameRemoval && this.#node.returnBool;
    let result = this.#keepsName || delayed ? many : withoutName(many);
    if (card === 'one-to-one') {
      const names = new Set(labels);
      result = on ? result.keep(names) : result.drop(names);
    }
    for (const name of include) result = result.with(name, one.get(name));
    return result;
  }

  #ambiguous(): never {
    const detail =
      this.#matching.card === 'one-to-one'
        ? 'many-to-one matching must be explicit (group_left/group_right)'
        : 'grouping labels must ensure unique matches';
    throw new QueryError('execution', `multiple matches for labels: ${detail}`);
  }

  #duplicate(second: StepSeries, first: StepSeries): never {
    const { on, labels } = this.#matching;
    const names = new Set(labels);
    const group = on ? second.labels.keep(names) : withoutName(second.labels).drop(names);
    const side = this.#swapped ? 'left' : 'right';
    const where = `found duplicate series for the match group ${group.toBraces()} on the ${side} hand-side of the operation`;
    const why = 'many-to-many matching not allowed: matching labels must be unique on one side';
    throw new QueryError('execution', `${where}: [${second.labels.toBraces()}, ${first.labels.toBraces()}];${why}`);
  }
}
