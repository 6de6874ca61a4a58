/** Tells about data sources in the shapes of Grafana's HTTP API. */
import type { NetworkMap } from '@mario/service';
import type { FastifyInstance } from 'fastify';
import { type Datasource, presentDatasource } from '../provisioning/datasource.ts';

/** What each kind of store answers when it is well. */
const HEALTH_PATHS: Readonly<Record<string, string>> = {
  prometheus: '/api/v1/status/buildinfo',
  loki: '/loki/api/v1/status/buildinfo',
  tempo: '/api/echo',
};

const HEALTH_TIMEOUT_MS = 5_000;

export function addDatasourceRoutes(
  app: FastifyInstance,
  datasources: readonly Datasource[],
  network: NetworkMap,
): void {
  const notFound = { message: 'Data source not found', messageId: 'datasource.notFound' };
  app.get('/api/datasources', async () => datasources.map(presentDatasource));

  app.get('/api/datasources/uid/:uid', async (request, reply) => {
    const { uid } = request.params as { uid: string };
    const datasource = datasources.find((candidate) => candidate.uid === uid);
    return datasource === undefined ? reply.code(404).send(notFound) : presentDatasource(datasource);
  });

  app.get('/api/datasources/name/:name', async (request, reply) => {
    const { name } = request.params as { name: string };
    const datasource = datasources.find((candidate) => candidate.name === name);
    return datasource === undefined ? reply.code(404).send(notFound) : presentDatasource(datasource);
  });

  app.get('/api/datasources/uid/:uid/health', async (request, reply) => {
    const { uid } = request.params as { uid: string };
    const datasource = datasources.find((candidate) => candidate.uid === uid);
    if (datasource === undefined) return reply.code(404).send(notFound);
    const url = network.resolveUrl(datasource.url).replace(/\/$/, '') + (HEALTH_PATHS[datasource.type] ?? '/');
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
      await answer.body?.cancel();
      if (answer.ok) return { status: 'OK', message: 'Data source is working' };
      return reply.code(400).send({ status: 'ERROR', message: `${datasource.url} answers ${answer.status}` });
    } catch (error) {
      return reply
        .code(400)
        .send({ status: 'ERROR', message: `${datasource.url} cannot be reached: ${(error as Error).message}` });
    }
  });

  app.get('/api/frontend/settings', async () => ({
    datasources: Object.fromEntries(datasources.map((datasource) => [datasource.name, presentDatasource(datasource)])),
    defaultDatasource: datasources.find(({ isDefault }) => isDefault)?.name ?? datasources[0]?.name ?? '',
  }));
}
