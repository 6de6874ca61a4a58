/** Alertmanager's API v2, for `amtool`, Grafana and the alerting page. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compareStrings } from '../../model/labels.ts';
import { compileRe2 } from '../../model/regex.ts';
import { compareAlerts, compareLabelSets, type NotifyAlert } from '../alert.ts';
import type { Alertmanager, AlertStatus } from '../alertmanager.ts';
import { ALERTMANAGER_VERSION } from '../webhook.ts';
import { alertJson, apiTime, labelsJson } from './alert-json.ts';
import { AlertmanagerApiError, frameworkRefusal, refusal, send } from './api-answer.ts';
import { parseFailure, readAlerts } from './body-reader.ts';
import { matchersOf } from './filter.ts';
import { addSilenceRoutes } from './silence-routes.ts';

export interface AlertmanagerRoutesOptions {
  readonly alertmanager: Alertmanager;
  readonly nowMs: () => number;
  readonly received: (status: 'firing' | 'resolved', count: number) => void;
  readonly invalid: (count: number) => void;
}

/** The path below which the API stands, as behind a real one with `--web.route-prefix`; and at the root, for its port's name. */
export const ALERTMANAGER_PREFIXES = ['/alertmanager/api/v2', '/api/v2'];

/** Many alerts of a large installation in one request. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

export async function addAlertmanagerRoutes(app: FastifyInstance, options: AlertmanagerRoutesOptions): Promise<void> {
  // Where a real one has its page, whoever looks finds the alerts; silences are made in the dashboards.
  for (const path of ['/alertmanager', '/alertmanager/']) app.get(path, (_request, reply) => reply.redirect('/alerts'));
  for (const prefix of ALERTMANAGER_PREFIXES) {
    await app.register(async (scope) => addRoutes(scope, options), { prefix });
  }
}

function addRoutes(app: FastifyInstance, options: AlertmanagerRoutesOptions): void {
  const { alertmanager } = options;
  acceptJson(app);
  app.setErrorHandler((error, _request, reply) => sendApiError(reply, error as Error));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/\?.*$/s, '').replace(/^\/alertmanager/, '');
    return sendApiError(reply, frameworkRefusal(404, 404, `path ${path} was not found`));
  });
  app.get('/alerts', async (request, reply) =>
    send(reply, selectAlerts(request, alertmanager).map(jsonOf(alertmanager))),
  );
  app.post('/alerts', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => receive(request, reply, options));
  app.get('/alerts/groups', async (request, reply) => send(reply, groupsJson(request, alertmanager)));
  app.get('/receivers', async (_request, reply) =>
    send(
      reply,
      alertmanager.config.receivers.map(({ name }) => ({ name })),
    ),
  );
  app.get('/status', async (_request, reply) => send(reply, statusJson(alertmanager)));
  // Not in the real API: what was sent lately, for the alerting page.
  app.get('/notifications', async (_request, reply) => send(reply, alertmanager.state.history.toReversed()));
  addSilenceRoutes(app, alertmanager, options.nowMs);
}

function receive(request: FastifyRequest, reply: FastifyReply, options: AlertmanagerRoutesOptions) {
  const nowMs = options.nowMs();
  const { alertmanager } = options;
  const { alerts, problems } = readAlerts(request.body, nowMs, alertmanager.config.resolveTimeoutMs);
  const resolved = alerts.filter(({ endsAtMs }) => endsAtMs <= nowMs).length;
  options.received('firing', alerts.length - resolved);
  options.received('resolved', resolved);
  const refused = alertmanager.receive(alerts).map(() => 'there are too many alerts');
  const all = [...problems, ...new Set(refused)];
  options.invalid(problems.length + refused.length);
  if (all.length > 0) throw refusal(400, all.join('; '));
  return reply.code(200).send();
}

interface AlertWithStatus {
  readonly alert: NotifyAlert;
  readonly status: AlertStatus;
}

function selectAlerts(request: FastifyRequest, alertmanager: Alertmanager): readonly AlertWithStatus[] {
  const wanted = filterOf(request, alertmanager);
  return alertmanager.activeAlerts
    .toSorted((a, b) => compareStrings(a.fingerprint, b.fingerprint))
    .flatMap((alert) => wanted(alert) ?? []);
}

/** Gives an alert with its status when the request's parameters ask for it. */
function filterOf(request: FastifyRequest, alertmanager: Alertmanager) {
  const params = new URLSearchParams(request.url.replace(/^[^?]*\??/, ''));
  const matchers = matchersOf(params);
  const receiver = receiverOf(params);
  const [active, silenced, inhibited] = ['active', 'silenced', 'inhibited'].map((name) => flag(params, name));
  const statusOf = alertmanager.statuses();
  return (alert: NotifyAlert): AlertWithStatus | undefined => {
    if (!matchers.every((matcher) => matcher.matches(alert.labels.get(matcher.name)))) return undefined;
    if (receiver !== undefined && !alertmanager.receiversOf(alert.labels).some(receiver)) return undefined;
    const status = statusOf(alert);
    if (!active && status.state === 'active') return undefined;
    if (!silenced && status.silencedBy.length > 0) return undefined;
    if (!inhibited && status.inhibitedBy.length > 0) return undefined;
    return { alert, status };
  };
}

const jsonOf =
  (alertmanager: Alertmanager) =>
  ({ alert, status }: AlertWithStatus) =>
    alertJson(alert, status, alertmanager.receiversOf(alert.labels));

function groupsJson(request: FastifyRequest, alertmanager: Alertmanager) {
  const wanted = filterOf(request, alertmanager);
  const groups = alertmanager.groups.toSorted(
    (a, b) => compareLabelSets(a.labels, b.labels) || compareStrings(a.route.receiver, b.route.receiver),
  );
  const active = new Set(alertmanager.activeAlerts.map(({ fingerprint }) => fingerprint));
  return groups.flatMap((group) => {
    const alerts = group.alerts
      .filter(({ fingerprint }) => active.has(fingerprint))
      .toSorted(compareAlerts)
      .flatMap((alert) => wanted(alert) ?? []);
    if (alerts.length === 0) return [];
    const receiver = { name: group.route.receiver };
    return [{ alerts: alerts.map(jsonOf(alertmanager)), labels: labelsJson(group.labels), receiver }];
  });
}

function receiverOf(params: URLSearchParams): ((name: string) => boolean) | undefined {
  const text = params.get('receiver');
  if (text === null || text === '') return undefined;
  try {
    const pattern = compileRe2(`^(?:${text})$`);
    return (name) => pattern.matches(name);
  } catch (error) {
    throw refusal(400, `failed to parse receiver param: ${(error as Error).message}`);
  }
}

/** swag.ConvertBool: absent is true, a word that is not a yes is no. */
function flag(params: URLSearchParams, name: string): boolean {
  const text = params.get(name);
  return text === null || /^(?:true|1|yes|ok|y|on|selected|checked|t|enabled)$/i.test(text);
}

function statusJson(alertmanager: Alertmanager) {
  return {
    cluster: { peers: [], status: 'disabled' },
    config: { original: alertmanager.config.yaml },
    uptime: apiTime(alertmanager.startedMs),
    versionInfo: {
      branch: 'main',
      buildDate: '',
      buildUser: '',
      goVersion: `node ${process.version}`,
      revision: 'mario',
      version: ALERTMANAGER_VERSION,
    },
  };
}

function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) => {
    try {
      return JSON.parse(body) as unknown;
    } catch {
      throw parseFailure('request', 'invalid JSON');
    }
  });
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    const type = request.headers['content-type'] ?? '';
    throw frameworkRefusal(
      415,
      415,
      `unsupported media type ${JSON.stringify(type)}, only [application/json] are allowed`,
    );
  });
}

function sendApiError(reply: FastifyReply, error: Error): FastifyReply {
  if (error instanceof AlertmanagerApiError) return send(reply.code(error.status), error.body);
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  return send(reply.code(status), { code: status, message: error.message });
}
