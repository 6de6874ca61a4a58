// A customer: registered by the first order, recognised by phone from then on.

import { requireRule } from './business-rule.ts';
import { normalisePhone } from './phone.ts';
import { plainText } from './plain-text.ts';

/** What a guest writes into the checkout form. */
export interface ContactDetails {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email?: string;
}

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly email: string | null;
  readonly ordersPlaced: number;
  readonly registeredAtMs: number;
  /** When the latest order was placed. */
  readonly seenAtMs: number;
  readonly version: number;
}

export type CustomerEvent =
  | { readonly type: 'CustomerRegistered'; readonly customerId: string; readonly contact: ContactDetails; atMs: number }
  | { readonly type: 'CustomerReturned'; readonly customerId: string; readonly contact: ContactDetails; atMs: number };

/** Longest texts kept of a person; more than this is not a name, an address or a mailbox. */
const NAME_CHARACTERS_MAX = 120;
const ADDRESS_CHARACTERS_MAX = 300;
const EMAIL_CHARACTERS_MAX = 254;

/** Trims and checks contact details; the phone number comes back normalised. */
export function checkContact(contact: ContactDetails): ContactDetails {
  const name = plainText(contact.name);
  const address = plainText(contact.address);
  requireRule(
    name.length > 0 && name.length <= NAME_CHARACTERS_MAX,
    'customer-name-required',
    `Give a name of at most ${NAME_CHARACTERS_MAX} characters, so that the driver knows whom to ask for.`,
  );
  requireRule(
    address.length > 0 && address.length <= ADDRESS_CHARACTERS_MAX,
    'address-required-for-delivery',
    `Give the address to deliver to, at most ${ADDRESS_CHARACTERS_MAX} characters.`,
  );
  const phone = normalisePhone(contact.phone);
  const email = contact.email === undefined ? undefined : plainText(contact.email);
  if (email === undefined || email === '') return { name, phone, address };
  requireRule(
    email.length <= EMAIL_CHARACTERS_MAX && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email),
    'email-valid',
    'Leave the e-mail address out or write it as name@example.com.',
  );
  return { name, phone, address, email };
}

/** Decides whether an order registers a customer or recognises one. `contact` has been checked. */
export function decideCustomer(
  known: Customer | undefined,
  contact: ContactDetails,
  newId: string,
  atMs: number,
): CustomerEvent {
  return known === undefined
    ? { type: 'CustomerRegistered', customerId: newId, contact, atMs }
    : { type: 'CustomerReturned', customerId: known.id, contact, atMs };
}

/** The customer after the event. The newest name, address and mailbox win. */
export function evolveCustomer(state: Customer | undefined, event: CustomerEvent): Customer {
  const { contact } = event;
  return {
    id: event.customerId,
    name: contact.name,
    phone: contact.phone,
    address: contact.address,
    email: contact.email ?? state?.email ?? null,
    ordersPlaced: (state?.ordersPlaced ?? 0) + 1,
    registeredAtMs: state?.registeredAtMs ?? event.atMs,
    seenAtMs: event.atMs,
    version: (state?.version ?? 0) + 1,
  };
}
