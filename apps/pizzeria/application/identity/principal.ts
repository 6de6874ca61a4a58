// Who sent a request: an account that proved itself by a cookie or a token. Guests have none.

import type { Account, Role } from '../../domain/account.ts';

export interface Principal {
  readonly accountId: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The account's customer profile, if it has one. */
  readonly profileId: string | null;
  readonly isDemo: boolean;
  readonly via: 'cookie' | 'token';
  /** The login that the proof came from; leaving ends all of it. */
  readonly family: string;
}

export function principalOf(
  account: Account,
  { profileId, via, family }: Pick<Principal, 'profileId' | 'via' | 'family'>,
): Principal {
  const { id, login, name, roles, isDemo } = account;
  return { accountId: id, login, name, roles, isDemo, profileId, via, family };
}
