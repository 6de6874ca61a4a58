// ChangePassword: another password; whatever else the account is logged in with ends.

import type { Account } from '../../domain/account.ts';
import { LoginRefused } from '../failure.ts';
import { command } from '../operation.ts';

export interface ChangePasswordInput {
  readonly accountId: string;
  readonly passwordHash: string;
  /** The login that goes on. */
  readonly family: string;
}

export const ChangePassword = command<ChangePasswordInput, Account>('ChangePasswordCommand', {
  async handle({ accountId, passwordHash, family }, context) {
    const account = await context.accounts.find(accountId);
    if (account === undefined) throw new LoginRefused();
    const next: Account = { ...account, passwordHash, isDemo: false, version: account.version + 1 };
    await context.accounts.save(next, account.version);
    await context.credentials.removeOfAccount(accountId, family);
    await context.raise({ type: 'PasswordChanged', accountId, atMs: context.nowMs });
    return next;
  },
});
