// Where the results of matched pairs go: one series for each set of result labels.
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { SeriesBuilder, type StepSeries, withoutName } from '../engine/value.ts';
import type { VectorMatching } from '../parse/ast.ts';

export interface MatchTarget {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly builder: SeriesBuilder;
}

export interface TargetRules {
  readonly matching: VectorMatching;
  readonly stepCount: number;
  /** The name of the many side stays (comparisons that filter). */
  readonly keepsName: boolean;
  /** The name stays until the end of the query, when it is dropped. */
  readonly dropsNameLater: boolean;
  readonly returnBool: boolean;
}

export class MatchTargets {
  readonly #rules: TargetRules;
  readonly #labelNames: ReadonlySet<string>;
  readonly #all: MatchTarget[] = [];
  /** Null when pairs of different groups or members never have the same result labels: then no keys are needed. */
  readonly #byKey: Map<string, MatchTarget> | null;

  /** `many`: the side whose labels the results have. */
  constructor(rules: TargetRules, many: readonly StepSeries[]) {
    this.#rules = rules;
    this.#labelNames = new Set(rules.matching.labels);
    this.#byKey = staysApart(rules, many) ? null : new Map();
  }

  get all(): readonly MatchTarget[] {
    return this.#all;
  }

  /**
   * The target of a pair. `near` are those targets that may have the same labels if any do: of the same member, or, one
   * to one, of the same group; a new one is added to it.
   */
  of(many: Labels, one: Labels, near: MatchTarget[]): MatchTarget {
    const labels = this.#resultLabels(many, one);
    let target = this.#byKey === null ? near.find((each) => each.labels.equals(labels)) : this.#byKey.get(labels.key);
    if (target === undefined) {
      const { returnBool: dropName, stepCount } = this.#rules;
      target = { builder: new SeriesBuilder(stepCount), labels, dropName };
      this.#all.push(target);
      this.#byKey?.set(labels.key, target);
      near.push(target);
    }
    return target;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { matching, keepsName, dropsNameLater } = this.#rules;
    let result = keepsName || dropsNameLater ? many : withoutName(many);
    if (matching.card === 'one-to-one') {
      result = matching.on ? result.keep(this.#labelNames) : result.drop(this.#labelNames);
    }
    for (const name of matching.include) result = result.with(name, one.get(name));
    return result;
  }
}

/**
 * Series of a vector differ. They still do as results when nothing by which they may differ is taken away: the name (of
 * which all have the same), and, many to one, labels that are copied from the other side. One to one, what is left
 * beside the name is what was matched by.
 */
function staysApart({ matching }: TargetRules, many: readonly StepSeries[]): boolean {
  // What is filled in has the labels matched by, and may meet a series that has no others.
  if (matching.fillLeft !== null || matching.fillRight !== null) return false;
  if (many.length === 0) return true;
  const { pairs } = many[0]!.labels;
  const name = pairs[0] === METRIC_NAME ? pairs[1] : undefined;
  const { card, include, on, labels } = matching;
  if (on && labels.some((label) => label.startsWith('__'))) return false;
  return many.every(({ labels: own, dropName }) => {
    const first = own.pairs[0];
    const ownName = first === METRIC_NAME ? own.pairs[1] : undefined;
    const next = ownName === undefined ? first : own.pairs[2];
    // Other metadata, or labels before the name, may hide a difference.
    if (ownName !== name || dropName || next?.startsWith('__') === true) return false;
    if (ownName === undefined && first !== undefined && first < METRIC_NAME && own.has(METRIC_NAME)) return false;
    return card === 'one-to-one' || !include.some((label) => own.has(label));
  });
}
