// OAuth 2.1 for the API: a person's program gets tokens by an authorization code with PKCE, a service by its own secret.
//
// Tokens are opaque. An access token lives a quarter of an hour; a refresh token is used once, and using it twice ends
// everything that came from that login. See docs/adr/0074-accounts-and-tokens.md.

import type { Account } from '../../domain/account.ts';
import type { Clock, NewId } from '../clock.ts';
import { IssueCredentials } from '../commands/issue-credentials.ts';
import { RedeemCredential } from '../commands/redeem-credential.ts';
import { RevokeCredentials } from '../commands/revoke-credentials.ts';
import { LoginRefused, OAuthRefused } from '../failure.ts';
import type { Mediator } from '../mediator.ts';
import type { Credential, Database } from '../session.ts';
import type { Identity } from './identity.ts';
import { isRegistered, type OAuthClient } from './oauth-client.ts';
import type { Principal } from './principal.ts';
import { hashOf, newSecret, sha256 } from './secret.ts';

export const ACCESS_TOKEN_MS = 15 * 60_000;
/** A program that was not used for a month asks its owner again. */
const REFRESH_TOKEN_MS = 30 * 24 * 60 * 60_000;
/** The way from one redirection to the next. */
const CODE_MS = 60_000;

export interface TokenParts {
  readonly identity: Identity;
  readonly mediator: Mediator;
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly clients: readonly OAuthClient[];
}

/** As RFC 6749, section 5.1, writes it. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token?: string;
  /** The roles, with blanks. */
  readonly scope: string;
}

export interface AuthorizationRequest {
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly state: string | undefined;
}

export class TokenService {
  readonly #parts: TokenParts;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  /** The client, if the address is one of its own. Only then may anything be sent there. */
  clientOf(clientId: string | undefined, redirectUri: string | undefined): OAuthClient | undefined {
    const client = this.#parts.clients.find((each) => each.id === clientId);
    return client !== undefined && redirectUri !== undefined && isRegistered(client, redirectUri) ? client : undefined;
  }

  /** The person agreed: a code that the client exchanges within a minute. */
  async grantCode(principal: Principal, { client, redirectUri, challenge }: AuthorizationRequest): Promise<string> {
    const code = newSecret();
    const credential = this.#credential(code, 'code', principal.accountId, this.#parts.newId(), client.id, CODE_MS);
    await this.#parts.mediator.send(IssueCredentials, { credentials: [{ ...credential, challenge, redirectUri }] });
    return code;
  }

  redeemCode(clientId: string, code: string, redirectUri: string, verifier: string): Promise<TokenResponse> {
    return this.#redeem(code, 'code', (credential) => {
      const isRight =
        credential.client === clientId &&
        credential.redirectUri === redirectUri &&
        credential.challenge === sha256(verifier);
      if (!isRight) throw new OAuthRefused('invalid_grant', 'The code belongs to another client, address or verifier.');
    });
  }

  refresh(clientId: string, refreshToken: string): Promise<TokenResponse> {
    return this.#redeem(refreshToken, 'refresh', (credential) => {
      if (credential.client !== clientId) {
        throw new OAuthRefused('invalid_grant', 'The refresh token belongs to another client.');
      }
    });
  }

  /** For services; they get no refresh token, since they can always ask again. */
  async clientCredentials(clientId: string, secret: string, address: string): Promise<TokenResponse> {
    const { identity, mediator, newId } = this.#parts;
    const account = await identity.verify(clientId, secret, address, 'service').catch((error: unknown) => {
      throw error instanceof LoginRefused
        ? new OAuthRefused('invalid_client', 'The client is unknown or its secret is wrong.')
        : error;
    });
    const token = newSecret();
    const credential = this.#credential(token, 'access', account.id, newId(), account.login, ACCESS_TOKEN_MS);
    await mediator.send(IssueCredentials, { credentials: [credential] });
    return responseOf(account, token);
  }

  /** RFC 7009: ends the login that the token came from; a token that is none is no error. */
  async revoke(token: string): Promise<void> {
    const hash = hashOf(token);
    if (hash === undefined) return;
    const found = await this.#parts.database.read((session) => session.credentials.find(hash));
    if (found !== undefined && found.kind !== 'session') {
      await this.#parts.mediator.send(RevokeCredentials, { family: found.family });
    }
  }

  async #redeem(
    secret: string,
    kind: 'code' | 'refresh',
    check: (credential: Credential) => void,
  ): Promise<TokenResponse> {
    const [access, refresh] = [newSecret(), newSecret()];
    const hash = hashOf(secret);
    const account =
      hash === undefined
        ? undefined
        : await this.#parts.mediator.send(RedeemCredential, {
            hash,
            kind,
            check,
            successors: ({ accountId, family, client }) => [
              this.#credential(access, 'access', accountId, family, client, ACCESS_TOKEN_MS),
              this.#credential(refresh, 'refresh', accountId, family, client, REFRESH_TOKEN_MS),
            ],
          });
    if (account === undefined) {
      throw new OAuthRefused('invalid_grant', 'It was redeemed before, is too old, or never existed.');
    }
    return { ...responseOf(account, access), refresh_token: refresh };
  }

  #credential(
    secret: string,
    kind: Credential['kind'],
    accountId: string,
    family: string,
    client: string | null,
    livesMs: number,
  ): Credential {
    const createdAtMs = this.#parts.clock.nowMs();
    return {
      hash: sha256(secret),
      kind,
      accountId,
      family,
      client,
      challenge: null,
      redirectUri: null,
      createdAtMs,
      expiresAtMs: createdAtMs + livesMs,
      usedAtMs: null,
    };
  }
}

function responseOf(account: Account, token: string): TokenResponse {
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_MS / 1000,
    scope: account.roles.join(' '),
  };
}
