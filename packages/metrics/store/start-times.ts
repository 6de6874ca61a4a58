/**
 * Start timestamps ("created") of samples: a step function of time for each series, since a counter begins anew seldom.
 * Times are whole milliseconds. A series without any costs nothing.
 */
export interface StartSteps {
  /** Ascending. */
  readonly times: Float64Array;
  /** From `times[i]` on samples have the start `starts[i]`, in milliseconds, 0 where unknown; before the first, 0. */
  readonly starts: Float64Array;
}

export class StartTimes {
  /** The start of the newest sample of each series; empty until somebody gives one. */
  #newest = new Float64Array(0);
  /** [time, start, time, start, …] by series. */
  readonly #steps = new Map<number, number[]>();

  /** False while no series has any: whoever takes samples need not ask further. */
  get any(): boolean {
    return this.#steps.size > 0;
  }

  /** A sample newer than all of its series. */
  append(ref: number, timestampMs: number, startMs: number): void {
    if (ref >= this.#newest.length) {
      if (startMs === 0) return;
      const larger = new Float64Array(Math.max(1024, ref + 1, this.#newest.length * 2));
      larger.set(this.#newest);
      this.#newest = larger;
    }
    if (this.#newest[ref] === startMs) return;
    this.#newest[ref] = startMs;
    const steps = this.#steps.get(ref);
    if (steps === undefined) this.#steps.set(ref, [timestampMs, startMs]);
    else steps.push(timestampMs, startMs);
  }

  /** A sample older than the newest of its series: a step for this one millisecond. */
  insert(ref: number, timestampMs: number, startMs: number): void {
    let steps = this.#steps.get(ref);
    let at = 0;
    while (steps !== undefined && at < steps.length && steps[at]! <= timestampMs) at += 2;
    const before = at > 0 ? steps![at - 1]! : 0;
    if (before === startMs) return;
    if (steps === undefined) this.#steps.set(ref, (steps = []));
    const restored = steps[at] === timestampMs + 1 ? [] : [timestampMs + 1, before];
    if (at > 0 && steps[at - 2] === timestampMs) steps.splice(at - 1, 1, startMs, ...restored);
    else steps.splice(at, 0, timestampMs, startMs, ...restored);
  }

  of(ref: number): StartSteps | undefined {
    const steps = this.#steps.get(ref);
    if (steps === undefined) return undefined;
    const count = steps.length / 2;
    return {
      times: Float64Array.from({ length: count }, (_, i) => steps[2 * i]!),
      starts: Float64Array.from({ length: count }, (_, i) => steps[2 * i + 1]!),
    };
  }
}

export function startAt(steps: StartSteps | undefined, timestampMs: number): number {
  if (steps === undefined) return 0;
  const { times, starts } = steps;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= timestampMs) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : starts[low - 1]!;
}

/** Collects the steps of samples that come in time order. */
export class StartStepsBuilder {
  readonly #times: number[] = [];
  readonly #starts: number[] = [];

  add(timestampMs: number, startMs: number): void {
    if (startMs === (this.#starts.at(-1) ?? 0)) return;
    this.#times.push(timestampMs);
    this.#starts.push(startMs);
  }

  /** Undefined when no sample has a start. */
  finish(): StartSteps | undefined {
    if (this.#times.length === 0) return undefined;
    return { times: Float64Array.from(this.#times), starts: Float64Array.from(this.#starts) };
  }
}
