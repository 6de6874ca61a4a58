// Who may do what. A route names one of these; a route that names none is for everybody.
//
// The work of the house (kitchen, delivery, the day's numbers) is open to everybody while the policy is open, which it
// is on loopback unless MARIO_AUTH says otherwise: the demo must cook without anyone logging in. What changes the menu or
// tells of people is the manager's under either policy. See docs/adr/0074-accounts-and-tokens.md.

import type { Role } from '../../domain/account.ts';
import type { Principal } from './principal.ts';

export interface Access {
  /** One of these roles; empty means any account. */
  readonly roles: readonly Role[];
  /** True when nobody needs to log in while the policy is open. */
  readonly isWaivedWhenOpen: boolean;
}

/** Any account. */
export const SIGNED_IN: Access = { roles: [], isWaivedWhenOpen: false };
export const KITCHEN: Access = { roles: ['chef', 'manager'], isWaivedWhenOpen: true };
export const DELIVERY: Access = { roles: ['driver', 'manager'], isWaivedWhenOpen: true };
export const STAFF: Access = { roles: ['chef', 'driver', 'manager'], isWaivedWhenOpen: true };
/** The numbers of the house, and its faults. */
export const OFFICE: Access = { roles: ['manager'], isWaivedWhenOpen: true };
/** What changes the menu, or tells of people. */
export const MANAGEMENT: Access = { roles: ['manager'], isWaivedWhenOpen: false };

export interface AccessPolicy {
  /** The work of the house needs no login. */
  readonly isOpen: boolean;
  /** Accounts whose passwords the documentation prints may log in. */
  readonly allowsDemoAccounts: boolean;
}

export type Verdict = 'allowed' | 'login-required' | 'role-missing';

export function judge(access: Access | undefined, principal: Principal | undefined, policy: AccessPolicy): Verdict {
  if (access === undefined) return 'allowed';
  if (access.isWaivedWhenOpen && policy.isOpen) return 'allowed';
  if (principal === undefined) return 'login-required';
  const has = access.roles.length === 0 || access.roles.some((role) => principal.roles.includes(role));
  return has ? 'allowed' : 'role-missing';
}
