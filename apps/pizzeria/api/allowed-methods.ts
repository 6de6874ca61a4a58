// Which methods an address takes, for 405 and its `Allow` (RFC 9110, section 15.5.6); collected from the routes.

import type { RouteOptions } from 'fastify';

export class AllowedMethods {
  readonly #routes: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = [];

  /** Takes a route up; for Fastify's `onRoute`. */
  add(route: RouteOptions): void {
    this.#routes.push({ parts: partsOf(route.url), methods: [route.method].flat() });
  }

  /** Empty where nothing is at all. */
  of(path: string): readonly string[] {
    const parts = partsOf(path);
    const methods = this.#routes.filter((route) => matches(route.parts, parts)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

/** The slash at the end counts as little as it does in the router. */
function partsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/');
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  );
}
