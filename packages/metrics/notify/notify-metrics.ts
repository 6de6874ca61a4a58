/** The embedded Alertmanager's metrics, under the real one's names. */
import type { OwnMetrics } from '@mario/service';
import type { Alertmanager } from './alertmanager.ts';
import type { NotificationCounts } from './notification-pipeline.ts';
import { silenceState } from './silence.ts';

const INTEGRATION = 'webhook';
const LATENCY_BOUNDS_S = [1, 5, 10, 15, 20];

export function notificationMetrics(registry: OwnMetrics): NotificationCounts {
  const requests = registry.counter(
    'alertmanager_notification_requests_total',
    'The total number of attempted notification requests.',
  );
  const requestsFailed = registry.counter(
    'alertmanager_notification_requests_failed_total',
    'The total number of failed notification requests.',
  );
  const notifications = registry.counter(
    'alertmanager_notifications_total',
    'The total number of attempted notifications.',
  );
  const failures = registry.counter(
    'alertmanager_notifications_failed_total',
    'The total number of failed notifications.',
  );
  const suppressed = registry.counter(
    'alertmanager_notifications_suppressed_total',
    'The total number of notifications suppressed for being silenced, inhibited, outside of active time intervals or within muted time intervals.',
  );
  const latency = registry.histogram(
    'alertmanager_notification_latency_seconds',
    'The latency of notifications in seconds.',
    LATENCY_BOUNDS_S,
  );
  for (const counter of [requests, requestsFailed, notifications]) counter.inc({ integration: INTEGRATION }, 0);
  return {
    attempted(_receiver, attempt, durationMs) {
      requests.inc({ integration: INTEGRATION });
      if (!attempt.ok) requestsFailed.inc({ integration: INTEGRATION });
      latency.observe(durationMs / 1000, { integration: INTEGRATION });
    },
    sent: () => notifications.inc({ integration: INTEGRATION }),
    failed(_receiver, reason) {
      notifications.inc({ integration: INTEGRATION });
      failures.inc({ integration: INTEGRATION, reason });
    },
    suppressed: (reason, count) => suppressed.inc({ reason }, count),
  };
}

export function observeAlertmanager(registry: OwnMetrics, alertmanager: Alertmanager, nowMs: () => number): void {
  registry.observed('alertmanager_alerts', 'How many alerts by state.', 'gauge', () => {
    const counts = { active: 0, suppressed: 0 };
    const statusOf = alertmanager.statuses();
    for (const alert of alertmanager.activeAlerts) counts[statusOf(alert).state]++;
    return Object.entries(counts).map(([state, count]) => [{ state }, count]);
  });
  registry.observed('alertmanager_silences', 'How many silences by state.', 'gauge', () => {
    const counts = { active: 0, pending: 0, expired: 0 };
    for (const silence of alertmanager.state.silences.values()) counts[silenceState(silence, nowMs())]++;
    return Object.entries(counts).map(([state, count]) => [{ state }, count]);
  });
  registry.observed(
    'alertmanager_dispatcher_aggregation_groups',
    'Number of active aggregation groups',
    'gauge',
    () => [[{}, alertmanager.groups.length]],
  );
  registry.observed(
    'alertmanager_dispatcher_aggregation_group_limit_reached_total',
    'Number of times when dispatcher failed to create new aggregation group due to limit.',
    'counter',
    () => [[{}, alertmanager.refusedCount]],
  );
  registry.observed('alertmanager_receivers', 'Number of configured receivers.', 'gauge', () => [
    [{}, alertmanager.config.receivers.length],
  ]);
}

/** What came in by the API. */
export function receivedAlerts(registry: OwnMetrics) {
  const received = registry.counter('alertmanager_alerts_received_total', 'The total number of received alerts.');
  const invalid = registry.counter(
    'alertmanager_alerts_invalid_total',
    'The total number of received alerts that were invalid.',
  );
  for (const status of ['firing', 'resolved']) received.inc({ status, version: 'v2' }, 0);
  invalid.inc({ version: 'v2' }, 0);
  return {
    received: (status: 'firing' | 'resolved', count: number) => received.inc({ status, version: 'v2' }, count),
    invalid: (count: number) => invalid.inc({ version: 'v2' }, count),
  };
}
