// The health_check extension: says over HTTP whether the pipelines run.
import { type ConfigNode, createListener, listen } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import type { ComponentSettings, Extension, ExtensionFactory } from '../../component.ts';
import { endpoint, type ReadContext, text } from '../../config/read-context.ts';

export interface HealthCheckConfig {
  readonly endpoint: string;
  readonly path: string;
  /** Instead of the JSON body. */
  readonly body: { readonly healthy: string; readonly unhealthy: string } | undefined;
}

export const healthCheckExtension: ExtensionFactory<HealthCheckConfig> = {
  kind: 'extension',
  types: ['health_check'],
  readConfig(node: ConfigNode, context: ReadContext) {
    const fields = node.fields({
      endpoint: 'used',
      path: 'used',
      response_body: 'used',
      tls: 'used',
      auth: 'used',
      check_collector_pipeline: 'unused',
      cors: 'unused',
      transport: 'unused',
      include_metadata: 'unused',
      response_headers: 'unused',
      max_request_body_size: 'unused',
      compression_algorithms: 'unused',
      read_timeout: 'unused',
      read_header_timeout: 'unused',
      write_timeout: 'unused',
      idle_timeout: 'unused',
      keep_alives_enabled: 'unused',
      middlewares: 'unused',
    });
    for (const key of ['tls', 'auth'] as const) {
      const found = fields[key];
      if (found !== undefined && !found.isNull)
        context.refuse(found, `${key} is not supported by the embedded collector`);
    }
    const path = text(fields.path, '/');
    if (!path.startsWith('/')) fields.path!.error('path must start with /');
    const body = fields.response_body?.fields({ healthy: 'used', unhealthy: 'used' });
    return {
      endpoint: endpoint(fields.endpoint, 'localhost:13133'),
      path,
      body: body === undefined ? undefined : { healthy: text(body.healthy, ''), unhealthy: text(body.unhealthy, '') },
    };
  },
  create: (config, settings) => new HealthCheck(config, settings),
};

class HealthCheck implements Extension {
  private readonly config: HealthCheckConfig;
  private readonly settings: ComponentSettings;
  private app: FastifyInstance | undefined;
  private readonly opened: string[] = [];
  /** Since when the pipelines run; undefined while they do not. */
  private upSinceMs: number | undefined;

  constructor(config: HealthCheckConfig, settings: ComponentSettings) {
    this.config = config;
    this.settings = settings;
  }

  get addresses(): readonly string[] {
    return this.opened;
  }

  pipelinesReady(ready: boolean): void {
    this.upSinceMs = ready ? this.settings.clock.nowMs() : undefined;
  }

  async start(): Promise<void> {
    const app = await createListener();
    this.app = app;
    app.get(this.config.path, (_request, reply) => {
      const { upSinceMs } = this;
      const healthy = upSinceMs !== undefined;
      reply.code(healthy ? 200 : 503);
      if (this.config.body !== undefined)
        return reply.send(healthy ? this.config.body.healthy : this.config.body.unhealthy);
      if (!healthy) return reply.send({ status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '' });
      const uptimeMs = this.settings.clock.nowMs() - upSinceMs;
      return reply.send({
        status: 'Server available',
        upSince: new Date(upSinceMs).toISOString(),
        uptime: goDuration(uptimeMs),
      });
    });
    const { host, port } = this.settings.listenAddress(this.config.endpoint);
    this.opened.push(await listen(app, `collector (extension ${this.settings.id})`, host, port));
  }

  async shutdown(): Promise<void> {
    await this.app?.close();
  }
}

/** As Go prints it: `1h2m3.5s`. */
function goDuration(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
