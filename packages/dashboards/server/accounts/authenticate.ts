/** Tells who sends a request: by the session's cookie or by basic authentication. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts, User } from './accounts.ts';
import { isCrossSite, isLocal } from './origin.ts';

export const SESSION_COOKIE = 'grafana_session';

export type Authentication =
  | { readonly user: User; readonly by: 'session' | 'basic' }
  | { readonly user: undefined; readonly why: 'absent' | 'wrong' | 'blocked' | 'default-password' };

/** What of a request tells who sent it: of one that Fastify routes, or of one that asks for a WebSocket. */
export type Sender = Pick<FastifyRequest, 'headers' | 'socket'>;

export async function authenticate(request: Sender, accounts: Accounts): Promise<Authentication> {
  const token = sessionToken(request);
  const bySession = token === undefined ? undefined : accounts.session(token);
  if (bySession !== undefined) return { user: bySession, by: 'session' };
  const basic = basicCredentials(request.headers.authorization);
  if (basic === undefined) return { user: undefined, why: 'absent' };
  const user = await accounts.checkBasic(basic.login, basic.password);
  if (typeof user === 'string') return { user: undefined, why: user };
  if (accounts.passwordIsDefault(user) && !isLocal(request)) return { user: undefined, why: 'default-password' };
  return { user, by: 'basic' };
}

/** For routes that need a user; answers itself when there is none or when another site sent the request. */
export function requireUser(accounts: Accounts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (isCrossSite(request)) {
      await reply.code(403).send(problem(403, 'auth.csrf', 'origin not allowed'));
      return;
    }
    const found = await authenticate(request, accounts);
    if (found.user === undefined) {
      const { status, body } = refusal(found.why);
      await reply.code(status).send(body);
      return;
    }
    request.user = found.user;
  };
}

export function refusal(why: 'absent' | 'wrong' | 'blocked' | 'default-password') {
  if (why === 'default-password')
    return { status: 403, body: problem(403, 'auth.default-password', DEFAULT_PASSWORD_REFUSED) };
  if (why === 'absent') return { status: 401, body: problem(401, 'auth.unauthorized', 'Unauthorized') };
  // Grafana answers a blocked login like a wrong one.
  return { status: 401, body: problem(401, 'password-auth.failed', 'Invalid username or password') };
}

const DEFAULT_PASSWORD_REFUSED =
  'The default password works on this machine only. Change it at http://localhost, or start with GF_SECURITY_ADMIN_PASSWORD set.';

/** The shape of Grafana's errors. */
export function problem(statusCode: number, messageId: string, message: string) {
  return { extra: null, message, messageId, statusCode, traceID: '' };
}

export function sessionToken(request: Pick<Sender, 'headers'>): string | undefined {
  const cookies = request.headers.cookie?.split(';') ?? [];
  const prefix = `${SESSION_COOKIE}=`;
  return cookies
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(prefix))
    ?.slice(prefix.length);
}

function basicCredentials(header: string | undefined): { login: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

declare module 'fastify' {
  interface FastifyRequest {
    user?: User;
  }
}
