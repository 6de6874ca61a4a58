/** The embedded Alertmanager as a part of the metrics service: its file, its folder, its routes, its name on the network map. */
import { formatIssue, type Log } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import { Alertmanager } from '../notify/alertmanager.ts';
import { addAlertmanagerRoutes } from '../notify/api/alertmanager-routes.ts';
import {
  type AlertmanagerConfig,
  loadAlertmanagerConfig,
  NOBODY_IS_TOLD,
  parseAlertmanagerConfig,
} from '../notify/config/alertmanager-config.ts';
import { notificationMetrics, observeAlertmanager, receivedAlerts } from '../notify/notify-metrics.ts';
import type { Fetch } from '../scrape/fetch.ts';
import type { MetricsServiceOptions } from './open-metrics-service.ts';
import type { ServerMetrics } from './own-metrics.ts';
import type { ConfigSource } from './running-config.ts';

/** The name and port that prometheus.yml tells its alerts to in deploy/. */
export const ALERTMANAGER_AUTHORITY = 'alertmanager:9093';

export interface EmbeddedAlertmanager {
  /** Reads the file; throws MARIO_SERVICE_BAD_CONFIGURATION with all that is wrong. */
  read(): AlertmanagerConfig;
  apply(config: AlertmanagerConfig): Promise<void>;
  addRoutes(app: FastifyInstance): Promise<void>;
  close(): Promise<void>;
}

export async function openEmbeddedAlertmanager(
  options: MetricsServiceOptions,
  { registry }: ServerMetrics,
  fetch: Fetch,
  externalUrl: () => string,
): Promise<EmbeddedAlertmanager> {
  const { clock, log } = options;
  const read = () => readConfig(options.alertmanagerConfig ?? { yaml: NOBODY_IS_TOLD }, log);
  const alertmanager = await Alertmanager.open(
    {
      directory: await options.directory.subdirectory('notify'),
      clock,
      log: log.child({ component: 'alertmanager' }),
      fetch,
      random: Math.random,
      externalUrl: () => `${externalUrl()}/alertmanager`,
      counts: notificationMetrics(registry),
    },
    read(),
  );
  observeAlertmanager(registry, alertmanager, () => clock.nowMs());
  const counts = receivedAlerts(registry);
  return {
    read,
    apply: (config) => alertmanager.apply(config),
    addRoutes: (app) => addAlertmanagerRoutes(app, { alertmanager, nowMs: () => clock.nowMs(), ...counts }),
    close: () => alertmanager.close(),
  };
}

function readConfig(source: ConfigSource, log: Log): AlertmanagerConfig {
  const { config, issues, unsupported } =
    'path' in source ? loadAlertmanagerConfig(source.path) : parseAlertmanagerConfig(source.yaml, 'alertmanager.yml');
  issues.throwIfErrors();
  unsupported.throwIfErrors();
  for (const issue of issues.warnings) log.warn(formatIssue(issue));
  return config!;
}
