/** All scrape pools; a reload replaces the changed ones and leaves the others alone. */
import type { ScrapeConfig } from '../config/scrape-config.ts';
import { ScrapePool, type ScrapePoolContext } from './scrape-pool.ts';

export class ScrapeManager {
  readonly #context: ScrapePoolContext;
  #pools: ScrapePool[] = [];

  constructor(context: ScrapePoolContext) {
    this.#context = context;
  }

  get pools(): readonly ScrapePool[] {
    return this.#pools;
  }

  /** Starts what is new, ends what is gone. Resolves when ended loops have stored their last samples. */
  async apply(configs: readonly ScrapeConfig[]): Promise<void> {
    const kept = new Map(this.#pools.map((pool) => [fingerprint(pool.config), pool]));
    const next = configs.map((config) => kept.get(fingerprint(config)) ?? new ScrapePool(config, this.#context));
    const ended = this.#pools.filter((pool) => !next.includes(pool));
    const started = next.filter((pool) => !this.#pools.includes(pool));
    this.#pools = next;
    // Static targets are known at once: those that go on under a changed config keep their series fresh.
    for (const pool of started) pool.start();
    const live = new Set(next.flatMap((pool) => pool.loops.map((loop) => loop.target.labels.key)));
    await Promise.all(ended.map((pool) => pool.stop((target) => !live.has(target.labels.key))));
  }

  /** Ends all scraping; series do not become stale, the server may come back. */
  async close(): Promise<void> {
    const pools = this.#pools;
    this.#pools = [];
    await Promise.all(pools.map((pool) => pool.stop(() => false)));
  }
}

/** Equal for equal configs. Compiled expressions are covered by their text, big numbers by theirs. */
function fingerprint(config: ScrapeConfig): string {
  return JSON.stringify(config, (key, value) =>
    key === 'regex' ? undefined : typeof value === 'bigint' ? String(value) : value,
  );
}
