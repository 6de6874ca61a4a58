/** `/query` and `/query_range`: expressions evaluated at an instant, or at steps over a range. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { limitResult } from '../query/limit-result.ts';
import type { Answer } from '../query/queries.ts';
import type { QueryRequest } from '../query/query-request.ts';
import { resultPieces } from '../query/result-pieces.ts';
import { ApiError, badData, invalidParameter } from './api-error.ts';
import { envelopeHead, envelopeTail } from './envelope.ts';
import { Params } from './params.ts';
import { QueryGate } from './query-gate.ts';
import { QueryTimer, samplesPerStep } from './query-stats.ts';
import type { ApiSources } from './sources.ts';

/** As the real server: more points than a screen has pixels are a mistake in the step. */
const POINTS_MAX = 11_000;

/** As the real server's `--query.timeout`. */
const TIMEOUT_MS = 2 * 60_000;

export function addQueryRoutes(app: FastifyInstance, sources: ApiSources, gate = new QueryGate()): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query',
    handler: (request, reply) => {
      const params = Params.of(request);
      const limit = params.limit();
      const timeMs = params.timeMs('time', sources.nowMs());
      const range = { kind: 'instant', startMs: timeMs, endMs: timeMs, stepMs: 0, limit } as const;
      return answerQuery(reply, sources, gate, params, range);
    },
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/query_range',
    handler: (request, reply) => {
      const params = Params.of(request);
      const limit = params.limit();
      const range = { kind: 'range', ...readRange(params), limit } as const;
      return answerQuery(reply, sources, gate, params, range);
    },
  });
}

type RequestedRange = Pick<QueryRequest, 'kind' | 'startMs' | 'endMs' | 'stepMs' | 'limit'>;

async function answerQuery(
  reply: FastifyReply,
  sources: ApiSources,
  gate: QueryGate,
  params: Params,
  range: RequestedRange,
): Promise<FastifyReply> {
  const request: QueryRequest = {
    ...range,
    expression: params.text('query'),
    lookbackMs: lookbackOf(params),
    timeoutMs: undefined,
  };
  const timer = new QueryTimer();
  const wanted = params.text('stats');
  const { answer, steps } = await gated(reply, params, gate, async (signal) => {
    timer.begin();
    const byStep = wanted === 'all' && sources.perStepStats === true;
    const perStep = byStep ? await samplesPerStep(sources, request, signal) : undefined;
    return { answer: await evaluate(sources, request, signal), steps: perStep };
  });
  const stats = wanted === '' ? '' : `,"stats":${timer.json(answer, steps)}`;
  return answer.type === 'result' ? sendResult(reply, answer, stats) : sendBytes(reply, answer, stats);
}

async function evaluate(sources: ApiSources, request: QueryRequest, signal: AbortSignal): Promise<Answer> {
  const { engine, queries, queryable } = sources;
  if (queries !== undefined) return queries.answer(request, signal);
  const { kind, expression, startMs, endMs, stepMs, lookbackMs } = request;
  const options = { signal, ...(lookbackMs === undefined ? {} : { lookbackMs }) };
  const result =
    kind === 'instant'
      ? await engine.instant(queryable, expression, startMs, options)
      : await engine.range(queryable, expression, startMs, endMs, stepMs, options);
  return { type: 'result', result: limitResult(result, request.limit) };
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

function lookbackOf(params: Params): number | undefined {
  const lookbackMs = params.optionalDurationMs('lookback_delta');
  if (lookbackMs !== undefined && lookbackMs <= 0) {
    throw badData('error parsing lookback delta duration: must be positive');
  }
  return lookbackMs;
}

/** Within the limits of concurrency and time; given up as soon as the client goes away. */
async function gated<T>(
  reply: FastifyReply,
  params: Params,
  gate: QueryGate,
  evaluation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const wantedMs = params.optionalDurationMs('timeout') ?? TIMEOUT_MS;
  const abort = new AbortController();
  const gone = () => abort.abort(new DOMException('the client went away', 'AbortError'));
  const timer = setTimeout(() => abort.abort(timeoutError()), Math.min(wantedMs, TIMEOUT_MS));
  reply.raw.once('close', gone);
  try {
    return await gate.run(abort.signal, () => evaluation(abort.signal));
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
function sendResult(reply: FastifyReply, { result }: Extract<Answer, { type: 'result' }>, stats: string): FastifyReply {
  const begin = Buffer.from(envelopeHead());
  const end = Buffer.from(`${stats}}${envelopeTail(result)}`);
  const pieces = resultPieces(result.data, { pieceBytes: PIECE_BYTES });
  // Not with for-of: leaving the loop would end the generator.
  const first = pieces.next();
  const second = pieces.next();
  reply.type('application/json');
  if (second.done === true) return reply.send(Buffer.concat([begin, first.value!, end]));
  return reply.send(
    Readable.from(
      (function* () {
        yield Buffer.concat([begin, first.value!]);
        yield second.value;
        yield* pieces;
        yield end;
      })(),
      { objectMode: false },
    ),
  );
}

/** Of an answer made here; what is shorter is sent as one. */
const PIECE_BYTES = 64 * 1024;

function sendBytes(
  reply: FastifyReply,
  { head, body }: Extract<Answer, { type: 'bytes' }>,
  stats: string,
): FastifyReply {
  const begin = Buffer.from(envelopeHead());
  const end = Buffer.from(`${stats}}${envelopeTail(head)}`);
  reply.type('application/json');
  if (body instanceof Uint8Array) return reply.send(Buffer.concat([begin, body, end]));
  body.around(begin, end);
  return reply.send(body);
}
