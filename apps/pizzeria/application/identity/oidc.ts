// The port to an OpenID Connect provider: somebody else looks at the password and tells us who came.

import type { Role } from '../../domain/account.ts';

/** What must be the same when the browser comes back; kept by the browser in a cookie that pages cannot read. */
export interface OidcJourney {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where the person wanted to go. */
  readonly returnPath: string;
}

export interface OidcIdentity {
  /** `issuer subject`, for ever the same person. */
  readonly subject: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

export interface OidcProvider {
  /** As the button says it. */
  readonly name: string;
  /** Where to send the browser. Throws when the provider cannot be reached. */
  begin(redirectUri: string, returnPath: string): Promise<{ url: string; journey: OidcJourney }>;
  /** Who came back. Throws `OidcRefused` when anything is not as it should be. */
  finish(callbackUrl: URL, journey: OidcJourney): Promise<OidcIdentity>;
}

export class OidcRefused extends Error {
  constructor(reason: string) {
    super(`The login at the provider did not work out: ${reason}`);
    this.name = 'OidcRefused';
  }
}
