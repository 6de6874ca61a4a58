// Every fetch of the page as a client span whose context travels to our own server, so that one trace leads from the
// click to the statement. Other origins see nothing of it.

import type { Recorder } from './recorder.ts';
import { formatTraceparent, newSpanId, newTraceId } from './trace-context.ts';
import { identifiersOf, urlTemplate } from './url-template.ts';
import { SPAN_KIND } from './wire.ts';

/** The part of a window that is needed here; `fetch` is replaced. */
export interface FetchingWindow {
  fetch: typeof fetch;
  readonly location: Pick<Location, 'href' | 'origin' | 'hostname' | 'port'>;
  readonly performance: Pick<Performance, 'now' | 'timeOrigin'>;
}

export function traceFetches(page: FetchingWindow, recorder: Recorder): void {
  const plain = page.fetch.bind(page);
  const identifiers = identifiersOf(recorder.settings.route, new URL(page.location.href).pathname);
  page.fetch = (input, init) => {
    const target = targetOf(page, identifiers, input, init);
    return target === undefined ? plain(input, init) : traced({ page, recorder, plain, input, init, ...target });
  };
}

interface Target {
  readonly method: string;
  readonly template: string;
}

interface Call extends Target {
  readonly page: FetchingWindow;
  readonly recorder: Recorder;
  readonly plain: typeof fetch;
  readonly input: RequestInfo | URL;
  readonly init: RequestInit | undefined;
}

/** Undefined for other origins, and for what fetch itself is going to refuse. */
function targetOf(
  page: FetchingWindow,
  identifiers: ReadonlySet<string>,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): Target | undefined {
  const isRequest = typeof input === 'object' && 'url' in input;
  const url = URL.parse(isRequest ? input.url : String(input), page.location.href);
  if (url === null || url.origin !== page.location.origin) return undefined;
  const method = init?.method ?? (isRequest ? input.method : 'GET');
  return { method: method.toUpperCase(), template: urlTemplate(url.pathname, identifiers) };
}

/** A trace of its own that links to the page's load: a page may stay open for hours. Sampled as the page was. */
async function traced({ page, recorder, plain, input, init, method, template }: Call): Promise<Response> {
  const { pageSpan } = recorder;
  const span = { traceId: newTraceId(), spanId: newSpanId(), sampled: pageSpan.sampled };
  const headers = new Headers(init?.headers ?? (typeof input === 'object' && 'headers' in input ? input.headers : {}));
  headers.set('traceparent', formatTraceparent(span));
  const nowMs = () => page.performance.timeOrigin + page.performance.now();
  const startMs = nowMs();
  const end = (outcome: Record<string, string | number>, failed: boolean) =>
    recorder.span({
      traceId: span.traceId,
      spanId: span.spanId,
      name: `${method} ${template}`,
      kind: SPAN_KIND.client,
      startMs,
      endMs: nowMs(),
      attributes: {
        'http.request.method': method,
        'url.template': template,
        'server.address': page.location.hostname,
        ...(page.location.port !== '' && { 'server.port': Number(page.location.port) }),
        ...outcome,
      },
      links: [{ traceId: pageSpan.traceId, spanId: pageSpan.spanId }],
      failed,
    });
  try {
    const response = await plain(input, { ...init, headers });
    const failed = response.status >= 400;
    end(
      { 'http.response.status_code': response.status, ...(failed && { 'error.type': `${response.status}` }) },
      failed,
    );
    return response;
  } catch (error) {
    end({ 'error.type': error instanceof Error ? error.name : 'Error' }, true);
    throw error;
  }
}
