// CreateCustomerProfile: an account becomes a customer's.

import { requireRule } from '../../domain/business-rule.ts';
import { type ContactDetails, checkContact } from '../../domain/customer.ts';
import { type CustomerProfile, createProfile } from '../../domain/profile.ts';
import { command, type HandlerContext } from '../operation.ts';

export interface CreateProfileInput {
  readonly accountId: string;
  readonly contact: ContactDetails;
}

export const CreateCustomerProfile = command<CreateProfileInput, CustomerProfile>('CreateCustomerProfileCommand', {
  check(input) {
    checkContact(input.contact);
  },
  handle: addProfile,
});

/** Also part of a registration, in its transaction. */
export async function addProfile(
  { accountId, contact }: CreateProfileInput,
  context: HandlerContext,
): Promise<CustomerProfile> {
  const profile = createProfile(context.newId(), accountId, contact, context.nowMs);
  const isFirst = await context.profiles.insert(profile);
  requireRule(isFirst, 'profile-once', 'The account has a profile; change that one.');
  await context.raise({ type: 'CustomerProfileCreated', profileId: profile.id, atMs: context.nowMs });
  return profile;
}
