// Any OpenID Connect provider: discovery, authorization code with PKCE, state and nonce, signed ID tokens.
//
// The protocol's checks are openid-client's, which is certified for them; what is ours is the mapping to roles.

import * as client from 'openid-client';
import { type OidcIdentity, type OidcJourney, type OidcProvider, OidcRefused } from '../application/identity/oidc.ts';
import type { Role } from '../domain/account.ts';

export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** As the button says it. */
  readonly name: string;
  /** The claim of the ID token that says what somebody may do: a text or a list of texts; dots lead into objects. */
  readonly roleClaim: string;
  readonly roles: ReadonlyMap<string, Role>;
}

/** A provider that takes longer to answer is away. */
const TIMEOUT_S = 5;

export class OpenIdProvider implements OidcProvider {
  readonly name: string;
  readonly #settings: OpenIdSettings;
  #configuration: Promise<client.Configuration> | undefined;

  constructor(settings: OpenIdSettings) {
    this.#settings = settings;
    this.name = settings.name;
  }

  async begin(redirectUri: string, returnPath: string): Promise<{ url: string; journey: OidcJourney }> {
    const configuration = await this.#discovered();
    const verifier = client.randomPKCECodeVerifier();
    const journey = { state: client.randomState(), nonce: client.randomNonce(), verifier, returnPath };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: journey.state,
      nonce: journey.nonce,
    });
    return { url: url.href, journey };
  }

  async finish(callbackUrl: URL, journey: OidcJourney): Promise<OidcIdentity> {
    const configuration = await this.#discovered();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, callbackUrl, {
        expectedState: journey.state,
        expectedNonce: journey.nonce,
        pkceCodeVerifier: journey.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new OidcRefused('there was no ID token');
      return this.#identityOf(claims);
    } catch (error) {
      if (error instanceof OidcRefused) throw error;
      // The library's messages name the check that failed and no values.
      throw new OidcRefused(error instanceof Error ? error.message : 'unknown');
    }
  }

  /** Asked once; after a failure it is asked again by the next who comes. */
  async #discovered(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    const isLocal = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    this.#configuration ??= client.discovery(url, clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      // The ID token's signature is checked as well, not only the connection that it came by.
      execute: [
        client.enableNonRepudiationChecks,
        // A provider on the same machine, as in tests, has no certificate.
        ...(isLocal ? [client.allowInsecureRequests] : []),
      ],
    });
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = undefined;
      throw new OidcRefused(`${this.name} cannot be asked: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  #identityOf(claims: client.IDToken): OidcIdentity {
    const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);
    const login = text(claims.preferred_username) ?? text(claims.email) ?? claims.sub;
    return {
      subject: `${claims.iss} ${claims.sub}`,
      login,
      name: (text(claims.name) ?? login).slice(0, 120),
      roles: this.#rolesOf(claims),
    };
  }

  /** Whoever the provider says nothing about is a customer. */
  #rolesOf(claims: client.IDToken): readonly Role[] {
    let value: unknown = claims;
    for (const key of this.#settings.roleClaim.split('.')) {
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    }
    const found = (Array.isArray(value) ? value : [value]).flatMap((each) => {
      const role = typeof each === 'string' ? this.#settings.roles.get(each) : undefined;
      return role === undefined ? [] : [role];
    });
    return found.length === 0 ? ['customer'] : [...new Set(found)];
  }
}
