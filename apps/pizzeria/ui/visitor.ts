// Who looks at a page, and which rooms of the house are open to them.

import { type Access, type AccessPolicy, DELIVERY, judge, KITCHEN, OFFICE } from '../application/identity/access.ts';
import type { Principal } from '../application/identity/principal.ts';

export interface Visitor {
  /** Undefined for guests. */
  readonly principal: Principal | undefined;
  readonly policy: AccessPolicy;
  /** Address of the dashboards as browsers reach it, without a slash at its end; without it nothing leads there. */
  readonly dashboardsUrl?: string | undefined;
}

interface Room {
  readonly path: string;
  readonly text: string;
  readonly access?: Access;
}

const ROOMS: readonly Room[] = [
  { path: '/', text: 'Menu' },
  { path: '/kitchen', text: 'Kitchen', access: KITCHEN },
  { path: '/delivery', text: 'Delivery', access: DELIVERY },
  { path: '/today', text: 'Office', access: OFFICE },
  { path: '/api/docs', text: 'API' },
];

export function mayEnter(visitor: Visitor, access: Access | undefined): boolean {
  return judge(access, visitor.principal, visitor.policy) === 'allowed';
}

/** The rooms that the visitor finds open; where nobody is known, those that need no key. */
export function openRooms(visitor: Visitor | undefined): readonly Room[] {
  return ROOMS.filter(({ access }) => (visitor === undefined ? access === undefined : mayEnter(visitor, access)));
}
