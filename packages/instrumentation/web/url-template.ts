// An address as a route: identifiers in it are many, and some say who somebody is.

/** A word of a route: small letters and hyphens. Everything else in a path is taken for an identifier. */
const ROUTE_WORD = /^[a-z][a-z-]{0,23}$/;

const NONE: ReadonlySet<string> = new Set();

/** `/api/orders/0198-…/cook` → `/api/orders/{id}/cook`; `/assets/menu.Xy12.js` → `/assets/{file}`. */
export function urlTemplate(path: string, identifiers = NONE): string {
  if (path.startsWith('/assets/')) return '/assets/{file}';
  return path
    .split('/')
    .map((part) => (part === '' || (ROUTE_WORD.test(part) && !identifiers.has(part)) ? part : '{id}'))
    .join('/');
}

/** What the page's own address puts into its route; it may look like a word: `enzo` of `/delivery/tours/{driverId}`. */
export function identifiersOf(route: string, path: string): ReadonlySet<string> {
  const parts = path.split('/');
  return new Set(route.split('/').flatMap((part, index) => (part.startsWith('{') ? [parts[index] ?? ''] : [])));
}
