/** OTLP over HTTP/1.1, protobuf or JSON, on one connection that is kept open. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { diag } from '@opentelemetry/api';
import type { OtlpTarget } from '../environment.ts';
import { HttpConnection, type HttpOrigin } from './http-connection.ts';
import type { HttpResponse } from './http-response.ts';
import { type ReadRejected, type SendResult, type Transport, USER_AGENT } from './transport.ts';

/** OTLP, "Retryable Response Codes". */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What the connection says itself; a header of these names would make the request another one. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'transfer-encoding',
  'upgrade',
]);

export function createHttpTransport(target: OtlpTarget, readRejected: ReadRejected): Transport {
  const head = requestHead(target);
  const connection = new HttpConnection(originOf(target));
  return {
    description: `${target.url} (${target.protocol})`,
    async send(body, gzipped) {
      const ending = `${gzipped ? 'content-encoding: gzip\r\n' : ''}content-length: ${body.length}\r\n\r\n`;
      try {
        return resultOf(await connection.exchange(head + ending, body, target.timeoutMs), readRejected);
      } catch (error) {
        return { status: 'retry', afterMs: undefined, message: messageOf(error as NodeJS.ErrnoException) };
      }
    },
    close: () => connection.close(),
  };
}

/** The head of every request, as far as they are alike; latin1, as headers are. */
function requestHead(target: OtlpTarget): string {
  const url = new URL(target.url);
  const headers = new Map([
    ['host', url.host],
    ['user-agent', USER_AGENT],
  ]);
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  for (const [name, value] of Object.entries(target.headers)) {
    // A line end in a value would end the header, and begin another.
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      diag.warn(`header ${JSON.stringify(name)} for ${target.url} cannot be sent: its name or value is no header's`);
    } else if (!OWN_HEADERS.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  headers.set('content-type', target.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf');
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}`;
}

function originOf(target: OtlpTarget): HttpOrigin {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (!secure) return { host, port, tls: undefined };
  return {
    host,
    port,
    tls: {
      ALPNProtocols: ['http/1.1'],
      // An address is no name to ask for (RFC 6066, section 3).
      ...(isIP(host) === 0 && { servername: host }),
      ...(target.certificate && { ca: readFileSync(target.certificate) }),
      ...(target.clientKey && { key: readFileSync(target.clientKey) }),
      ...(target.clientCertificate && { cert: readFileSync(target.clientCertificate) }),
    },
  };
}

/** Percent-encoding that is none stands for itself: an endpoint must not keep an application from starting. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function resultOf(response: HttpResponse, readRejected: ReadRejected): SendResult {
  const { status } = response;
  if (status >= 200 && status < 300) return { status: 'success', ...readRejected(response.body) };
  const message = `HTTP status ${status}`;
  if (RETRYABLE.has(status)) return { status: 'retry', afterMs: retryAfterMs(response.retryAfter), message };
  return { status: 'failure', errorType: String(status), message };
}

/** A name with several addresses, of which none answers, has an error without a message. */
function messageOf(error: NodeJS.ErrnoException): string {
  return error.message || error.code || String(error);
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
