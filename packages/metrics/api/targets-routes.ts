/** `/targets`, `/scrape_pools`, `/targets/metadata`, `/rules`, `/alerts`, `/alertmanagers`: what the server works on. */
import type { FastifyInstance } from 'fastify';
import { compileMatcher } from '../model/matcher.ts';
import { parseMetricSelector } from '../promql/parse/parser.ts';
import { badData, invalidParameter } from './api-error.ts';
import { sendData } from './envelope.ts';
import { formatSample, goDuration, goTime } from './go-json.ts';
import { Params } from './params.ts';
import type { ActiveTarget, AlertState, ApiSources, RuleGroupState, RuleState } from './sources.ts';

export function addTargetsRoutes(app: FastifyInstance, sources: ApiSources): void {
  app.get('/api/v1/targets', async (request, reply) => {
    const params = Params.of(request);
    const state = params.text('state').toLowerCase();
    const pool = params.text('scrapePool');
    const { active, dropped } = sources.targets();
    const wanted = <T extends { scrapePool: string }>(list: readonly T[]) =>
      pool === '' ? list : list.filter((target) => target.scrapePool === pool);
    const shows = (kind: string) => state === '' || state === 'any' || state === kind;
    const counts: Record<string, number> = {};
    for (const { scrapePool } of dropped) counts[scrapePool] = (counts[scrapePool] ?? 0) + 1;
    return sendData(reply, {
      activeTargets: shows('active') ? wanted(active).map(targetJson) : [],
      droppedTargets: shows('dropped') ? wanted(dropped) : [],
      droppedTargetCounts: shows('dropped') ? counts : {},
    });
  });

  app.get('/api/v1/scrape_pools', async (_request, reply) => {
    const { active, dropped } = sources.targets();
    const pools = new Set([...active, ...dropped].map(({ scrapePool }) => scrapePool));
    return sendData(reply, { scrapePools: [...pools].sort() });
  });

  app.get('/api/v1/targets/metadata', async (request, reply) => {
    const params = Params.of(request);
    const limit = params.text('limit') === '' ? Number.POSITIVE_INFINITY : Number(params.text('limit'));
    if (!Number.isInteger(limit) && limit !== Number.POSITIVE_INFINITY) throw badData('limit must be a number');
    const selector = params.text('match_target');
    const matches = selector === '' ? [] : targetMatchers(selector);
    const metric = params.text('metric');
    const found = sources.targets().active.flatMap((target) => {
      const matched = matches.every((matcher) => compileMatcher(matcher)(target.labels[matcher.name] ?? ''));
      if (!matched) return [];
      const entries = target.metadata.filter((entry) => metric === '' || entry.metric === metric);
      return entries.map(({ metric: name, type, help, unit }) => ({
        target: target.labels,
        ...(metric === '' ? { metric: name } : {}),
        type,
        help,
        unit,
      }));
    });
    return sendData(reply, found.slice(0, limit));
  });

  app.get('/api/v1/rules', async (request, reply) => {
    const params = Params.of(request);
    const type = params.text('type').toLowerCase();
    if (type !== '' && type !== 'alert' && type !== 'record') {
      throw invalidParameter('type', `not supported value "${type}"`);
    }
    const withAlerts = params.text('exclude_alerts').toLowerCase() !== 'true';
    const groups = chooseRules(sources.rules(), params, type);
    const page = paginate(groups, params);
    return sendData(reply, {
      groups: page.groups.map((group) => groupJson(group, withAlerts)),
      ...(page.next === undefined ? {} : { groupNextToken: page.next }),
    });
  });

  app.get('/api/v1/alerts', async (_request, reply) => {
    const rules = sources.rules().flatMap((group) => group.rules);
    const alerts = rules.flatMap((rule) => (rule.kind === 'alerting' ? rule.alerts : []));
    return sendData(reply, { alerts: alerts.map(alertJson) });
  });

  app.get('/api/v1/alertmanagers', async (_request, reply) => {
    const { active, dropped } = sources.alertmanagers();
    const urls = (list: readonly string[]) => list.map((url) => ({ url }));
    return sendData(reply, { activeAlertmanagers: urls(active), droppedAlertmanagers: urls(dropped) });
  });
}

function targetMatchers(selector: string) {
  try {
    return parseMetricSelector(selector);
  } catch (error) {
    throw invalidParameter('match_target', (error as Error).message);
  }
}

function targetJson(target: ActiveTarget) {
  return {
    discoveredLabels: target.discoveredLabels,
    labels: target.labels,
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.scrapeUrl,
    lastError: target.lastError,
    lastScrape: goTime(target.lastScrapeMs),
    lastScrapeDuration: target.lastScrapeDurationS,
    health: target.health,
    scrapeInterval: goDuration(target.scrapeIntervalMs),
    scrapeTimeout: goDuration(target.scrapeTimeoutMs),
  };
}

function chooseRules(groups: readonly RuleGroupState[], params: Params, type: string): readonly RuleGroupState[] {
  const names = new Set(params.all('rule_name[]'));
  const groupNames = new Set(params.all('rule_group[]'));
  const files = new Set(params.all('file[]'));
  const selectors = params.matcherSets('bare');
  const wanted = (rule: RuleState) =>
    (type === '' || (type === 'alert') === (rule.kind === 'alerting')) &&
    (names.size === 0 || names.has(rule.name)) &&
    (selectors.length === 0 ||
      selectors.some((matchers) => matchers.every((m) => compileMatcher(m)(rule.labels[m.name] ?? ''))));
  const narrowed = names.size > 0 || selectors.length > 0;
  return groups
    .filter(
      ({ name, file }) => (groupNames.size === 0 || groupNames.has(name)) && (files.size === 0 || files.has(file)),
    )
    .map((group) => ({ ...group, rules: group.rules.filter(wanted) }))
    .filter((group) => !narrowed || group.rules.length > 0);
}

/** Pages of `group_limit` groups; the token names the first group of the next page. */
function paginate(groups: readonly RuleGroupState[], params: Params) {
  const limit = params.limit('group_limit');
  const token = params.text('group_next_token');
  if (token !== '' && limit === 0) {
    throw badData(
      'invalid parameter "group_limit": group_limit needs to be present in order to paginate over the groups',
    );
  }
  const key = ({ file, name }: RuleGroupState) => Buffer.from(`${file};${name}`).toString('hex');
  const from = token === '' ? 0 : groups.findIndex((group) => key(group) === token);
  if (from < 0) throw badData('invalid parameter "group_next_token": the group is not there any more');
  const to = limit === 0 ? groups.length : from + limit;
  const next = groups[to];
  return { groups: groups.slice(from, to), next: next === undefined ? undefined : key(next) };
}

function groupJson(group: RuleGroupState, withAlerts: boolean) {
  return {
    name: group.name,
    file: group.file,
    rules: group.rules.map((rule) => ruleJson(rule, withAlerts)),
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: group.evaluationTimeS,
    lastEvaluation: goTime(group.lastEvaluationMs),
  };
}

function ruleJson(rule: RuleState, withAlerts: boolean) {
  const tail = {
    health: rule.health,
    ...(rule.lastError === '' ? {} : { lastError: rule.lastError }),
    evaluationTime: rule.evaluationTimeS,
    lastEvaluation: goTime(rule.lastEvaluationMs),
    type: rule.kind,
  };
  const labels = Object.keys(rule.labels).length === 0 && rule.kind === 'recording' ? {} : { labels: rule.labels };
  if (rule.kind === 'recording') return { name: rule.name, query: rule.query, ...labels, ...tail };
  return {
    state: rule.state,
    name: rule.name,
    query: rule.query,
    duration: rule.durationMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    ...labels,
    annotations: rule.annotations,
    alerts: withAlerts ? rule.alerts.map(alertJson) : [],
    ...tail,
  };
}

export function alertJson(alert: AlertState) {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    state: alert.state,
    activeAt: goTime(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === 0 ? {} : { keepFiringSince: goTime(alert.keepFiringSinceMs) }),
    // Go's 'e' format with the shortest digits: 1e+00.
    value: exponentForm(alert.value),
  };
}

function exponentForm(value: number): string {
  if (!Number.isFinite(value)) return formatSample(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
