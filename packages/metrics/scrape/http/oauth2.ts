/** Access tokens by the client credentials grant of OAuth 2 (RFC 6749, section 4.4), kept until shortly before they end. */
import { createHash } from 'node:crypto';
import type { HttpClientConfig, OAuth2Config } from '../../config/http-client-config.ts';
import type { FetchResponse, TimedRequest } from '../fetch.ts';
import { basic, reveal } from './client-headers.ts';

/** A token is replaced this long before it ends, as in the real server's library. */
const EARLY_MS = 10_000;
/** An answer without `expires_in` says nothing of its end; the real library then keeps it for ever. */
const UNTOLD_MS = 3_600_000;
const TOKEN_BYTES_MAX = 1024 * 1024;
/** Configurations with oauth2: one token each. */
const TOKENS_MAX = 1_000;

interface Token {
  readonly header: string;
  readonly untilMs: number;
}

export class OAuth2Tokens {
  readonly #fetch: (request: TimedRequest) => Promise<FetchResponse>;
  readonly #nowMs: () => number;
  readonly #tokens = new Map<string, Token>();

  constructor(fetch: (request: TimedRequest) => Promise<FetchResponse>, nowMs: () => number) {
    this.#fetch = fetch;
    this.#nowMs = nowMs;
  }

  /** The value of the Authorization header. Rejects with what the token server answered. */
  async header(config: OAuth2Config, request: TimedRequest): Promise<string> {
    const secret = await reveal(config.clientSecret);
    const { clientId, tokenUrl, scopes, endpointParams } = config;
    const identity = JSON.stringify([clientId, secret, tokenUrl, scopes, endpointParams]);
    const key = createHash('sha256').update(identity).digest('hex');
    const known = this.#tokens.get(key);
    if (known !== undefined && this.#nowMs() < known.untilMs) return known.header;
    const token = await this.#ask(config, secret, request);
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.delete(this.#tokens.keys().next().value!);
    this.#tokens.set(key, token);
    return token.header;
  }

  async #ask(config: OAuth2Config, secret: string, request: TimedRequest): Promise<Token> {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (config.scopes.length > 0) form.set('scope', config.scopes.join(' '));
    for (const [name, value] of Object.entries(config.endpointParams)) form.set(name, value);
    // Servers differ in where they look for the secret: the header first, the form when that is refused.
    let response = await this.#post(config, request, form, secret);
    if (response.status >= 400) {
      form.set('client_id', config.clientId);
      form.set('client_secret', secret);
      response = await this.#post(config, request, form, undefined);
    }
    const text = Buffer.from(response.body).toString('utf8');
    if (response.status !== 200)
      throw new Error(`oauth2: cannot fetch token: ${response.status}\nResponse: ${text.slice(0, 200)}`);
    return readToken(text, this.#nowMs());
  }

  #post(config: OAuth2Config, request: TimedRequest, form: URLSearchParams, secret: string | undefined) {
    const client: HttpClientConfig = {
      basicAuth: undefined,
      authorization: undefined,
      oauth2: undefined,
      tls: config.tls,
      followRedirects: false,
      headers: [],
      proxy: config.proxy,
    };
    const inHeader =
      secret === undefined
        ? {}
        : { authorization: basic(encodeURIComponent(config.clientId), encodeURIComponent(secret)) };
    return this.#fetch({
      url: config.tokenUrl,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...inHeader },
      body: Buffer.from(form.toString()),
      timeoutMs: request.timeoutMs,
      bodyBytesMax: TOKEN_BYTES_MAX,
      client,
      signal: request.signal,
      deadline: request.deadline,
    });
  }
}

function readToken(text: string, nowMs: number): Token {
  let found: { access_token?: unknown; token_type?: unknown; expires_in?: unknown };
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    throw new Error('oauth2: cannot parse json of the token');
  }
  const { access_token: token, token_type: type, expires_in: seconds } = found ?? {};
  if (typeof token !== 'string' || token === '') throw new Error('oauth2: server response missing access_token');
  // Bearer is spelled in many ways by servers, and in one by those that read it.
  const scheme = typeof type === 'string' && type !== '' && type.toLowerCase() !== 'bearer' ? type : 'Bearer';
  const lifeMs = Number(seconds) > 0 ? Number(seconds) * 1000 - EARLY_MS : UNTOLD_MS;
  return { header: `${scheme} ${token}`, untilMs: nowMs + lifeMs };
}
