/** `/api/v1/openapi.yaml`: the description of the API in OpenAPI 3.1, or 3.2 for who asks for that. */
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { PROMETHEUS_VERSION } from '../status-routes.ts';
import { openApiDocument } from './openapi-document.ts';
import { toYaml } from './yaml.ts';

const IS_3_2: ReadonlySet<string> = new Set(['3.2', '3.2.0']);

export function addOpenApiRoute(app: FastifyInstance): void {
  app.get<{ Querystring: { openapi_version?: string } }>('/api/v1/openapi.yaml', async (request, reply) => {
    const { openapi_version: wanted } = request.query;
    const document = openApiDocument({
      openapi: typeof wanted === 'string' && IS_3_2.has(wanted) ? '3.2.0' : '3.1.0',
      version: PROMETHEUS_VERSION,
      serverUrl: `${request.protocol}://${request.host}/api/v1`,
      hasRoute: (method, url) => app.hasRoute({ method: method as HTTPMethods, url }),
    });
    return reply
      .header('content-type', 'application/yaml; charset=utf-8')
      .header('cache-control', 'no-cache, no-store, must-revalidate')
      .send(toYaml(document));
  });
}
