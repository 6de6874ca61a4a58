/** `/status/*` and `/-/*`: the server itself. */
import type { FastifyInstance } from 'fastify';
import { badData } from './api-error.ts';
import { sendData } from './envelope.ts';
import { featureList } from './feature-list.ts';
import { goTime } from './go-json.ts';
import { Params } from './params.ts';
import type { ApiSources, BlockStatus, NamedCount } from './sources.ts';

/** The version of Prometheus whose behaviour is built; clients switch features on by it. */
export const PROMETHEUS_VERSION = '3.14.0';

/** As the real server: a longer list of the heaviest names is asked for with `limit`, up to this. */
const STATS_LIMIT = 10;
const STATS_LIMIT_MAX = 10_000;

const TEXT = 'text/plain; charset=utf-8';

export function addStatusRoutes(app: FastifyInstance, sources: ApiSources): void {
  const { status } = sources;

  app.get('/api/v1/status/config', async (_request, reply) => sendData(reply, { yaml: status.configYaml() }));
  app.get('/api/v1/status/flags', async (_request, reply) => sendData(reply, status.flags()));
  app.get('/api/v1/status/buildinfo', async (_request, reply) => sendData(reply, buildInfo()));
  app.get('/api/v1/status/runtimeinfo', async (_request, reply) => sendData(reply, runtimeInfo(sources)));
  app.get('/api/v1/status/walreplay', async (_request, reply) =>
    // The log is read before the port opens: whoever gets an answer gets this one.
    sendData(reply, { min: 0, max: 0, current: 0, state: 'done' }),
  );
  app.get('/api/v1/features', async (_request, reply) => sendData(reply, featureList(sources)));
  app.get('/api/v1/status/tsdb', async (request, reply) => {
    const params = Params.of(request);
    const limit = params.text('limit') === '' ? STATS_LIMIT : params.limit();
    if (limit < 1) throw badData('limit must be a positive number');
    if (limit > STATS_LIMIT_MAX) throw badData(`limit must not exceed ${STATS_LIMIT_MAX}`);
    return sendData(reply, tsdbJson(sources, limit));
  });

  app.get('/api/v1/status/tsdb/blocks', async (_request, reply) =>
    sendData(reply, { blocks: status.blocks().map(blockJson) }),
  );

  app.get('/-/healthy', async (_request, reply) => reply.type(TEXT).send('Prometheus Server is Healthy.\n'));
  app.get('/-/ready', async (_request, reply) => reply.type(TEXT).send('Prometheus Server is Ready.\n'));
  app.get('/version', async (_request, reply) => reply.type(TEXT).send(`${JSON.stringify(buildInfo())}\n`));
  for (const path of ['/-/reload', '/-/quit']) {
    app.get(path, async (_request, reply) => reply.code(405).type(TEXT).send('Only POST or PUT requests allowed'));
  }
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/quit',
    // Whoever started the stack ends it; a request does not.
    handler: async (_request, reply) => reply.code(403).type(TEXT).send('Lifecycle API is not enabled.'),
  });
  app.route({
    method: ['POST', 'PUT'],
    url: '/-/reload',
    handler: async (_request, reply) => {
      try {
        await sources.reload();
        return await reply.send('');
      } catch (error) {
        return reply
          .code(500)
          .type(TEXT)
          .send(`failed to reload config: ${(error as Error).message}\n`);
      }
    },
  });
}

function buildInfo() {
  return {
    version: PROMETHEUS_VERSION,
    revision: 'mario',
    branch: 'main',
    buildUser: '',
    buildDate: '',
    goVersion: `node ${process.version}`,
  };
}

function runtimeInfo({ status, nowMs }: ApiSources) {
  const reload = status.lastReload();
  return {
    startTime: goTime(status.startedMs),
    CWD: process.cwd(),
    hostname: '',
    serverTime: goTime(nowMs()),
    reloadConfigSuccess: reload.ok,
    lastConfigTime: goTime(reload.atMs),
    corruptionCount: status.corruptionCount(),
    goroutineCount: 1,
    GOMAXPROCS: 1,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: status.storageRetention(),
  };
}

function tsdbJson({ status }: ApiSources, limit: number) {
  const figures = status.tsdb(limit);
  const list = (counts: readonly NamedCount[]) => counts.slice(0, limit);
  return {
    headStats: {
      numSeries: figures.head.numSeries,
      numLabelPairs: figures.head.numLabelPairs,
      chunkCount: figures.head.chunkCount,
      minTime: figures.head.minTimeMs,
      maxTime: figures.head.maxTimeMs,
    },
    seriesCountByMetricName: list(figures.seriesCountByMetricName),
    labelValueCountByLabelName: list(figures.labelValueCountByLabelName),
    memoryInBytesByLabelName: list(figures.memoryInBytesByLabelName),
    seriesCountByLabelValuePair: list(figures.seriesCountByLabelValuePair),
  };
}

/** As the real server's meta.json: the end is not of the block any more, and Go leaves out what is 0. */
function blockJson(block: BlockStatus) {
  return {
    ulid: block.name,
    minTime: block.minTimeMs,
    maxTime: block.maxTimeMs + 1,
    stats: {
      ...(block.sampleCount > 0 ? { numSamples: block.sampleCount } : {}),
      ...(block.seriesCount > 0 ? { numSeries: block.seriesCount } : {}),
      ...(block.tombstoneCount > 0 ? { numTombstones: block.tombstoneCount } : {}),
    },
    compaction: { level: block.compacted ? 2 : 1, sources: [block.name] },
    version: 1,
  };
}
