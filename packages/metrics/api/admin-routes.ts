/** `/admin/tsdb/*`: deleting series and taking snapshots, which is off unless somebody switched it on. */
import type { FastifyInstance } from 'fastify';
import { ApiError, badData, invalidParameter } from './api-error.ts';
import { sendData } from './envelope.ts';
import { Params, TIME_MS_MAX, TIME_MS_MIN } from './params.ts';
import type { ApiSources } from './sources.ts';

const METHODS = ['POST', 'PUT'];

export function addAdminRoutes(app: FastifyInstance, { admin }: ApiSources): void {
  const enabled = () => {
    if (admin === undefined) {
      // The real server has no status for this type of its own, and so it is 500 there.
      throw new ApiError('unavailable', 'admin APIs disabled', { status: 500 });
    }
    return admin;
  };
  app.route({
    method: METHODS,
    url: '/api/v1/admin/tsdb/delete_series',
    handler: async (request, reply) => {
      const source = enabled();
      const params = Params.of(request);
      if (params.all('match[]').length === 0) throw badData('no match[] parameter provided');
      const startMs = params.timeMs('start', TIME_MS_MIN);
      const endMs = params.timeMs('end', TIME_MS_MAX);
      await source.deleteSeries(params.matcherSets(), startMs, endMs);
      return reply.code(204).send();
    },
  });
  app.route({
    method: METHODS,
    url: '/api/v1/admin/tsdb/clean_tombstones',
    handler: async (_request, reply) => {
      await enabled().cleanTombstones();
      return reply.code(204).send();
    },
  });
  app.route({
    method: METHODS,
    url: '/api/v1/admin/tsdb/snapshot',
    handler: async (request, reply) => {
      const source = enabled();
      const skipHead = booleanOf('skip_head', Params.of(request).text('skip_head'));
      return sendData(reply, { name: await source.snapshot(skipHead) });
    },
  });
}

/** As Go's strconv.ParseBool takes it. */
function booleanOf(name: string, text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw invalidParameter(
    name,
    `unable to parse boolean strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}
