/** Parameters of API requests: from the query string and, for POST, from a form body, in one list. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { quoteGo } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { parseDuration } from '../promql/parse/duration.ts';
import { parseMetricSelector } from '../promql/parse/parser.ts';
import { ApiError, badData, invalidParameter } from './api-error.ts';

/** Times beyond these are cut to them, as the real server's minTime and maxTime for open ranges. */
export const TIME_MS_MIN = -8_640_000_000_000_000;
export const TIME_MS_MAX = 8_640_000_000_000_000;

const EMPTY_SELECTOR = 'match[] must contain at least one non-empty matcher';

export class Params {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  static of(request: FastifyRequest): Params {
    const values = request.body instanceof URLSearchParams ? new URLSearchParams(request.body) : new URLSearchParams();
    const mark = request.url.indexOf('?');
    if (mark >= 0)
      for (const [name, value] of new URLSearchParams(request.url.slice(mark + 1))) values.append(name, value);
    return new Params(values);
  }

  text(name: string): string {
    return this.#values.get(name) ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.getAll(name);
  }

  /** Milliseconds; `fallbackMs` when absent. */
  timeMs(name: string, fallbackMs: number): number {
    const text = this.text(name);
    if (text === '') return fallbackMs;
    const timeMs = parseTimeMs(text);
    if (timeMs !== undefined) return timeMs;
    const why = `Invalid time value for '${name}': cannot parse ${quoteGo(text)} to a valid timestamp`;
    throw invalidParameter(name, why);
  }

  requiredTimeMs(name: string): number {
    const text = this.text(name);
    const timeMs = parseTimeMs(text);
    if (timeMs === undefined) throw invalidParameter(name, `cannot parse ${quoteGo(text)} to a valid timestamp`);
    return timeMs;
  }

  /** Milliseconds of seconds (`15`, `0.5`) or of a duration (`15s`). */
  durationMs(name: string): number {
    const text = this.text(name);
    const durationMs = parseDurationParameter(text);
    if (durationMs === undefined) throw invalidParameter(name, `cannot parse ${quoteGo(text)} to a valid duration`);
    return durationMs;
  }

  optionalDurationMs(name: string): number | undefined {
    return this.text(name) === '' ? undefined : this.durationMs(name);
  }

  /** 0 (or absent) means no limit. */
  limit(name = 'limit'): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (!/^[+-]?\d+$/.test(text)) {
      throw invalidParameter(name, `strconv.Atoi: parsing ${quoteGo(text)}: invalid syntax`);
    }
    const limit = Number(text);
    if (limit < 0) throw invalidParameter(name, 'limit must be non-negative');
    return limit;
  }

  /**
   * The matchers of each `match[]`; an error when one selects everything by the empty string. Some endpoints of the real
   * server name the parameter in the error, others do not.
   */
  matcherSets(named: 'named' | 'bare' = 'named'): readonly (readonly LabelMatcher[])[] {
    return this.all('match[]').map((selector) => {
      try {
        return parseMetricSelector(selector);
      } catch (error) {
        const { message } = error as Error;
        const why = message.endsWith('must contain at least one non-empty matcher') ? EMPTY_SELECTOR : message;
        throw named === 'named' ? invalidParameter('match[]', why) : badData(why);
      }
    });
  }
}

/** Milliseconds of a Unix time in seconds or of RFC 3339; undefined when it is neither. */
export function parseTimeMs(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const timeMs = Math.round(Number(text) * 1000);
    return Number.isFinite(Number(text)) ? timeMs : undefined;
  }
  if (/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)) {
    const timeMs = Date.parse(text);
    return Number.isNaN(timeMs) ? undefined : timeMs;
  }
  // The two open ends as the real server prints them.
  if (text === '-292273086-05-16T16:47:06Z') return TIME_MS_MIN;
  return text === '292277025-08-18T07:12:54.999999999Z' ? TIME_MS_MAX : undefined;
}

function parseDurationParameter(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const durationMs = Number(text) * 1000;
    return Number.isFinite(durationMs) && Math.abs(durationMs) < 2 ** 63 / 1e6 ? durationMs : undefined;
  }
  try {
    return text === '' ? undefined : parseDuration(text);
  } catch {
    return undefined;
  }
}

/** Form bodies of POST requests become URLSearchParams. */
export function acceptForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(body as string));
  });
}

/** A range of the metadata endpoints; both ends open when absent. */
export function timeRange(params: Params): { readonly startMs: number; readonly endMs: number } {
  return { startMs: params.timeMs('start', TIME_MS_MIN), endMs: params.timeMs('end', TIME_MS_MAX) };
}

/** What a failed evaluation or read is to the client. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  const text = message ?? String(error);
  if (
    code === 'bad_data' ||
    code === 'execution' ||
    code === 'timeout' ||
    code === 'canceled' ||
    code === 'unavailable'
  ) {
    return new ApiError(code, text, { cause: error });
  }
  if (code === 'too_many_samples') return new ApiError('execution', text, { cause: error });
  if (name === 'AbortError') return new ApiError('canceled', 'query was canceled in query execution', { cause: error });
  return new ApiError('internal', text, { cause: error });
}
