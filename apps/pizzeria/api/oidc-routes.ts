// The way to an OpenID Connect provider and back. Browsers are sent through; it is no operation for programs.

import type { FastifyInstance } from 'fastify';
import { type OidcJourney, OidcRefused } from '../application/identity/oidc.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { safePath } from './form-body.ts';
import { landingPath } from './landing.ts';
import { originOf } from './oauth-routes.ts';
import { cookieOf, giveSession, setCookie } from './session-cookie.ts';

const JOURNEY_COOKIE = 'mario_oidc';
/** Somebody who has to find the second factor first. */
const JOURNEY_S = 600;
const PATH = '/api/auth/oidc';

export interface OidcOptions {
  readonly pizzeria: Pizzeria;
  readonly isSecure: boolean;
  readonly publicUrl: string | undefined;
}

export function oidcRoutes(app: FastifyInstance, { pizzeria, isSecure, publicUrl }: OidcOptions): void {
  const { identity } = pizzeria;
  const { oidc } = identity;
  if (oidc === undefined) return;

  app.get<{ Querystring: { return?: string } }>('/auth/oidc/login', async (request, reply) => {
    try {
      const redirectUri = `${originOf(request, publicUrl)}${PATH}/callback`;
      const { url, journey } = await oidc.begin(redirectUri, safePath(request.query.return));
      setCookie(reply, JOURNEY_COOKIE, encode(journey), { maxAgeS: JOURNEY_S, isSecure, path: PATH });
      return reply.header('Cache-Control', 'no-store').redirect(url, 303);
    } catch (error) {
      if (!(error instanceof OidcRefused)) throw error;
      request.log.warn({ reason: error.message }, 'the provider cannot be asked');
      return reply.redirect('/login?failed=provider', 303);
    }
  });

  app.get('/auth/oidc/callback', async (request, reply) => {
    const journey = decode(cookieOf(request.headers.cookie, JOURNEY_COOKIE));
    setCookie(reply, JOURNEY_COOKIE, '', { maxAgeS: 0, isSecure, path: PATH });
    try {
      if (journey === undefined) throw new OidcRefused('the browser does not know of it any more');
      const callbackUrl = new URL(request.url, originOf(request, publicUrl));
      const session = await identity.welcome(await oidc.finish(callbackUrl, journey));
      request.log.info({ accountId: session.principal.accountId }, 'logged in at the provider');
      return giveSession(reply, session.secret, isSecure)
        .header('Cache-Control', 'no-store')
        .redirect(landingPath(journey.returnPath, session.principal.roles), 303);
    } catch (error) {
      if (!(error instanceof OidcRefused)) throw error;
      request.log.warn({ reason: error.message }, 'a login at the provider was refused');
      return reply.redirect('/login?failed=provider', 303);
    }
  });
}

function encode(journey: OidcJourney): string {
  return Buffer.from(JSON.stringify(journey)).toString('base64url');
}

function decode(text: string | undefined): OidcJourney | undefined {
  if (text === undefined) return undefined;
  try {
    const { state, nonce, verifier, returnPath } = JSON.parse(Buffer.from(text, 'base64url').toString());
    const all = [state, nonce, verifier, returnPath];
    return all.every((each) => typeof each === 'string') ? { state, nonce, verifier, returnPath } : undefined;
  } catch {
    return undefined;
  }
}
