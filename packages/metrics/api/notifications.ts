/** What the server tells whoever looks at it: kept while it is so, and sent to who listens (util/notifications of the real one). */
export interface Notification {
  readonly text: string;
  readonly dateMs: number;
  readonly active: boolean;
}

/** The real server's texts. */
export const CONFIGURATION_UNSUCCESSFUL = 'Configuration reload has failed.';
export const SHUTTING_DOWN = 'Prometheus is shutting down and gracefully stopping all operations.';

/** As the real server's `--web.max-notifications-subscribers`: each is a connection that stays. */
export const SUBSCRIBERS_MAX = 16;

export class Notifications {
  readonly #nowMs: () => number;
  #active: readonly Notification[] = [];
  readonly #subscribers = new Set<(notification: Notification) => void>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get active(): readonly Notification[] {
    return this.#active;
  }

  /** Once; a second time changes only the date. */
  add(text: string): void {
    const notification = { text, dateMs: this.#nowMs(), active: true };
    this.#active = [...this.#active.filter((each) => each.text !== text), notification];
    this.#tell(notification);
  }

  remove(text: string): void {
    const found = this.#active.find((each) => each.text === text);
    if (found === undefined) return;
    this.#active = this.#active.filter((each) => each !== found);
    this.#tell({ ...found, active: false });
  }

  /** `tell` gets what is so, at once, and every change. Gives what ends it; undefined when too many listen. */
  subscribe(tell: (notification: Notification) => void): (() => void) | undefined {
    if (this.#subscribers.size >= SUBSCRIBERS_MAX) return undefined;
    this.#subscribers.add(tell);
    for (const notification of this.#active) tell(notification);
    return () => void this.#subscribers.delete(tell);
  }

  #tell(notification: Notification): void {
    for (const tell of this.#subscribers) tell(notification);
  }
}
