// An address as a route: identifiers in it are many, and some say who somebody is.

/** A word of a route: small letters and hyphens. Everything else in a path is taken for an identifier. */
const ROUTE_WORD = /^[a-z][a-z-]{0,23}$/;

/** `/api/orders/0198-…/cook` → `/api/orders/{id}/cook`; `/assets/menu.Xy12.js` → `/assets/{file}`. */
export function urlTemplate(path: string): string {
  if (path.startsWith('/assets/')) return '/assets/{file}';
  return path
    .split('/')
    .map((part) => (part === '' || ROUTE_WORD.test(part) ? part : '{id}'))
    .join('/');
}
