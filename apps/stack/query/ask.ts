/** Sends one query to the HTTP API of a Prometheus, a Loki or a Tempo, embedded or real. */
import { parseGoDurationMs, parsePrometheusDurationMs } from '@mario/service';
import { CommandFailure } from '../command.ts';

export const LANGUAGES = ['promql', 'logql', 'traceql'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Question {
  readonly language: Language;
  readonly query: string;
  /** Base of the server's API; the embedded service of that language when undefined. */
  readonly url: string | undefined;
  readonly since: string;
  readonly limit: string;
  readonly host: string;
  readonly portOffset: number;
}

const PORTS: Readonly<Record<Language, number>> = { promql: 9090, logql: 3100, traceql: 3200 };

/** As long as the servers themselves give a query. */
const TIMEOUT_MS = 120_000;

/** The server's answer as it is; throws CommandFailure with the server's own words when it refuses. */
export async function ask(question: Question): Promise<unknown> {
  const base = question.url ?? `http://${question.host}:${PORTS[question.language] + question.portOffset}`;
  const url = new URL(pathFor(question), base.endsWith('/') ? base : base + '/');
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    throw new CommandFailure(`${url.origin} does not answer (${why}); is the stack running?`);
  }
  const body = await response.text();
  if (!response.ok) throw new CommandFailure(`${url.origin} answered ${response.status}: ${serverMessage(body)}`);
  return JSON.parse(body);
}

function pathFor({ language, query, since, limit }: Question): string {
  if (language === 'promql') return `api/v1/query?${new URLSearchParams({ query })}`;
  const sinceMs = parsePrometheusDurationMs(since) ?? parseGoDurationMs(since);
  if (sinceMs === undefined) throw new CommandFailure(`--since must be a duration such as 1h, is ${since}`, 2);
  const nowS = Math.ceil(Date.now() / 1000);
  const range = { start: String(nowS - Math.ceil(sinceMs / 1000)), end: String(nowS), limit };
  return language === 'logql'
    ? `loki/api/v1/query_range?${new URLSearchParams({ query, ...range })}`
    : `api/search?${new URLSearchParams({ q: query, ...range })}`;
}

function serverMessage(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: string; message?: string };
    return parsed.error ?? parsed.message ?? body;
  } catch {
    return body.trim();
  }
}
