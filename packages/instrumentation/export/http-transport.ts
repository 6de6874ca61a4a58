/** OTLP over HTTP, protobuf or JSON, on node:http with one connection kept open. */
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import type * as https from 'node:https';
import type { OtlpTarget } from '../environment.ts';
import { RESPONSE_BYTES_MAX, type ReadRejected, type SendResult, type Transport, USER_AGENT } from './transport.ts';

/** OTLP, "Retryable Response Codes". */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function createHttpTransport(target: OtlpTarget, readRejected: ReadRejected): Transport {
  const url = new URL(target.url);
  const secure = url.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: 1 };
  const agent = secure ? new (tls().Agent)({ ...agentOptions, ...tlsOptions(target) }) : new http.Agent(agentOptions);
  const headers = {
    'user-agent': USER_AGENT,
    ...target.headers,
    'content-type': target.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
  };
  return {
    description: `${target.url} (${target.protocol})`,
    send(body, gzipped) {
      return post({ url, agent, secure, headers, timeoutMs: target.timeoutMs }, body, gzipped, readRejected);
    },
    close: () => agent.destroy(),
  };
}

interface PostSettings {
  readonly url: URL;
  readonly agent: http.Agent;
  readonly secure: boolean;
  readonly headers: http.OutgoingHttpHeaders;
  readonly timeoutMs: number;
}

function post(settings: PostSettings, body: Uint8Array, gzipped: boolean, readRejected: ReadRejected) {
  return new Promise<SendResult>((resolve) => {
    const retry = (message: string) => resolve({ status: 'retry', afterMs: undefined, message });
    const request = (settings.secure ? tls() : http).request(settings.url, {
      method: 'POST',
      agent: settings.agent,
      headers: {
        ...settings.headers,
        'content-length': body.length,
        ...(gzipped && { 'content-encoding': 'gzip' }),
      },
    });
    const deadline = setTimeout(
      () => request.destroy(new Error(`no answer within ${settings.timeoutMs} ms`)),
      settings.timeoutMs,
    );
    request.on('error', (error) => {
      clearTimeout(deadline);
      retry(error.message);
    });
    request.on('response', (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes <= RESPONSE_BYTES_MAX) chunks.push(chunk);
      });
      response.on('error', (error) => retry(error.message));
      response.on('end', () => {
        clearTimeout(deadline);
        resolve(resultOf(response, Buffer.concat(chunks), readRejected));
      });
    });
    request.end(body);
  });
}

function resultOf(response: http.IncomingMessage, body: Buffer, readRejected: ReadRejected): SendResult {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { status: 'success', ...readRejected(body) };
  const message = `HTTP status ${status}`;
  if (RETRYABLE.has(status))
    return { status: 'retry', afterMs: retryAfterMs(response.headers['retry-after']), message };
  return { status: 'failure', errorType: String(status), message };
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Loaded only by those who need it: it costs milliseconds at the start. */
function tls(): typeof https {
  return process.getBuiltinModule('node:https');
}

function tlsOptions(target: OtlpTarget): https.AgentOptions {
  return {
    ...(target.certificate && { ca: readFileSync(target.certificate) }),
    ...(target.clientKey && { key: readFileSync(target.clientKey) }),
    ...(target.clientCertificate && { cert: readFileSync(target.clientCertificate) }),
  };
}
