/** The address bar as state: reading it, changing it, matching it against patterns. */
import { useSyncExternalStore } from 'react';
import type { Route } from '../routes.tsx';

export interface Location {
  readonly path: string;
  readonly search: URLSearchParams;
}

let current = read();
const listeners = new Set<() => void>();

function read(): Location {
  return { path: window.location.pathname, search: new URLSearchParams(window.location.search) };
}

function changed(): void {
  current = read();
  for (const listener of listeners) listener();
}

window.addEventListener('popstate', changed);

export function useLocation(): Location {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** `replace` leaves no step for the back button. Addresses of other sites are refused. */
export function navigate(address: string, options: { readonly replace?: boolean } = {}): void {
  const url = new URL(address, window.location.href);
  if (url.origin !== window.location.origin) return;
  const to = url.pathname + url.search + url.hash;
  if (options.replace === true) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  changed();
  if (options.replace !== true) window.scrollTo(0, 0);
}

/** Changes parameters of the address; undefined takes one away, a list repeats it. */
export function setSearch(
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
  options: { readonly replace?: boolean } = {},
): void {
  const search = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    search.delete(name);
    for (const item of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, item);
  }
  const text = search.toString();
  const scroll = window.scrollY;
  navigate(window.location.pathname + (text === '' ? '' : `?${text}`), options);
  window.scrollTo(0, scroll);
}

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The last route, `*`, takes what nothing else did. */
export function matchRoute(routes: readonly Route[], path: string): RouteMatch {
  for (const route of routes) {
    const parameters = matchPattern(route.pattern, path);
    if (parameters !== undefined) return { route, parameters };
  }
  throw new Error('BUG: the routes have no *');
}

function matchPattern(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  if (pattern === '*') return {};
  const wanted = pattern.split('/');
  const parts = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    if (name.startsWith(':')) parameters[name.slice(1)] = decode(parts[index]!);
    else if (name !== parts[index]) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
