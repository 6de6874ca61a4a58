/** Connections that are kept open between scrapes, as the real server's client keeps them. */
import { Connection, type ConnectOptions } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { ResponseReader } from './response-reader.ts';

/** Of one address: scrapes of a target do not overlap, several jobs may share it. */
const IDLE_PER_ADDRESS_MAX = 4;
/** Of all: file descriptors are few (1,024 on many machines). */
const IDLE_MAX = 512;
/** The real server's: a target that is scraped more rarely is connected anew. */
const IDLE_MS_MAX = 5 * 60_000;

export interface PooledExchange {
  /** Equal for connections that can stand for one another. */
  readonly key: string;
  readonly connect: () => Promise<ConnectOptions>;
  readonly request: readonly (string | Uint8Array)[];
  /** Whether the request may be sent a second time: one that met a connection just being closed is. */
  readonly repeatable: boolean;
  readonly reader: () => ResponseReader;
  readonly deadline: Deadline;
}

interface Idle {
  readonly key: string;
  readonly connection: Connection;
  readonly sinceMs: number;
}

export class ConnectionPool {
  /** Longest idle first. */
  readonly #idle = new Set<Idle>();

  /** Resolves with the complete response. */
  async exchange(wanted: PooledExchange): Promise<ResponseReader> {
    const kept = wanted.repeatable ? this.#take(wanted.key) : undefined;
    if (kept !== undefined) {
      const reader = wanted.reader();
      try {
        await this.#run(kept, wanted, reader);
        return reader;
      } catch (error) {
        // Closed by the other side while it rested: nothing was answered, so it is asked again, once.
        if (reader.started || wanted.deadline.ended) throw error;
      }
    }
    const options = await wanted.connect();
    if (wanted.deadline.ended) throw new Error('aborted');
    const reader = wanted.reader();
    await this.#run(new Connection(options), wanted, reader);
    return reader;
  }

  async #run(connection: Connection, wanted: PooledExchange, reader: ResponseReader): Promise<void> {
    await connection.exchange(wanted.request, reader, wanted.deadline);
    if (reader.reusable && wanted.repeatable && !connection.broken) this.#keep(wanted.key, connection);
    else connection.close();
  }

  #take(key: string): Connection | undefined {
    const oldestMs = performance.now() - IDLE_MS_MAX;
    let found: Connection | undefined;
    for (const idle of this.#idle) {
      if (idle.sinceMs < oldestMs) this.#drop(idle);
      else if (idle.key === key && found === undefined) {
        this.#idle.delete(idle);
        idle.connection.wake();
        found = idle.connection;
      }
    }
    return found;
  }

  #keep(key: string, connection: Connection): void {
    let same = 0;
    for (const idle of this.#idle) if (idle.key === key) same++;
    if (same >= IDLE_PER_ADDRESS_MAX) {
      connection.close();
      return;
    }
    if (this.#idle.size >= IDLE_MAX) this.#drop(this.#idle.values().next().value!);
    const idle = { key, connection, sinceMs: performance.now() };
    this.#idle.add(idle);
    connection.rest(() => this.#idle.delete(idle));
  }

  #drop(idle: Idle): void {
    this.#idle.delete(idle);
    idle.connection.close();
  }
}
