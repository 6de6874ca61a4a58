// The menu, kept for those who only look at it: most requests, and it changes once a week.
//
// It is forgotten as soon as this process changes the menu, and after a few seconds anyway, because another process may
// have changed it. Whoever sells reads the table: nobody is sold what is sold out.

import type { Pizza } from '../domain/pizza.ts';
import type { Clock } from './clock.ts';
import type { Answer } from './hindrances.ts';

const KEPT_MS = 5_000;

export type MenuLookup = 'hit' | 'miss' | 'failure';

export interface MenuCacheParts {
  readonly clock: Clock;
  /** True while the cache does not answer: everybody reads the table then. */
  readonly isBroken?: () => Answer<boolean>;
  readonly onLookup?: (outcome: MenuLookup) => void;
}

export class MenuCache {
  readonly #parts: MenuCacheParts;
  #menu: readonly Pizza[] | undefined;
  #untilMs = 0;
  /** Counts the changes, so that a reading that began before one is not kept after it. */
  #changes = 0;

  constructor(parts: MenuCacheParts) {
    this.#parts = parts;
  }

  async all(read: () => Promise<readonly Pizza[]>): Promise<readonly Pizza[]> {
    const { clock, isBroken, onLookup } = this.#parts;
    const broken = isBroken?.() ?? false;
    if (broken !== false && (await broken)) {
      onLookup?.('failure');
      return read();
    }
    if (this.#menu !== undefined && clock.nowMs() < this.#untilMs) {
      onLookup?.('hit');
      return this.#menu;
    }
    onLookup?.('miss');
    const changes = this.#changes;
    const menu = await read();
    if (changes === this.#changes) {
      this.#menu = menu;
      this.#untilMs = clock.nowMs() + KEPT_MS;
    }
    return menu;
  }

  forget(): void {
    this.#changes += 1;
    this.#menu = undefined;
  }
}
