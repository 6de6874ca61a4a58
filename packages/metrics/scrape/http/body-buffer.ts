/** Memory for one response body, used again for the next: a scrape of a megabyte each few seconds leaves no garbage. */

/** Buffers that wait for their next use, and the largest that is worth keeping; the rest is left to the collector. */
const IDLE_MAX = 8;
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

const NOTHING = new Uint8Array(0);

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  constructor() {
    super('body size limit exceeded');
  }
}

export class BodyBuffer {
  readonly #bytesMax: number;
  #memory: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(memory: Uint8Array<ArrayBuffer>, bytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
  }

  get length(): number {
    return this.#length;
  }

  /** What was appended; a view of memory that `BodyBuffers.release` gives away. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#length);
  }

  /** Its memory, which is no longer this buffer's. */
  surrender(): Uint8Array<ArrayBuffer> {
    const memory = this.#memory;
    this.#memory = NOTHING;
    this.#length = 0;
    return memory;
  }

  /** Makes room for a body whose size was announced. Throws BodyTooLargeError. */
  expect(sizeBytes: number): void {
    if (sizeBytes > this.#bytesMax) throw new BodyTooLargeError();
    // What is announced need not come: memory is given as it comes, beyond a size that any scrape may have.
    this.#reserve(Math.min(sizeBytes, KEPT_BYTES_MAX));
  }

  /** Appends `from[start, end)`. Throws BodyTooLargeError. */
  append(from: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytesMax) throw new BodyTooLargeError();
    this.#reserve(length);
    this.#memory.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.#length);
    this.#length = length;
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#memory.length) return;
    const larger = new Uint8Array(
      Math.min(Math.max(sizeBytes, 2 * this.#memory.length), Math.max(sizeBytes, this.#bytesMax)),
    );
    larger.set(this.#memory.subarray(0, this.#length));
    this.#memory = larger;
  }
}

export class BodyBuffers {
  readonly #idle: Uint8Array<ArrayBuffer>[] = [];

  take(bytesMax: number): BodyBuffer {
    return new BodyBuffer(this.#idle.pop() ?? new Uint8Array(FIRST_BYTES), bytesMax);
  }

  /** The buffer's bytes must not be read any more. Releasing twice is harmless. */
  release(buffer: BodyBuffer): void {
    const memory = buffer.surrender();
    const worth = memory.length > 0 && memory.length <= KEPT_BYTES_MAX;
    if (worth && this.#idle.length < IDLE_MAX) this.#idle.push(memory);
  }
}
