/** The bytes of an answer on their way to the client; the thread is told when the client has taken some. */
import { Readable } from 'node:stream';

/** Beyond this, the thread waits for the client. */
const BUFFERED_BYTES_MAX = 256 * 1024;

export class PieceStream extends Readable {
  /** Called with the number of pieces that were taken. */
  onTaken: (pieces: number) => void = () => {};
  /** Called when the client is gone before the end. */
  onGone: () => void = () => {};
  #owed = 0;
  #ended = false;
  #tail: Uint8Array | undefined;

  constructor() {
    super({ highWaterMark: BUFFERED_BYTES_MAX });
  }

  /** What is sent before and after the pieces. The stream does not end before it is told. */
  around(head: Uint8Array, tail: Uint8Array): void {
    this.unshift(head);
    this.#tail = tail;
    if (this.#ended) this.#finish();
  }

  piece(bytes: Uint8Array): void {
    if (this.destroyed) return;
    if (this.push(bytes)) this.onTaken(1);
    else this.#owed++;
  }

  /** No piece follows. */
  end(): void {
    this.#ended = true;
    if (this.#tail !== undefined) this.#finish();
  }

  #finish(): void {
    if (this.destroyed) return;
    this.push(this.#tail);
    this.push(null);
  }

  override _read(): void {
    if (this.#owed === 0) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.onTaken(owed);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.#ended) this.onGone();
    callback(error);
  }
}
