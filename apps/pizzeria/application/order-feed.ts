// Who wants to know when an order changes: open tracking pages and boards of this process.

export type OrderWatcher = (orderId: string) => void;

/** Watchers at a time; each is an open connection. Beyond it a page polls instead. */
const WATCHERS_MAX = 1_000;

export class OrderFeed {
  readonly #watchers = new Set<OrderWatcher>();

  /** True when there is room for another watcher. */
  hasRoom(): boolean {
    return this.#watchers.size < WATCHERS_MAX;
  }

  /** Calls the watcher after each change of any order, until the returned function is called. */
  watch(watcher: OrderWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  publish(orderId: string): void {
    for (const watcher of this.#watchers) watcher(orderId);
  }
}
