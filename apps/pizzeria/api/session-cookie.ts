// The cookie by which a browser's session is known (RFC 6265bis).

import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from '../application/identity/identity.ts';

export const SESSION_COOKIE = 'mario_session';

/**
 * The session's cookie at the address that the browser knows. Cookies are not told apart by port (RFC 6265, section 8.5),
 * so the name does: of two pizzerias on one machine neither logs the other's visitors out.
 */
function nameFor({ port }: FastifyRequest): string {
  return port === null || DEFAULT_PORTS.has(port) ? SESSION_COOKIE : `${SESSION_COOKIE}_${port}`;
}

const DEFAULT_PORTS: ReadonlySet<number> = new Set([80, 443]);

/** The session's secret among the request's cookies, or undefined. */
export function sessionOf(request: FastifyRequest): string | undefined {
  const { cookie } = request.headers;
  // Most requests have none, and need no name.
  return cookie?.includes(SESSION_COOKIE) === true ? cookieOf(cookie, nameFor(request)) : undefined;
}

export function cookieOf(cookies: string | undefined, name: string): string | undefined {
  for (const pair of cookies?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** `isSecure`: customers reach the pizzeria by https, so the cookie must not travel otherwise. */
export function giveSession(reply: FastifyReply, secret: string, isSecure: boolean): FastifyReply {
  return setCookie(reply, nameFor(reply.request), secret, { maxAgeS: SESSION_MS / 1000, isSecure, path: '/' });
}

export function takeSession(reply: FastifyReply, isSecure: boolean): FastifyReply {
  return setCookie(reply, nameFor(reply.request), '', { maxAgeS: 0, isSecure, path: '/' });
}

interface CookieSettings {
  readonly maxAgeS: number;
  readonly isSecure: boolean;
  readonly path: string;
}

/** Scripts cannot read it; other sites' forms do not send it. */
export function setCookie(
  reply: FastifyReply,
  name: string,
  value: string,
  { maxAgeS, isSecure, path }: CookieSettings,
): FastifyReply {
  const secure = isSecure ? '; Secure' : '';
  return reply.header(
    'Set-Cookie',
    `${name}=${value}; Path=${path}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`,
  );
}
