// Calls between services of which one half was seen, until the other comes or the time is over.

/** One call. A side without a service has not been seen. */
export interface Edge {
  client: string | undefined;
  server: string | undefined;
  connectionType: '' | 'messaging_system' | 'database' | 'virtual_node';
  failed: boolean;
  clientSeconds: number;
  serverSeconds: number;
  /** Values of the configured dimensions, in their order; undefined where a side does not have one. */
  readonly clientDimensions: (string | undefined)[];
  readonly serverDimensions: (string | undefined)[];
  /** Who was called, by the attributes of the client's span. */
  peer: string | undefined;
  /** The server's span has no parent: somebody outside called. */
  isRoot: boolean;
}

interface Waiting {
  readonly edge: Edge;
  readonly untilMs: number;
}

export interface EdgeStoreOptions {
  readonly waitingMax: number;
  readonly waitingMs: number;
  readonly complete: (edge: Edge) => void;
  readonly expired: (edge: Edge) => void;
}

export class EdgeStore {
  readonly #options: EdgeStoreOptions;
  /** In order of their time, since all wait equally long. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: EdgeStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Adds what a span tells to its edge; false when there is no room for a new one. */
  update(key: string, nowMs: number, change: (edge: Edge) => void): boolean {
    const known = this.#waiting.get(key);
    const edge = known?.edge ?? newEdge();
    change(edge);
    if (edge.client !== undefined && edge.server !== undefined) {
      this.#waiting.delete(key);
      this.#options.complete(edge);
      return true;
    }
    if (known !== undefined) return true;
    if (this.#waiting.size >= this.#options.waitingMax) this.expire(nowMs);
    if (this.#waiting.size >= this.#options.waitingMax) return false;
    this.#waiting.set(key, { edge, untilMs: nowMs + this.#options.waitingMs });
    return true;
  }

  expire(nowMs: number): void {
    for (const [key, { edge, untilMs }] of this.#waiting) {
      if (untilMs > nowMs) return;
      this.#waiting.delete(key);
      this.#options.expired(edge);
    }
  }
}

function newEdge(): Edge {
  return {
    client: undefined,
    server: undefined,
    connectionType: '',
    failed: false,
    clientSeconds: 0,
    serverSeconds: 0,
    clientDimensions: [],
    serverDimensions: [],
    peer: undefined,
    isRoot: false,
  };
}
