// Interaction to next paint: about the slowest interaction of the page, leaving one in fifty out
// (https://web.dev/articles/inp).

/** Enough for the slowest 2 % of five hundred interactions. */
const KEPT_MAX = 10;
const INTERACTIONS_PER_OUTLIER = 50;

export class InteractionDelay {
  /** The slowest interactions by their id; an interaction is several events. */
  readonly #slowest = new Map<number, number>();
  readonly #seen = new Set<number>();

  /** Undefined before the first interaction. `interactions` is the browser's own count, where it has one. */
  value(interactions = this.#seen.size): number | undefined {
    const delays = [...this.#slowest.values()].toSorted((left, right) => right - left);
    return delays[Math.min(delays.length - 1, Math.floor(interactions / INTERACTIONS_PER_OUTLIER))];
  }

  /** Events without an interaction, such as a moving pointer, have the id 0. */
  add(interactionId: number, durationMs: number): void {
    if (interactionId === 0) return;
    this.#seen.add(interactionId);
    this.#slowest.set(interactionId, Math.max(durationMs, this.#slowest.get(interactionId) ?? 0));
    if (this.#slowest.size <= KEPT_MAX) return;
    const [fastest] = [...this.#slowest].reduce((least, each) => (each[1] < least[1] ? each : least));
    this.#slowest.delete(fastest);
  }
}
