// RecogniseAccount: somebody came from the OpenID Connect provider; the account is found, made, or brought up to date.

import { type Account, normaliseLogin } from '../../domain/account.ts';
import { VersionConflict } from '../failure.ts';
import type { OidcIdentity } from '../identity/oidc.ts';
import { command, type HandlerContext } from '../operation.ts';
import { CreateAccount } from './create-account.ts';

/** Names tried when a login is taken: mario, mario-2, … */
const LOGINS_TRIED_MAX = 20;

export const RecogniseAccount = command<OidcIdentity, Account>('RecogniseAccountCommand', {
  repeatsOnConflict: true,

  async handle(identity, context) {
    const known = await context.accounts.findBySubject(identity.subject);
    if (known === undefined) return create(identity, context);
    const { name, roles } = identity;
    // The provider is the authority: who is no longer a manager there is none here.
    if (known.name === name && String(known.roles) === String(roles)) return known;
    const next: Account = { ...known, name, roles, version: known.version + 1 };
    await context.accounts.save(next, known.version);
    return next;
  },
});

async function create(identity: OidcIdentity, context: HandlerContext): Promise<Account> {
  const base = loginOf(identity.login);
  for (let number = 1; number <= LOGINS_TRIED_MAX; number += 1) {
    const login = number === 1 ? base : `${base}-${number}`;
    if ((await context.accounts.findByLogin(login)) !== undefined) continue;
    const { subject, name, roles } = identity;
    return (await CreateAccount.handle({ login, name, roles, subject, passwordHash: null }, context)).account;
  }
  throw new VersionConflict('The account');
}

/** Whatever the provider calls somebody, in the form of a login here. */
function loginOf(text: string): string {
  const letters = normaliseLogin(text)
    .replaceAll(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 56);
  return letters.length >= 3 ? letters : `guest-${letters}`;
}
