// The cookie by which a browser's session is known (RFC 6265bis).

import type { FastifyReply } from 'fastify';
import { SESSION_MS } from '../application/identity/identity.ts';

export const SESSION_COOKIE = 'mario_session';

/** The session's secret among the cookies, or undefined. */
export function sessionOf(cookies: string): string | undefined {
  return cookieOf(cookies, SESSION_COOKIE);
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
  return setCookie(reply, SESSION_COOKIE, secret, { maxAgeS: SESSION_MS / 1000, isSecure, path: '/' });
}

export function takeSession(reply: FastifyReply, isSecure: boolean): FastifyReply {
  return setCookie(reply, SESSION_COOKIE, '', { maxAgeS: 0, isSecure, path: '/' });
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
