/**
 * From a group's flush to its receiver: what is inhibited, out of hours or silenced falls away, what was told already is
 * not told again, the rest is sent to each webhook and remembered (notify.RoutingStage of Alertmanager).
 */
import type { Clock, Log } from '@mario/service';
import type { Fetch } from '../scrape/fetch.ts';
import type { Flush, GroupedAlert } from './aggregation-group.ts';
import type { NotifyAlert } from './alert.ts';
import type { AlertmanagerConfig } from './config/alertmanager-config.ts';
import type { WebhookConfig } from './config/receiver-config.ts';
import { deliver } from './delivery.ts';
import { createInhibitor } from './inhibitor.ts';
import { needsNotification } from './needs-notification.ts';
import type { NotifyState, SentMessage } from './notify-state.ts';
import { isSilencing } from './silence.ts';
import { isWithin } from './time-interval.ts';
import { type Attempt, postWebhook, webhookBody } from './webhook.ts';

export interface NotificationCounts {
  attempted(receiver: string, attempt: Attempt, durationMs: number): void;
  sent(receiver: string): void;
  failed(receiver: string, reason: string): void;
  suppressed(reason: 'inhibition' | 'silence' | 'mute_time_interval' | 'active_time_interval', count: number): void;
}

export interface PipelineContext {
  readonly config: AlertmanagerConfig;
  readonly state: NotifyState;
  readonly alerts: () => readonly NotifyAlert[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly fetch: Fetch;
  readonly externalUrl: () => string;
  readonly counts: NotificationCounts;
}

/** As the real one: however short a group's interval is, a message has this long. */
const TIMEOUT_MS_MIN = 10_000;

/** False when a receiver should have been told and was not. */
export async function notifyGroup(flush: Flush, context: PipelineContext): Promise<boolean> {
  const alerts = remaining(flush, context);
  if (alerts.length === 0) return true;
  const receiver = context.config.receivers.find(({ name }) => name === flush.route.receiver);
  const integrations: readonly (WebhookConfig | undefined)[] =
    receiver === undefined || receiver.webhooks.length === 0 ? [undefined] : receiver.webhooks;
  const told = await Promise.all(
    integrations.map((webhook, index) => notifyIntegration({ ...flush, alerts }, webhook, index, context)),
  );
  return told.every((ok) => ok);
}

/** What nothing keeps from being told. */
function remaining(flush: Flush, context: PipelineContext): readonly GroupedAlert[] {
  const { config, state, counts } = context;
  const { route, nowMs, alerts } = flush;
  const inhibitedBy = createInhibitor(config.inhibitRules, context.alerts(), nowMs);
  const free = alerts.filter(({ alert }) => inhibitedBy(alert.labels).length === 0);
  counts.suppressed('inhibition', alerts.length - free.length);
  const within = (name: string) => (config.timeIntervals.get(name) ?? []).some((each) => isWithin(each, nowMs));
  if (route.activeTimeIntervals.length > 0 && !route.activeTimeIntervals.some(within)) {
    counts.suppressed('active_time_interval', free.length);
    return [];
  }
  if (route.muteTimeIntervals.some(within)) {
    counts.suppressed('mute_time_interval', free.length);
    return [];
  }
  const silences = [...state.silences.values()];
  const heard = free.filter(({ alert }) => !silences.some((silence) => isSilencing(silence, alert.labels, nowMs)));
  counts.suppressed('silence', free.length - heard.length);
  return heard;
}

async function notifyIntegration(
  flush: Flush,
  webhook: WebhookConfig | undefined,
  index: number,
  context: PipelineContext,
): Promise<boolean> {
  const { route, alerts, groupKey, nowMs } = flush;
  const { state, log, counts, clock } = context;
  const key = `${groupKey}:${route.receiver}/${webhook === undefined ? 'none' : 'webhook'}/${index}`;
  const firing = alerts.flatMap(({ alert, resolved }) => (resolved ? [] : [alert.fingerprint]));
  const resolved = alerts.flatMap((each) => (each.resolved ? [each.alert.fingerprint] : []));
  const sendResolved = webhook?.sendResolved ?? true;
  const rules = { sendResolved, repeatIntervalMs: route.repeatIntervalMs };
  if (!needsNotification(state.told(key), { firing, resolved, nowMs }, rules)) return true;
  const shown = sendResolved ? alerts : alerts.filter((each) => !each.resolved);
  if (shown.length > 0) {
    const result = webhook === undefined ? undefined : await send(flush, shown, webhook, context);
    await remember(flush, shown, result, context);
    if (result?.ok === false) {
      counts.failed(route.receiver, result.reason);
      if (!flush.signal.aborted) {
        log.error('a notification could not be sent', {
          receiver: route.receiver,
          group: groupKey,
          error: result.error,
        });
      }
      return false;
    }
    if (result !== undefined) counts.sent(route.receiver);
  }
  const atMs = clock.nowMs();
  const entry = { key, firing, resolved, atMs, expiresAtMs: atMs + 2 * route.repeatIntervalMs };
  await state.putTold(entry).catch((error: unknown) => log.error('what was told could not be kept', { error }));
  return true;
}

function send(
  { route, groupKey, groupLabels, signal }: Flush,
  alerts: readonly GroupedAlert[],
  webhook: WebhookConfig,
  { clock, random, fetch, externalUrl, counts }: PipelineContext,
): Promise<Attempt> {
  const message = { receiver: route.receiver, groupKey, groupLabels, alerts, externalUrl: externalUrl() };
  const body = webhookBody(message, webhook.maxAlerts);
  return deliver((timeoutMs, aborted) => postWebhook(webhook, body, fetch, timeoutMs, aborted), {
    clock,
    random,
    timeoutMs: Math.max(route.groupIntervalMs, TIMEOUT_MS_MIN),
    signal,
    attempted: (attempt, durationMs) => counts.attempted(route.receiver, attempt, durationMs),
  });
}

/** The history that people read. */
async function remember(
  { route, groupLabels, signal }: Flush,
  alerts: readonly GroupedAlert[],
  result: Attempt | undefined,
  { state, clock, log }: PipelineContext,
): Promise<void> {
  if (signal.aborted && result?.ok === false) return;
  const firingCount = alerts.filter(({ resolved }) => !resolved).length;
  const message: SentMessage = {
    atMs: clock.nowMs(),
    receiver: route.receiver,
    status: firingCount > 0 ? 'firing' : 'resolved',
    groupLabels: { ...groupLabels.toObject() },
    alertNames: [...new Set(alerts.map(({ alert }) => alert.labels.get('alertname')))],
    firingCount,
    resolvedCount: alerts.length - firingCount,
    outcome: result === undefined ? 'nobody' : result.ok ? 'sent' : 'failed',
    error: result?.ok === false ? result.error : '',
  };
  await state.addMessage(message).catch((error: unknown) => log.error('a message could not be kept', { error }));
}
