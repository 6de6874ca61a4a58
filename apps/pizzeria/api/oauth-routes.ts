// OAuth 2.1's endpoints: authorize (with the person's consent), token, revoke, and the document that names them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DemoAccountRefused, OAuthRefused, TooManyAttempts } from '../application/failure.ts';
import type { OAuthClient } from '../application/identity/oauth-client.ts';
import type { Principal } from '../application/identity/principal.ts';
import type { AuthorizationRequest, TokenResponse } from '../application/identity/token-service.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { FORM } from './form-body.ts';
import { documented } from './openapi.ts';
import { problem, sendProblem } from './problem.ts';
import * as schemas from './schemas-accounts.ts';

const TAGS = ['Tokens'];

/** Renders the question whether the client may act for the person who asks for the page. */
export type ConsentPage = (question: ConsentQuestion, request: FastifyRequest) => string;

export interface ConsentQuestion {
  readonly client: OAuthClient;
  readonly principal: Principal;
  readonly redirectUri: string;
  /** To be sent back as they are, with `decision` = allow or deny. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface OAuthOptions {
  readonly pizzeria: Pizzeria;
  readonly consentPage: ConsentPage;
  readonly publicUrl: string | undefined;
}

/** `https://pizza.example`: as configured, else as the request says. */
export function originOf(request: FastifyRequest, publicUrl: string | undefined): string {
  return publicUrl ?? `${request.protocol}://${request.host}`;
}

export function oauthRoutes(app: FastifyInstance, options: OAuthOptions): void {
  authorizeRoutes(app, options);
  tokenRoute(app, options);
  revokeRoute(app, options);
}

/** RFC 8414, at the root of the site. */
export function oauthMetadata(app: FastifyInstance, publicUrl: string | undefined): void {
  app.get('/.well-known/oauth-authorization-server', async (request) => {
    const issuer = originOf(request, publicUrl);
    return {
      issuer,
      authorization_endpoint: `${issuer}/api/auth/authorize`,
      token_endpoint: `${issuer}/api/auth/token`,
      revocation_endpoint: `${issuer}/api/auth/revoke`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: true,
    };
  });
}

type AuthorizeFields = Partial<
  Record<
    'response_type' | 'client_id' | 'redirect_uri' | 'code_challenge' | 'code_challenge_method' | 'state' | 'decision',
    string
  >
>;

/** What a browser is sent through is no operation for programs, so it is not part of the OpenAPI document. */
function authorizeRoutes(app: FastifyInstance, options: OAuthOptions): void {
  const { pizzeria, consentPage } = options;
  app.get<{ Querystring: AuthorizeFields }>('/auth/authorize', async (request, reply) => {
    const asked = readRequest(request, request.query, reply, options);
    if (asked === undefined) return reply;
    if (request.principal?.via !== 'cookie') {
      return reply.redirect(`/login?return=${encodeURIComponent(request.url)}`, 303);
    }
    const { client, redirectUri } = asked;
    const { decision: _decision, ...fields } = request.query;
    const page = consentPage({ client, principal: request.principal, redirectUri, fields }, request);
    // Browsers hold the redirection after a form to form-action as well.
    const target = new URL(redirectUri).origin;
    reply.header(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${target}; base-uri 'none'; frame-ancestors 'none'`,
    );
    return reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(page);
  });

  app.post<{ Body: AuthorizeFields }>('/auth/authorize', async (request, reply) => {
    const asked = readRequest(request, request.body ?? {}, reply, options);
    if (asked === undefined) return reply;
    const { principal } = request;
    if (principal?.via !== 'cookie') return reply.redirect('/login', 303);
    if (request.body.decision !== 'allow') {
      return leadBack(request, reply, asked, { error: 'access_denied' }, options);
    }
    const code = await pizzeria.tokens.grantCode(principal, asked);
    return leadBack(request, reply, asked, { code }, options);
  });
}

/** Undefined when the answer was sent: to the person if the client is unknown, else to the client. */
function readRequest(
  request: FastifyRequest,
  fields: AuthorizeFields,
  reply: FastifyReply,
  options: OAuthOptions,
): AuthorizationRequest | undefined {
  const redirectUri = fields.redirect_uri ?? '';
  const client = options.pizzeria.tokens.clientOf(fields.client_id, redirectUri);
  if (client === undefined) {
    const detail = 'client_id and redirect_uri belong to no registered client; nothing was sent there.';
    void sendProblem(reply, problem('malformed-request', 400, detail));
    return undefined;
  }
  const challenge = fields.code_challenge ?? '';
  const asked = { client, redirectUri, challenge, state: fields.state };
  const error = requestError(fields, challenge);
  if (error === undefined) return asked;
  void leadBack(request, reply, asked, error, options);
  return undefined;
}

function requestError(fields: AuthorizeFields, challenge: string): Record<string, string> | undefined {
  if (fields.response_type !== 'code') return { error: 'unsupported_response_type' };
  if (fields.code_challenge_method !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
    return { error: 'invalid_request', error_description: 'PKCE with code_challenge_method=S256 is required' };
  }
  return undefined;
}

function leadBack(
  request: FastifyRequest,
  reply: FastifyReply,
  { redirectUri, state }: AuthorizationRequest,
  answer: Record<string, string>,
  { publicUrl }: OAuthOptions,
): FastifyReply {
  const target = new URL(redirectUri);
  const parameters = { ...answer, ...(state !== undefined && { state }), iss: originOf(request, publicUrl) };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return reply.header('Cache-Control', 'no-store').redirect(target.href, 303);
}

type TokenFields = Partial<
  Record<
    'grant_type' | 'code' | 'redirect_uri' | 'code_verifier' | 'refresh_token' | 'client_id' | 'client_secret',
    string
  >
>;

function tokenRoute(app: FastifyInstance, { pizzeria }: OAuthOptions): void {
  app.post<{ Body: TokenFields }>(
    '/auth/token',
    {
      schema: documented({
        summary: 'Get an access token (OAuth 2.1)',
        description:
          'Services: client_credentials with HTTP Basic. Programs of a person: authorization_code with PKCE, then ' +
          'refresh_token. Refusals are 400 or 401 in the form of RFC 6749, section 5.2.',
        tags: TAGS,
        body: schemas.tokenRequest,
        consumes: [FORM],
        response: { 200: schemas.token },
      }),
      config: { problems: [400, 413, 415], oauth: true },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store');
      try {
        return await grant(request, pizzeria);
      } catch (error) {
        return refuseGrant(error, reply);
      }
    },
  );
}

async function grant(request: FastifyRequest<{ Body: TokenFields }>, { tokens }: Pizzeria): Promise<TokenResponse> {
  const { body } = request;
  const basic = basicOf(request.headers.authorization);
  const clientId = basic?.id ?? body.client_id ?? '';
  switch (body.grant_type) {
    case 'client_credentials':
      return tokens.clientCredentials(clientId, basic?.secret ?? body.client_secret ?? '', request.ip);
    case 'authorization_code':
      return tokens.redeemCode(clientId, body.code ?? '', body.redirect_uri ?? '', body.code_verifier ?? '');
    case 'refresh_token':
      return tokens.refresh(clientId, body.refresh_token ?? '');
    default:
      throw new OAuthRefused(
        'unsupported_grant_type',
        'The grants are authorization_code, refresh_token and client_credentials.',
      );
  }
}

/** RFC 6749, section 5.2. */
function refuseGrant(error: unknown, reply: FastifyReply): FastifyReply {
  const isDemo = error instanceof DemoAccountRefused;
  if (!(error instanceof OAuthRefused) && !isDemo) {
    if (error instanceof TooManyAttempts) reply.header('Retry-After', String(error.retryAfterS));
    throw error;
  }
  const name = isDemo ? 'invalid_client' : error.error;
  if (name === 'invalid_client') reply.header('WWW-Authenticate', 'Basic realm="pizzeria"');
  return reply.code(name === 'invalid_client' ? 401 : 400).send({ error: name, error_description: error.message });
}

/** Id and secret are form-encoded inside of HTTP Basic (RFC 6749, section 2.3.1). */
function basicOf(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  if (at < 0) return undefined;
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
    return { id: decode(text.slice(0, at)), secret: decode(text.slice(at + 1)) };
  } catch {
    return undefined;
  }
}

function revokeRoute(app: FastifyInstance, { pizzeria }: OAuthOptions): void {
  app.post<{ Body: { token: string } }>(
    '/auth/revoke',
    {
      schema: documented({
        summary: 'Revoke a token (RFC 7009)',
        description: 'Ends everything that came from the same login; a token that is none is no error.',
        tags: TAGS,
        body: schemas.revocation,
        consumes: [FORM],
        response: { 200: { type: 'object', additionalProperties: false } },
      }),
      config: { problems: [400, 413, 415] },
    },
    async (request) => {
      await pizzeria.tokens.revoke(request.body.token);
      return {};
    },
  );
}
