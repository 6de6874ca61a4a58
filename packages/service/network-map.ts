/**
 * The names that configuration files use (`tempo:4317`, `mario-pizzeria-app:8080`, as in Compose) and where they are
 * in this process. A name that is not on the map is an ordinary network address.
 */

export type Signal = 'traces' | 'metrics' | 'logs';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /**
   * Takes data without a socket when the other end lives in this process: the consumer of that signal (its type is
   * the consumer interface of @mario/otlp, which this package does not know). Absent for what is reached by network.
   */
  readonly consumers?: Readonly<Partial<Record<Signal, object>>>;
}

export class NetworkMap {
  readonly #endpoints = new Map<string, Endpoint>();

  /** Puts `name:port` on the map; the last registration of a name wins. */
  register(authority: string, endpoint: Endpoint): void {
    if (!/^[^:/\s]+:\d+$/.test(authority)) throw new Error(`BUG: ${authority} is not host:port`);
    this.#endpoints.set(authority.toLowerCase(), endpoint);
  }

  unregister(authority: string): void {
    this.#endpoints.delete(authority.toLowerCase());
  }

  /** The endpoint behind `host:port`, or undefined when it is not on the map. */
  lookup(authority: string): Endpoint | undefined {
    return this.#endpoints.get(authority.toLowerCase());
  }

  /** `host:port` to connect to: the mapped one, or the authority itself. */
  resolve(authority: string): string {
    const endpoint = this.lookup(authority);
    if (endpoint === undefined) return authority;
    return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
  }

  /** A URL with its host and port replaced by where they are; other URLs come back unchanged. */
  resolveUrl(url: string): string {
    const parsed = new URL(url);
    const port = parsed.port || (parsed.protocol === 'https:' ? '443' : '80');
    const endpoint = this.lookup(`${parsed.hostname}:${port}`);
    if (endpoint === undefined) return url;
    const path = parsed.pathname === '/' && !url.endsWith('/') ? '' : parsed.pathname;
    const user = parsed.username === '' ? '' : `${parsed.username}${parsed.password && ':' + parsed.password}@`;
    return `${parsed.protocol}//${user}${this.resolve(`${parsed.hostname}:${port}`)}${path}${parsed.search}${parsed.hash}`;
  }

  /** All names with where they are, for status pages. */
  entries(): readonly (readonly [string, Endpoint])[] {
    return [...this.#endpoints].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
