// A customer's profile: what an account keeps about its owner, so that ordering needs no form.
//
// A guest's orders never become a profile's: a phone number proves nothing about who types it.

import { type ContactDetails, checkContact } from './customer.ts';

export interface CustomerProfile extends ContactDetails {
  readonly id: string;
  readonly accountId: string;
  readonly createdAtMs: number;
  readonly version: number;
}

/** Events name what changed and never the values: they may be shown to whoever looks into the outbox. */
export type ProfileEvent =
  | { readonly type: 'CustomerProfileCreated'; readonly profileId: string; readonly atMs: number }
  | {
      readonly type: 'CustomerProfileUpdated';
      readonly profileId: string;
      readonly changed: readonly string[];
      readonly atMs: number;
    };

/** A new profile; throws a `RuleViolation` for details that are none. */
export function createProfile(id: string, accountId: string, contact: ContactDetails, atMs: number): CustomerProfile {
  return { id, accountId, ...checkContact(contact), createdAtMs: atMs, version: 1 };
}

/** The profile with other details, and the names of those that differ. */
export function updateProfile(
  profile: CustomerProfile,
  contact: ContactDetails,
): { profile: CustomerProfile; changed: readonly string[] } {
  const checked = checkContact(contact);
  const fields = ['name', 'phone', 'address', 'email'] as const;
  const changed = fields.filter((field) => profile[field] !== checked[field]);
  const { id, accountId, createdAtMs, version } = profile;
  return { profile: { id, accountId, ...checked, createdAtMs, version: version + 1 }, changed };
}

/** What an order takes over from the profile. */
export function contactOf({ name, phone, address, email }: CustomerProfile): ContactDetails {
  return { name, phone, address, ...(email !== undefined && { email }) };
}
