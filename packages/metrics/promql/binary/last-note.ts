// Of all that cannot be combined at one step, only what the operator meets last becomes an annotation.
import type { Annotations } from '../engine/annotations.ts';

/** What the binary operators note about two samples. */
export type PairNotes = Pick<
  Annotations,
  'incompatibleTypes' | 'incompatibleBucketLayout' | 'counterResetCollision' | 'boundsReconciled'
>;

interface Note {
  readonly place: number;
  readonly add: () => void;
}

/** Collects notes of pairs in any order; `place` tells in which order the operator meets them. */
export class LastNote implements PairNotes {
  readonly #annotations: Annotations;
  readonly #bySteps = new Map<number, Note>();
  #step = 0;
  #place = 0;

  constructor(annotations: Annotations) {
    this.#annotations = annotations;
  }

  at(step: number, place: number): this {
    this.#step = step;
    this.#place = place;
    return this;
  }

  /** Once all pairs have been combined. */
  addAll(): void {
    for (const { add } of this.#bySteps.values()) add();
  }

  incompatibleTypes(...args: Parameters<Annotations['incompatibleTypes']>): void {
    this.#keep(() => this.#annotations.incompatibleTypes(...args));
  }

  incompatibleBucketLayout(...args: Parameters<Annotations['incompatibleBucketLayout']>): void {
    this.#keep(() => this.#annotations.incompatibleBucketLayout(...args));
  }

  counterResetCollision(...args: Parameters<Annotations['counterResetCollision']>): void {
    this.#keep(() => this.#annotations.counterResetCollision(...args));
  }

  boundsReconciled(...args: Parameters<Annotations['boundsReconciled']>): void {
    this.#keep(() => this.#annotations.boundsReconciled(...args));
  }

  #keep(add: () => void): void {
    const before = this.#bySteps.get(this.#step);
    if (before === undefined || before.place <= this.#place) this.#bySteps.set(this.#step, { place: this.#place, add });
  }
}
