/** Asks this page's server. Whoever is not logged in is sent to the login page and back afterwards. */
import { navigate } from '../router/router.ts';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface RequestOptions {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly form?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Throws ApiError with the server's own words. */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(path, options);
  const text = await answer.text();
  if (!answer.ok) {
    if (answer.status === 401 && path !== '/login') goToLogin();
    throw new ApiError(answer.status, messageOf(text) ?? `${answer.status} ${answer.statusText}`);
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(answer.status, `the answer of ${path} is not JSON`);
  }
}

async function send(path: string, { method, body, form, headers, signal }: RequestOptions): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    return await fetch(path, {
      method: method ?? (body === undefined && form === undefined ? 'GET' : 'POST'),
      headers: { accept: 'application/json', ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(form === undefined ? {} : { body: form }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(503, 'the dashboards server does not answer; is the stack running?');
  }
}

/** Grafana says `message`, Prometheus and Loki `error`; Loki also answers in plain text. */
function messageOf(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as { message?: unknown; error?: unknown };
    const message = body.message ?? body.error;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return text.trim() === '' ? undefined : text.trim().slice(0, 500);
  }
}

function goToLogin(): void {
  const { pathname, search } = window.location;
  if (pathname === '/login') return;
  navigate(`/login?redirectTo=${encodeURIComponent(pathname + search)}`, { replace: true });
}
