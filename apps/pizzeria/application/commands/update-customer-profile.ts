// UpdateCustomerProfile: a customer moved, married, or got another phone. Orders that were placed keep what they had.

import { type ContactDetails, checkContact } from '../../domain/customer.ts';
import { type CustomerProfile, updateProfile } from '../../domain/profile.ts';
import { PreconditionFailed } from '../failure.ts';
import { command } from '../operation.ts';
import { loadProfile } from '../queries/get-customer-profile.ts';

export interface UpdateProfileInput {
  readonly accountId: string;
  readonly contact: ContactDetails;
  readonly expectedVersion?: number | undefined;
}

export const UpdateCustomerProfile = command<UpdateProfileInput, CustomerProfile>('UpdateCustomerProfileCommand', {
  check(input) {
    checkContact(input.contact);
  },

  async handle(input, context) {
    const before = await loadProfile(input, context);
    const expected = input.expectedVersion;
    if (expected !== undefined && expected !== before.version) {
      throw new PreconditionFailed('profile', expected, before.version);
    }
    const { profile, changed } = updateProfile(before, input.contact);
    if (changed.length === 0) return before;
    await context.profiles.save(profile, before.version);
    await context.raise({ type: 'CustomerProfileUpdated', profileId: profile.id, changed, atMs: context.nowMs });
    return profile;
  },
});
