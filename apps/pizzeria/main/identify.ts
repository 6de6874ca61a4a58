// Finds out who sends a request, and whether the route is for them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, problem, sendProblem } from '../api/problem.ts';
import { sessionOf } from '../api/session-cookie.ts';
import { judge } from '../application/identity/access.ts';
import type { Principal } from '../application/identity/principal.ts';
import type { Pizzeria } from '../application/pizzeria.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it; undefined for guests. */
    principal: Principal | undefined;
  }
}

/** Renders the page for somebody who is logged in but lacks the role. */
type RefusalPage = (reply: FastifyReply) => FastifyReply;

export function identifyRequests(app: FastifyInstance, { identity }: Pizzeria): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
      // HTTP Basic belongs to the token endpoint, which reads it itself.
      if (token === undefined) return;
      request.principal = await identity.principalOf(token, 'access');
      if (request.principal !== undefined) return;
      reply.header('WWW-Authenticate', 'Bearer error="invalid_token"');
      const detail = 'The access token is unknown, revoked or older than a quarter of an hour; ask for another one.';
      return sendProblem(reply, { ...problem('token-invalid', 401, detail), instance: pathOf(request) });
    }
    const secret = sessionOf(request);
    if (secret !== undefined) request.principal = await identity.principalOf(secret, 'session');
  });
}

/** Holds routes to the access that they name. */
export function guardRoutes(app: FastifyInstance, { access: policy }: Pizzeria, refusalPage: RefusalPage): void {
  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config;
    const verdict = judge(access, request.principal, policy);
    if (verdict === 'allowed') return;
    if (isPage(request)) {
      if (verdict === 'role-missing') return refusalPage(reply);
      return reply.redirect(`/login?return=${encodeURIComponent(request.url)}`, 303);
    }
    const roles = access?.roles.join(' or ') || 'any';
    if (verdict === 'role-missing') {
      const detail = `This needs the role ${roles}; the account has ${request.principal?.roles.join(', ')}.`;
      return sendProblem(reply, { ...problem('role-missing', 403, detail), instance: pathOf(request) });
    }
    reply.header('WWW-Authenticate', 'Bearer');
    const detail = `This needs an account with the role ${roles}: send a token or log in.`;
    return sendProblem(reply, { ...problem('login-required', 401, detail), instance: pathOf(request) });
  });
}

function isPage(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' &&
    !pathOf(request).startsWith('/api/') &&
    request.headers.accept?.includes('text/html') === true
  );
}
