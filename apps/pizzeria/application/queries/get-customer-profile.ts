// GetCustomerProfile: what an account keeps about its owner.

import { requireRule } from '../../domain/business-rule.ts';
import type { CustomerProfile } from '../../domain/profile.ts';
import type { HandlerContext } from '../operation.ts';
import { query } from '../operation.ts';

export const GetCustomerProfile = query<{ readonly accountId: string }, CustomerProfile>('GetCustomerProfileQuery', {
  handle: loadProfile,
});

export async function loadProfile(
  { accountId }: { readonly accountId: string },
  context: HandlerContext,
): Promise<CustomerProfile> {
  const profile = await context.profiles.ofAccount(accountId);
  requireRule(profile !== undefined, 'profile-required', 'The account has no customer profile; create one first.');
  return profile;
}
