// One HTTP POST with kept-alive connections, a time limit and a bounded answer.
import http from 'node:http';
import https from 'node:https';
import { RetryableError } from '@mario/otlp';
import type { ClientTls } from '../sending/tls.ts';

export interface PostAnswer {
  readonly status: number;
  readonly contentType: string;
  /** From Retry-After, in seconds or as a date. */
  readonly retryAfterMs: number | undefined;
  readonly body: Buffer;
}

const plainAgent = new http.Agent({ keepAlive: true });
const secureAgent = new https.Agent({ keepAlive: true });
/** Answers are small messages; what is longer is an error page and is cut. */
const answerBytesMax = 64 * 1024;

/** Rejects with `RetryableError` when no answer comes. A timeout of 0 means none. */
export function postBody(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  options: { readonly timeoutMs: number; readonly tls: ClientTls },
): Promise<PostAnswer> {
  const secure = url.startsWith('https:');
  const { ca, rejectUnauthorized } = options.tls;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(new RetryableError(`failed to make an HTTP request: ${error.message}`, { cause: error }));
    const request = (secure ? https : http).request(url, {
      method: 'POST',
      agent: secure ? secureAgent : plainAgent,
      headers: { ...headers, 'content-length': String(body.length) },
      ...(options.timeoutMs > 0 ? { signal: AbortSignal.timeout(options.timeoutMs) } : {}),
      ...(secure ? { rejectUnauthorized, ...(ca === undefined ? {} : { ca }) } : {}),
    });
    request.once('error', failed);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        if (size < answerBytesMax) chunks.push(chunk);
        size += chunk.length;
      });
      response.once('error', failed);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          retryAfterMs: retryAfterMs(response.headers['retry-after']),
          body: Buffer.concat(chunks).subarray(0, answerBytesMax),
        }),
      );
    });
    request.end(body);
  });
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
