// Where somebody goes after logging in: where they wanted to, else to their work.

import type { Role } from '../domain/account.ts';
import { safePath } from './form-body.ts';

/** Whoever has several roles begins with the first of these. */
const WORK: readonly (readonly [Role, string])[] = [
  ['manager', '/manage'],
  ['chef', '/kitchen'],
  ['driver', '/delivery'],
];

/** `asked` is a path of ours, or it is not followed. */
export function landingPath(asked: string | undefined, roles: readonly Role[]): string {
  const path = safePath(asked);
  if (path !== '/') return path;
  return WORK.find(([role]) => roles.includes(role))?.[1] ?? '/';
}
