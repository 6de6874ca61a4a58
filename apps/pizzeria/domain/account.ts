// An account: somebody who logs in, with the roles that say what they may do.

import { requireRule } from './business-rule.ts';

export const ROLES = ['customer', 'chef', 'driver', 'manager'] as const;
export type Role = (typeof ROLES)[number];

export interface Account {
  readonly id: string;
  /** What is typed to log in, in lower case. */
  readonly login: string;
  /** How the person is addressed. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** A person logs in with a browser; a service has a secret and no pages. */
  readonly kind: 'person' | 'service';
  /** In the form of the password hasher; null for accounts of an OpenID Connect provider. */
  readonly passwordHash: string | null;
  /** `issuer subject` of an OpenID Connect provider. */
  readonly subject: string | null;
  /** True while the account has the password that the documentation prints. */
  readonly isDemo: boolean;
  readonly createdAtMs: number;
  readonly version: number;
}

export type AccountEvent =
  | {
      readonly type: 'AccountCreated';
      readonly accountId: string;
      readonly roles: readonly Role[];
      readonly atMs: number;
    }
  | { readonly type: 'PasswordChanged'; readonly accountId: string; readonly atMs: number };

const LOGIN_CHARACTERS_MIN = 3;
const LOGIN_CHARACTERS_MAX = 64;
const ACCOUNT_NAME_CHARACTERS_MAX = 120;
/** NIST SP 800-63B asks for 8 at least and for no rules of composition; ten leaves room for weak ones. */
const PASSWORD_CHARACTERS_MIN = 10;
/** Longer ones only cost time to hash. */
export const PASSWORD_CHARACTERS_MAX = 200;

/** Checks a new login; it comes back in the form that is compared and stored. */
export function checkLogin(text: string): string {
  const login = normaliseLogin(text);
  requireRule(
    /^[a-z0-9][a-z0-9._@+-]*$/.test(login) &&
      login.length >= LOGIN_CHARACTERS_MIN &&
      login.length <= LOGIN_CHARACTERS_MAX,
    'login-valid',
    `A login has ${LOGIN_CHARACTERS_MIN} to ${LOGIN_CHARACTERS_MAX} letters, digits and . _ @ + -, beginning with a letter or digit.`,
  );
  return login;
}

/** The form in which logins are compared; says nothing about whether one exists. */
export function normaliseLogin(text: string): string {
  return text.trim().toLowerCase();
}

/** Refuses a new password that is easy to guess. */
export function checkPassword(password: string, login: string): void {
  const characters = [...password].length;
  requireRule(
    characters >= PASSWORD_CHARACTERS_MIN && characters <= PASSWORD_CHARACTERS_MAX,
    'password-strong-enough',
    `A password has ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters; a sentence is a good one.`,
  );
  requireRule(
    !password.toLowerCase().includes(login) && new Set(password).size > 3,
    'password-strong-enough',
    'The password must not contain the login, and not be one character again and again.',
  );
}

/** Checks the name of a staff account. */
export function checkAccountName(text: string): string {
  const name = text.trim();
  requireRule(
    name.length > 0 && name.length <= ACCOUNT_NAME_CHARACTERS_MAX,
    'customer-name-required',
    `Give a name of at most ${ACCOUNT_NAME_CHARACTERS_MAX} characters.`,
  );
  return name;
}

/** Checks the roles of a new account: some, each known, none twice. */
export function checkRoles(roles: readonly string[]): readonly Role[] {
  requireRule(
    roles.length > 0 && roles.every((role) => (ROLES as readonly string[]).includes(role)),
    'role-known',
    `Roles are ${ROLES.join(', ')}; an account has at least one.`,
  );
  return [...new Set(roles as readonly Role[])];
}
