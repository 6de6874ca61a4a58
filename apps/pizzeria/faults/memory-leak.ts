// Memory that is held for nothing, up to a cap, and given back at once when the fault ends.

const MIB = 1024 * 1024;
/** Enough to pass the alert's limit from any usual size; far from what a small machine cannot spare. */
const LEAK_BYTES_MAX = 512 * MIB;

export class MemoryLeak {
  #held: ArrayBuffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Holds so much more, unless the cap is reached. */
  leak(mib: number): void {
    const bytes = Math.min(mib * MIB, LEAK_BYTES_MAX - this.#bytes);
    if (bytes <= 0) return;
    const buffer = new ArrayBuffer(bytes);
    // Pages that nobody wrote to are not resident.
    new Uint8Array(buffer).fill(1);
    this.#held.push(buffer);
    this.#bytes += bytes;
  }

  release(): void {
    // A transferred buffer gives its memory back now; the garbage collector would take its time.
    for (const buffer of this.#held) buffer.transfer(0);
    this.#held = [];
    this.#bytes = 0;
  }
}
