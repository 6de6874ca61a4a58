// CreateAccount: somebody registers, is hired, or comes from an OpenID Connect provider for the first time.

import { type Account, checkAccountName, checkLogin, checkRoles } from '../../domain/account.ts';
import { requireRule } from '../../domain/business-rule.ts';
import { type ContactDetails, checkContact } from '../../domain/customer.ts';
import { command } from '../operation.ts';
import { addProfile } from './create-customer-profile.ts';

export interface CreateAccountInput {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly kind?: Account['kind'];
  readonly passwordHash: string | null;
  readonly subject?: string;
  /** A customer's account gets its profile in the same transaction. */
  readonly contact?: ContactDetails;
}

export interface CreatedAccount {
  readonly account: Account;
  readonly profileId: string | null;
}

export const CreateAccount = command<CreateAccountInput, CreatedAccount>('CreateAccountCommand', {
  check(input) {
    checkLogin(input.login);
    checkAccountName(input.name);
    checkRoles(input.roles);
    if (input.contact !== undefined) checkContact(input.contact);
  },

  async handle(input, context) {
    const account: Account = {
      id: context.newId(),
      login: checkLogin(input.login),
      name: checkAccountName(input.name),
      roles: checkRoles(input.roles),
      kind: input.kind ?? 'person',
      passwordHash: input.passwordHash,
      subject: input.subject ?? null,
      isDemo: false,
      createdAtMs: context.nowMs,
      version: 1,
    };
    const isFree = await context.accounts.insert(account);
    requireRule(isFree, 'login-taken', 'The login belongs to somebody else; choose another one.');
    await context.raise({
      type: 'AccountCreated',
      accountId: account.id,
      roles: account.roles,
      atMs: context.nowMs,
    });
    const { contact } = input;
    const profile = contact && (await addProfile({ accountId: account.id, contact }, context));
    return { account, profileId: profile?.id ?? null };
  },
});
