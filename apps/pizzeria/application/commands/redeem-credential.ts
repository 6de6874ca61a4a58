// RedeemCredential: a code or a refresh token is exchanged, once, for what comes after it.

import type { Account } from '../../domain/account.ts';
import { command } from '../operation.ts';
import type { Credential } from '../session.ts';

export interface RedeemInput {
  readonly hash: string;
  readonly kind: 'code' | 'refresh';
  /** Throws when what is redeemed does not belong to whoever redeems it. */
  readonly check: (credential: Credential) => void;
  /** What comes after it, for the account and the family. */
  readonly successors: (credential: Credential, account: Account) => readonly Credential[];
}

/**
 * Undefined when there is nothing to redeem. A second redemption means that somebody has a copy, so everything that
 * came from that login ends (RFC 9700, section 4.14.2).
 */
export const RedeemCredential = command<RedeemInput, Account | undefined>('RedeemCredentialCommand', {
  async handle({ hash, kind, check, successors }, context) {
    const credential = await context.credentials.find(hash);
    if (credential?.kind !== kind || credential.expiresAtMs <= context.nowMs) return undefined;
    check(credential);
    if (!(await context.credentials.markUsed(hash, context.nowMs))) {
      await context.credentials.removeFamily(credential.family);
      return undefined;
    }
    const account = await context.accounts.find(credential.accountId);
    if (account === undefined) return undefined;
    for (const successor of successors(credential, account)) await context.credentials.insert(successor);
    return account;
  },
});
