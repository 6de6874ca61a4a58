/** How much there is: statistics and volumes of the streams that a selector matches. */
import type { FastifyInstance } from 'fastify';
import { type LogBlock, lowerBound, noNeedles } from '../logql/evaluation/log-source.ts';
import { type Labels, labelsKey, labelsObject, sortLabels } from '../logql/labels.ts';
import { parseLogSelector } from '../logql/parser.ts';
import { QueryError } from '../logql/query-error.ts';
import { type ApiContext, parametersOf, sendJson } from './api-context.ts';
import { addRoute } from './query-routes.ts';
import type { RequestParameters } from './request-parameters.ts';
import { sampleTime } from './result-json.ts';

const DEFAULT_VOLUME_LIMIT = 100;

/** Buckets of a volume over time; a chart has fewer. */
const BUCKET_COUNT_MAX = 11_000;

export function addIndexRoutes(app: FastifyInstance, context: ApiContext): void {
  addRoute(app, '/loki/api/v1/index/stats', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range();
    const { matchers } = parseLogSelector(parameters.query());
    const blocks = await context.store.select({ matchers, startNs, endNs });
    const totals = {
      streams: new Set(blocks.map(({ stream }) => stream.key)).size,
      chunks: blocks.length,
      bytes: 0,
      entries: 0,
    };
    for (const block of blocks) {
      totals.bytes += block.sizeBytes;
      totals.entries += block.entryCount;
    }
    return sendJson(reply, JSON.stringify(totals));
  });
  addRoute(app, '/loki/api/v1/index/volume', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range();
    const volumes = await collectVolumes(context, parameters, startNs, endNs, 1);
    const time = sampleTime(endNs);
    const result = volumes.map(({ labels, bytes }) => ({
      metric: labelsObject(labels),
      value: [time, String(Math.round(bytes[0]!))],
    }));
    return sendJson(reply, JSON.stringify({ status: 'success', data: { resultType: 'vector', result, stats: {} } }));
  });
  addRoute(app, '/loki/api/v1/index/volume_range', async (request, reply) => {
    const parameters = parametersOf(context, request);
    const { startNs, endNs } = parameters.range();
    const stepNs = parameters.stepNs(startNs, endNs);
    const count = Math.ceil(Number(endNs - startNs) / stepNs) || 1;
    if (!(count <= BUCKET_COUNT_MAX))
      throw new QueryError(`more than ${BUCKET_COUNT_MAX} steps: try increasing the value of the step parameter`);
    const volumes = await collectVolumes(context, parameters, startNs, endNs, count);
    const result = volumes.map(({ labels, bytes }) => ({
      metric: labelsObject(labels),
      values: Array.from(
        bytes,
        (size, bucket) =>
          [sampleTime(startNs + BigInt(Math.round(stepNs * bucket))), String(Math.round(size))] as const,
      ).filter(([, size]) => size !== '0'),
    }));
    return sendJson(reply, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result, stats: {} } }));
  });
}

interface Volume {
  readonly labels: Labels;
  /** By bucket of time. */
  readonly bytes: Float64Array;
}

/** Bytes by labels and bucket, the largest first. */
async function collectVolumes(
  context: ApiContext,
  parameters: RequestParameters,
  startNs: bigint,
  endNs: bigint,
  bucketCount: number,
): Promise<readonly Volume[]> {
  const { matchers } = parseLogSelector(parameters.query());
  const targets = parameters.text('targetLabels')?.split(',');
  const byLabels = parameters.text('aggregateBy') === 'labels';
  const names = targets ?? matchers.map(({ name }) => name);
  const volumes = new Map<string, Volume>();
  for (const block of await context.store.select({ matchers, startNs, endNs })) {
    const bytes = await bytesByBucket(block, startNs, endNs, bucketCount);
    for (const labels of volumeLabels(block.stream.labels, names, byLabels)) {
      const key = labelsKey(labels);
      let volume = volumes.get(key);
      if (volume === undefined) {
        volume = { labels, bytes: new Float64Array(bucketCount) };
        volumes.set(key, volume);
      }
      for (let bucket = 0; bucket < bucketCount; bucket++) volume.bytes[bucket]! += bytes[bucket]!;
    }
  }
  const total = ({ bytes }: Volume): number => bytes.reduce((a, b) => a + b);
  return [...volumes.values()]
    .sort((a, b) => total(b) - total(a))
    .slice(0, parameters.count('limit', DEFAULT_VOLUME_LIMIT));
}

/** By series: the wanted labels together. By labels: each name by itself, with an empty value as Loki writes it. */
function volumeLabels(labels: Labels, names: readonly string[], byLabels: boolean): readonly Labels[] {
  if (byLabels)
    return labels.filter(([name]) => names.length === 0 || names.includes(name)).map(([name]) => [[name, '']]);
  const picked = labels.filter(([name]) => names.includes(name));
  return picked.length === 0 ? [] : [sortLabels([...picked])];
}

/** Exact at the edges: a block that reaches beyond the range, or over several buckets, is looked into. */
async function bytesByBucket(
  block: LogBlock,
  startNs: bigint,
  endNs: bigint,
  bucketCount: number,
): Promise<Float64Array> {
  const bytes = new Float64Array(bucketCount);
  const whole = block.minNs >= startNs && block.maxNs <= endNs;
  if (whole && bucketCount === 1) {
    bytes[0] = block.sizeBytes;
    return bytes;
  }
  const entries = await block.read(noNeedles);
  if (entries === undefined) return bytes;
  const spanNs = Number(endNs - startNs) / bucketCount || 1;
  const end = lowerBound(entries.timesNs, entries.count, endNs + 1n);
  const perEntry = block.sizeBytes / block.entryCount;
  for (let i = lowerBound(entries.timesNs, entries.count, startNs); i < end; i++) {
    const bucket = Math.min(bucketCount - 1, Math.floor(Number(entries.timesNs[i]! - startNs) / spanNs));
    bytes[bucket]! += perEntry;
  }
  return bytes;
}
