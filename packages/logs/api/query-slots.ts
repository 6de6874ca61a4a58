/** How many queries run at a time: more would only make each of them slower, and memory is shared. */

/** Waiting ones beyond this are refused, as Loki's queue does (`max_outstanding_per_tenant`). */
const WAITING_COUNT_MAX = 2048;

export class TooManyRequestsError extends Error {
  constructor() {
    super('too many outstanding requests');
  }
}

export class QuerySlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      if (this.#waiting.length >= WAITING_COUNT_MAX) throw new TooManyRequestsError();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
