/** Collects finished records into requests and hands them on when a batch is full or its time has come. */
import type { BatchEnvironment } from '../environment.ts';
import type { BatchEncoder } from './batch-encoder.ts';

/** `release` is called with the bytes when nobody reads them any more, if ever. */
type TakeRequest = (body: Uint8Array, items: number, release: (body: Uint8Array) => void) => void;

export class Batch<T> {
  readonly #settings: BatchEnvironment;
  readonly #encoder: BatchEncoder<T>;
  readonly #take: TakeRequest;
  readonly #release: (body: Uint8Array) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: BatchEnvironment, encoder: BatchEncoder<T>, take: TakeRequest) {
    this.#settings = settings;
    this.#encoder = encoder;
    this.#take = take;
    this.#release = (body) => encoder.reuse(body);
  }

  /** Never holds more than a full batch: the record that fills it sends it off. */
  add(record: T): void {
    this.#encoder.add(record);
    if (this.#encoder.size >= this.#settings.batchSizeMax) this.emit();
    else this.#timer ??= setTimeout(() => this.emit(), this.#settings.scheduleDelayMs).unref();
  }

  /** Hands on what there is, at once. */
  emit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#encoder.size;
    const body = this.#encoder.take();
    if (body !== undefined) this.#take(body, items, this.#release);
  }
}
