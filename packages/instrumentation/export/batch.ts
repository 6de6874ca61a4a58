/** Collects finished records and hands them on when a batch is full or its time has come. */

export class Batch<T> {
  readonly #sizeMax: number;
  readonly #delayMs: number;
  readonly #take: (records: T[]) => void;
  #records: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(sizeMax: number, delayMs: number, take: (records: T[]) => void) {
    this.#sizeMax = sizeMax;
    this.#delayMs = delayMs;
    this.#take = take;
  }

  /** Never holds more than a full batch: the record that fills it sends it off. */
  add(record: T): void {
    this.#records.push(record);
    if (this.#records.length >= this.#sizeMax) this.emit();
    else this.#timer ??= setTimeout(() => this.emit(), this.#delayMs).unref();
  }

  /** Hands on what there is, at once. */
  emit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    this.#take(records);
  }
}
