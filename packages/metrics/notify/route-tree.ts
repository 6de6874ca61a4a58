/** The tree of routes: which receivers hear of an alert, and how it is grouped for each (dispatch.Route of Alertmanager). */
import type { Labels } from '../model/labels.ts';
import { type AlertMatcher, formatMatchers, matchesAll } from './matcher.ts';

export interface Route {
  /** The matchers on the way from the root: `{}/{severity="critical"}`; part of the key of groups. */
  readonly key: string;
  readonly matchers: readonly AlertMatcher[];
  readonly receiver: string;
  /** Label names, or undefined for `...`: each set of labels is a group of its own. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  /** Go on with the next sibling after a match. */
  readonly continues: boolean;
  readonly routes: readonly Route[];
}

/** The routes that an alert ends at; none when the root does not match. */
export function matchRoutes(route: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const matched = matchRoutes(child, labels);
    found.push(...matched);
    if (matched.length > 0 && !child.continues) break;
  }
  return found.length > 0 ? found : [route];
}

export function routeKey(parent: string | undefined, matchers: readonly AlertMatcher[]): string {
  const own = formatMatchers(matchers);
  return parent === undefined ? own : `${parent}/${own}`;
}

/** The labels that an alert's group on this route has in common. */
export function groupLabels(route: Route, labels: Labels): Labels {
  return route.groupBy === undefined ? labels : labels.keep(new Set(route.groupBy));
}

/** `{}/{severity="critical"}:{alertname="Down"}` */
export function groupKey(route: Route, labels: Labels): string {
  return `${route.key}:${labels.toBraces()}`;
}

/** All routes of the tree, the root first. */
export function flattenRoutes(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(flattenRoutes)];
}
