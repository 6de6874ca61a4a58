/** Reads the tree of routes; what a route does not say it has from its parent (config.Route of Alertmanager). */
import type { ConfigNode } from '@mario/service';
import { isClassicLabelName } from '../../model/labels.ts';
import { type AlertMatcher, compareMatchers, createMatcher, parseMatchers } from '../matcher.ts';
import { type Route, routeKey } from '../route-tree.ts';

/** dispatch.DefaultRouteOpts */
const DEFAULTS = { groupWaitMs: 30_000, groupIntervalMs: 5 * 60_000, repeatIntervalMs: 4 * 3_600_000 };

/** Routes within routes; a deeper tree is a mistake. */
const DEPTH_MAX = 32;

const KEYS = {
  receiver: 'used',
  group_by: 'used',
  matchers: 'used',
  match: 'used',
  match_re: 'used',
  mute_time_intervals: 'used',
  active_time_intervals: 'used',
  continue: 'used',
  routes: 'used',
  group_wait: 'used',
  group_interval: 'used',
  repeat_interval: 'used',
} as const;

export interface RouteNames {
  readonly receivers: ReadonlySet<string>;
  readonly timeIntervals: ReadonlySet<string>;
}

export function readRootRoute(node: ConfigNode, names: RouteNames): Route {
  for (const key of ['matchers', 'match', 'match_re'] as const) {
    const given = node.get(key);
    if (given !== undefined && !given.isNull) {
      given.error('root route must not have any matchers');
      break;
    }
  }
  node.get('mute_time_intervals')?.error('root route must not have any mute time intervals');
  node.get('active_time_intervals')?.error('root route must not have any active time intervals');
  if (!node.get('receiver')?.string()) node.error('root route must specify a default receiver');
  return readRoute(node, undefined, names, 0);
}

function readRoute(node: ConfigNode, parent: Route | undefined, names: RouteNames, depth: number): Route {
  const fields = node.fields(KEYS);
  const receiver = fields.receiver?.string() || parent?.receiver || '';
  if (fields.receiver !== undefined && receiver !== '' && !names.receivers.has(receiver)) {
    fields.receiver.error(`undefined receiver "${receiver}" used in route`);
  }
  const matchers = readMatchers(fields.matchers, fields.match, fields.match_re);
  const interval = (key: 'group_interval' | 'repeat_interval') => {
    const valueMs = fields[key]?.prometheusDurationMs();
    if (valueMs === 0) fields[key]!.error(`${key} cannot be zero`);
    return valueMs;
  };
  const route: Route = {
    key: routeKey(parent?.key, matchers),
    matchers,
    receiver,
    groupBy:
      fields.group_by === undefined ? (parent === undefined ? [] : parent.groupBy) : readGroupBy(fields.group_by),
    groupWaitMs: fields.group_wait?.prometheusDurationMs() ?? parent?.groupWaitMs ?? DEFAULTS.groupWaitMs,
    groupIntervalMs: interval('group_interval') ?? parent?.groupIntervalMs ?? DEFAULTS.groupIntervalMs,
    repeatIntervalMs: interval('repeat_interval') ?? parent?.repeatIntervalMs ?? DEFAULTS.repeatIntervalMs,
    muteTimeIntervals: readIntervalNames(fields.mute_time_intervals, names),
    activeTimeIntervals: readIntervalNames(fields.active_time_intervals, names),
    continues: fields.continue?.boolean() ?? false,
    routes: [],
  };
  if (depth >= DEPTH_MAX) {
    fields.routes?.error(`more than ${DEPTH_MAX} routes within one another`);
    return route;
  }
  return { ...route, routes: (fields.routes?.list() ?? []).map((child) => readRoute(child, route, names, depth + 1)) };
}

function readGroupBy(node: ConfigNode): readonly string[] | undefined {
  const labels = new Set<string>();
  for (const item of node.list()) {
    const label = item.string() ?? '';
    if (label !== '...' && !isClassicLabelName(label)) item.error(`invalid label name "${label}" in group_by list`);
    else if (labels.has(label)) item.error(`duplicated label "${label}" in group_by`);
    labels.add(label);
  }
  if (!labels.has('...')) return [...labels];
  if (labels.size > 1) node.error('cannot have wildcard group_by (`...`) and other other labels at the same time');
  return undefined;
}

function readIntervalNames(node: ConfigNode | undefined, { timeIntervals }: RouteNames): readonly string[] {
  return (node?.list() ?? []).flatMap((item) => {
    const name = item.string() ?? '';
    if (timeIntervals.has(name)) return [name];
    item.error(`undefined time interval "${name}" used in route`);
    return [];
  });
}

/** The real one keeps the anchors of `match_re` in the matcher, and so in the keys of groups. */
function anchored(operator: '=' | '=~', value: string): string {
  return operator === '=~' ? `^(?:${value})$` : value;
}

/** The current list of matchers and the two older mappings, together, in the order in which keys of routes name them. */
export function readMatchers(
  list: ConfigNode | undefined,
  equal: ConfigNode | undefined,
  regex: ConfigNode | undefined,
): readonly AlertMatcher[] {
  const matchers: AlertMatcher[] = [];
  const add = (node: ConfigNode, make: () => readonly AlertMatcher[]) => {
    try {
      matchers.push(...make());
    } catch (error) {
      node.error((error as Error).message);
    }
  };
  for (const [node, operator] of [[equal, '='] as const, [regex, '=~'] as const]) {
    for (const [name, value] of node?.entries() ?? []) {
      if (!isClassicLabelName(name)) value.error(`invalid label name "${name}"`);
      else add(value, () => [createMatcher(name, operator, anchored(operator, value.string() ?? ''))]);
    }
  }
  for (const item of list?.list() ?? []) add(item, () => parseMatchers(item.string() ?? ''));
  return matchers.sort(compareMatchers);
}
