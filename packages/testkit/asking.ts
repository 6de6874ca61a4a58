/** Asks running services over HTTP, embedded or real, and waits until an answer is as it should be. */

export interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Instant query; throws with the server's words when it refuses. */
export async function promql(base: string, query: string, timeS?: number): Promise<readonly Vector[]> {
  const params = new URLSearchParams({ query, ...(timeS === undefined ? {} : { time: String(timeS) }) });
  const answer = await json<{ data: { result: readonly Vector[] } }>(`${base}/api/v1/query?${params}`);
  return answer.data.result;
}

/** Sum over an instant vector; 0 when it is empty. */
export async function sumOf(base: string, query: string): Promise<number> {
  const vector = await promql(base, query);
  return vector.reduce((sum, { value }) => sum + Number(value[1]), 0);
}

export async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body.slice(0, 500)}`);
  return JSON.parse(body) as T;
}

/** Pause between two looks. */
const LOOK_EVERY_MS = 250;

/** Calls `look` until it gives something other than undefined; fails with its last error or `what` when time is up. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let lastError: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`not seen within ${withinMs} ms: ${what}`, { cause: lastError });
}

export interface LogLine {
  readonly labels: Readonly<Record<string, string>>;
  /** Since 1970. */
  readonly timeNs: bigint;
  readonly line: string;
}

/** Lines of the last `since` (a Loki duration), oldest first. */
export async function logql(base: string, query: string, since = '1h'): Promise<readonly LogLine[]> {
  const params = new URLSearchParams({ query, since, limit: '5000', direction: 'forward' });
  const answer = await json<LokiAnswer>(`${base}/loki/api/v1/query_range?${params}`);
  const lines = answer.data.result.flatMap(({ stream, values }) =>
    values.map(([ns, line]) => ({ labels: stream, timeNs: BigInt(ns), line })),
  );
  return lines.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
}

interface LokiAnswer {
  readonly data: {
    readonly result: readonly {
      readonly stream: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [string, string])[];
    }[];
  };
}

export interface FoundTrace {
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly durationMs?: number;
}

/** Traces that match, at most a hundred. */
export async function traceql(base: string, query: string): Promise<readonly FoundTrace[]> {
  const answer = await json<{ traces?: readonly FoundTrace[] }>(
    `${base}/api/search?${new URLSearchParams({ q: query, limit: '100' })}`,
  );
  return answer.traces ?? [];
}
