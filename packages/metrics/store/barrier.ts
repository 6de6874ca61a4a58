/**
 * A door that whoever changes what has been stored closes behind itself; further requests wait before it:
 *
 *   while (barrier.closed !== undefined) await barrier.closed;
 *
 * in the same turn as what must not happen behind the door, as it may be closed again before a waiting one goes on.
 */
export class Barrier {
  #closed: Promise<void> | undefined;

  /** Resolves when it opens; undefined while it is open. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Keeps it closed until `work`, which has begun, is done. */
  async during(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    try {
      await work;
    } finally {
      this.#closed = undefined;
      resolve();
    }
  }
}
