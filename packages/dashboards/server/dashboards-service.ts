/** The dashboards' server: provisioned from Grafana's own files, speaking Grafana's HTTP API, serving the page. */
import { join } from 'node:path';
import {
  addMetricsRoute,
  ConfigIssues,
  closeOnce,
  createListener,
  formatIssue,
  listen,
  type Service,
  type ServiceContext,
  type Timer,
} from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import type { FastifyInstance } from 'fastify';
import { Accounts, DEFAULT_PASSWORD } from './accounts/accounts.ts';
import { problem, requireUser } from './accounts/authenticate.ts';
import { addLoginRoutes, hasSession } from './accounts/login-routes.ts';
import { addDashboardRoutes } from './api/dashboard-routes.ts';
import { addDatasourceProxy } from './api/datasource-proxy.ts';
import { addDatasourceRoutes } from './api/datasource-routes.ts';
import { addRunbookRoutes } from './api/runbook-routes.ts';
import { addTailUpgrade } from './api/tail-upgrade.ts';
import { createDashboardMetrics, VERSION } from './own-metrics.ts';
import { addPages } from './pages/static-pages.ts';
import { DashboardLibrary } from './provisioning/dashboard-library.ts';
import type { Datasource } from './provisioning/datasource.ts';
import type { Environment } from './provisioning/environment.ts';
import { readDatasources } from './provisioning/read-datasources.ts';
import { type DashboardProvider, readProviders } from './provisioning/read-providers.ts';

/** Grafana listens on 3000 inside its container, which Compose publishes as 3001. */
const PORT = 3001;

/** Answers below this are not worth compressing. */
const COMPRESS_BYTES_MIN = 1_024;

export interface DashboardsOptions extends ServiceContext {
  /** Holds `datasources/*.yaml` and `dashboards/*.yaml`, Grafana's provisioning files. */
  readonly provisioningDir: string;
  /** Stands for /var/lib/grafana/dashboards; the folder `dashboards` beside the provisioning one when absent. */
  readonly dashboardsDir?: string;
  /** Holds Markdown files in `runbooks` (what alerts name) and `faults`; `docs` beside `deploy` when absent. */
  readonly docsDir?: string;
  /** Keeps accounts and sessions. The service owns it until it is closed. */
  readonly directory: StorageDirectory;
  /** The folder that the web build wrote. */
  readonly webRoot: string;
  /** 3001 when absent; 0 takes a free one. The port offset is added to the default only. */
  readonly port?: number;
  /** For `$NAME` in provisioning files and GF_SECURITY_ADMIN_USER and _PASSWORD. */
  readonly environment?: Environment;
}

export interface DashboardsService extends Service {
  readonly port: number;
}

/** Throws MARIO_SERVICE_BAD_CONFIGURATION naming every bad file with its line, or an error of the listener. */
export async function openDashboards(options: DashboardsOptions): Promise<DashboardsService> {
  const environment = options.environment ?? process.env;
  const { datasources, library, providers } = readProvisioning(options, environment);
  const accounts = await Accounts.open({
    directory: options.directory,
    clock: options.clock,
    adminUser: environment.GF_SECURITY_ADMIN_USER || 'admin',
    adminPassword: environment.GF_SECURITY_ADMIN_PASSWORD || DEFAULT_PASSWORD,
  });
  const { metrics, listener, datasourceRequests } = createDashboardMetrics(library, datasources);
  const app = await createListener({ metrics: listener, compressBytesMin: COMPRESS_BYTES_MIN });
  const { network } = options;

  addStatusRoutes(app);
  addMetricsRoute(app, metrics);
  addLoginRoutes(app, accounts);
  addPages(app, { webRoot: options.webRoot, hasSession: (request) => hasSession(request, accounts) });
  await app.register(async (members) => {
    members.addHook('onRequest', requireUser(accounts));
    addDashboardRoutes(members, library);
    addRunbookRoutes(members, options.docsDir ?? join(options.provisioningDir, '..', '..', '..', 'docs'));
    addDatasourceRoutes(members, datasources, network);
    addDatasourceProxy(members, { datasources, network, requests: datasourceRequests });
  });
  addTailUpgrade(app, { datasources, network, accounts, log: options.log });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(problem(404, 'not-found', 'Not found')));

  const address = await listen(app, 'dashboards', options.host, options.port ?? PORT + options.portOffset);
  const timers = providers.map(({ updateIntervalMs }) =>
    options.clock.every(updateIntervalMs, () => library.refresh()),
  );
  options.log.info('dashboards ready', {
    address,
    dashboards: library.entries.length,
    datasources: datasources.length,
  });
  return {
    name: 'dashboards',
    addresses: [address],
    port: Number(new URL(address).port),
    close: closeOnce(() => close(app, timers)),
  };
}

function readProvisioning(options: DashboardsOptions, environment: Environment) {
  const issues = new ConfigIssues();
  const { provisioningDir, log } = options;
  const dashboardsDir = options.dashboardsDir ?? join(provisioningDir, '..', 'dashboards');
  const datasources: readonly Datasource[] = readDatasources(join(provisioningDir, 'datasources'), environment, issues);
  const providers: readonly DashboardProvider[] = readProviders(
    join(provisioningDir, 'dashboards'),
    dashboardsDir,
    environment,
    issues,
  );
  const library = new DashboardLibrary(providers, log);
  library.load(issues);
  for (const issue of issues.warnings) log.warn('provisioning', { problem: formatIssue(issue) });
  issues.throwIfErrors();
  return { datasources, library, providers };
}

function addStatusRoutes(app: FastifyInstance): void {
  app.get('/api/health', async () => ({ database: 'ok', version: VERSION, commit: 'mario' }));
  app.get('/ready', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ready\n'));
  app.get('/robots.txt', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );
}

async function close(app: FastifyInstance, timers: readonly Timer[]): Promise<void> {
  for (const timer of timers) timer.cancel();
  await app.close();
}
