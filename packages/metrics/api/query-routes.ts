/** `/query` and `/query_range`: expressions evaluated at an instant, or at steps over a range. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { QueryResult } from '../promql/index.ts';
import { ApiError, badData, invalidParameter } from './api-error.ts';
import { envelopeHead, envelopeTail, sendRaw } from './envelope.ts';
import { formatSample, formatTimestamp, goJson } from './go-json.ts';
import { Params } from './params.ts';
import { QueryGate } from './query-gate.ts';
import { matrixJson, vectorJson } from './result-json.ts';
import type { ApiSources } from './sources.ts';

/** As the real server: more points than a screen has pixels are a mistake in the step. */
const POINTS_MAX = 11_000;

/** As the real server's `--query.timeout`. */
const TIMEOUT_MS = 2 * 60_000;

export function addQueryRoutes(app: FastifyInstance, sources: ApiSources, gate = new QueryGate()): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query',
    handler: async (request, reply) => {
      const params = Params.of(request);
      const timeMs = params.timeMs('time', sources.nowMs());
      const query = params.text('query');
      const options = evaluationOptions(params);
      const result = await gated(reply, params, gate, (signal) =>
        sources.engine.instant(sources.queryable, query, timeMs, { ...options, signal }),
      );
      return sendQueryData(reply, result);
    },
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query_range',
    handler: async (request, reply) => {
      const params = Params.of(request);
      const range = readRange(params);
      const query = params.text('query');
      const options = evaluationOptions(params);
      const result = await gated(reply, params, gate, (signal) =>
        sources.engine.range(sources.queryable, query, range.startMs, range.endMs, range.stepMs, {
          ...options,
          signal,
        }),
      );
      return sendQueryData(reply, result);
    },
  });
}

function sendQueryData(reply: FastifyReply, { data, warnings, infos }: QueryResult): FastifyReply {
  const annotations = { warnings, infos };
  switch (data.type) {
    case 'scalar': {
      const point = `[${formatTimestamp(data.timestampMs)},"${formatSample(data.value)}"]`;
      return sendRaw(reply, `{"resultType":"scalar","result":${point}}`, annotations);
    }
    case 'string': {
      const point = `[${formatTimestamp(data.timestampMs)},${goJson(data.value)}]`;
      return sendRaw(reply, `{"resultType":"string","result":${point}}`, annotations);
    }
    case 'vector':
      return sendPieces(reply, 'vector', vectorJson(data.samples, data.timestampMs), annotations);
    case 'matrix':
      return sendPieces(reply, 'matrix', matrixJson(data.series), annotations);
  }
}

function readRange(params: Params) {
  const startMs = params.requiredTimeMs('start');
  const endMs = params.requiredTimeMs('end');
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time');
  const stepMs = params.durationMs('step');
  if (stepMs <= 0) {
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if ((endMs - startMs) / stepMs > POINTS_MAX) {
    throw badData(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { startMs, endMs, stepMs };
}

function evaluationOptions(params: Params): { readonly lookbackMs?: number } {
  const lookbackMs = params.optionalDurationMs('lookback_delta');
  if (lookbackMs === undefined) return {};
  if (lookbackMs <= 0) throw badData('error parsing lookback delta duration: must be positive');
  return { lookbackMs };
}

/** Within the limits of concurrency and time; given up as soon as the client goes away. */
async function gated<T>(
  reply: FastifyReply,
  params: Params,
  gate: QueryGate,
  evaluate: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const wantedMs = params.optionalDurationMs('timeout') ?? TIMEOUT_MS;
  const abort = new AbortController();
  const gone = () => abort.abort(new DOMException('the client went away', 'AbortError'));
  const timer = setTimeout(() => abort.abort(timeoutError()), Math.min(wantedMs, TIMEOUT_MS));
  reply.raw.once('close', gone);
  try {
    return await gate.run(abort.signal, () => evaluate(abort.signal));
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : asQueryProblem(error);
  } finally {
    clearTimeout(timer);
    reply.raw.off('close', gone);
  }
}

/** An expression that cannot be a query is a bad parameter to the client. */
function asQueryProblem(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  return code === 'bad_data' && !(error instanceof ApiError) ? invalidParameter('query', message) : error;
}

function timeoutError(): Error {
  return Object.assign(new Error('query timed out in expression evaluation'), { code: 'timeout' });
}

/** Sends pieces as they are made; a small result is one piece and one packet. */
function sendPieces(
  reply: FastifyReply,
  type: 'vector' | 'matrix',
  pieces: Generator<string>,
  annotations: { readonly warnings: readonly string[]; readonly infos: readonly string[] },
): FastifyReply {
  const first = pieces.next();
  const second = first.done === true ? first : pieces.next();
  const head = `${envelopeHead()}{"resultType":"${type}","result":`;
  const tail = `}${envelopeTail(annotations)}`;
  reply.type('application/json');
  if (second.done === true) return reply.send(`${head}${first.value ?? '[]'}${tail}`);
  return reply.send(
    Readable.from(
      (function* () {
        yield `${head}${first.value}${second.value}`;
        yield* pieces;
        yield tail;
      })(),
      { objectMode: false },
    ),
  );
}
