// Accounts and the browser's sessions: who logs in, who is logged in, who leaves.

import { checkPassword, normaliseLogin, PASSWORD_CHARACTERS_MAX } from '../../domain/account.ts';
import type { ContactDetails } from '../../domain/customer.ts';
import type { Clock, NewId } from '../clock.ts';
import { ChangePassword } from '../commands/change-password.ts';
import { CreateAccount, type CreatedAccount } from '../commands/create-account.ts';
import { IssueCredentials } from '../commands/issue-credentials.ts';
import { RecogniseAccount } from '../commands/recognise-account.ts';
import { RevokeCredentials } from '../commands/revoke-credentials.ts';
import { DemoAccountRefused, LoginRefused } from '../failure.ts';
import type { Mediator } from '../mediator.ts';
import type { Credential, Database } from '../session.ts';
import type { AccessPolicy } from './access.ts';
import type { LoginGuard } from './login-guard.ts';
import type { OidcIdentity, OidcProvider } from './oidc.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type Principal, principalOf } from './principal.ts';
import { hashOf, newSecret, sha256 } from './secret.ts';

/** A shift; a customer logs in again tomorrow. */
export const SESSION_MS = 12 * 60 * 60_000;

export interface IdentityParts {
  readonly mediator: Mediator;
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly hasher: PasswordHasher;
  readonly guard: LoginGuard;
  readonly policy: AccessPolicy;
  readonly oidc?: OidcProvider | undefined;
}

export interface OpenedSession {
  readonly principal: Principal;
  /** For the cookie; it is nowhere else. */
  readonly secret: string;
}

export interface Registration {
  readonly login: string;
  readonly password: string;
  readonly contact: ContactDetails;
}

export class Identity {
  readonly #parts: IdentityParts;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  get policy(): AccessPolicy {
    return this.#parts.policy;
  }

  /** The provider that somebody may log in with instead of a password. */
  get oidc(): OidcProvider | undefined {
    return this.#parts.oidc;
  }

  /** Throws `LoginRefused`, `DemoAccountRefused` or `TooManyAttempts`. `address` is where the attempt comes from. */
  async logIn(login: string, password: string, address: string): Promise<OpenedSession> {
    const account = await this.verify(login, password, address, 'person');
    return this.#open(account);
  }

  /** The account, when the password is its. Also for the secrets of services. */
  async verify(text: string, password: string, address: string, kind: 'person' | 'service') {
    const { database, guard, hasher, policy } = this.#parts;
    const login = normaliseLogin(text).slice(0, PASSWORD_CHARACTERS_MAX);
    guard.requireRoom(login, address);
    const account = await database.read((session) => session.accounts.findByLogin(login));
    const isRight = await hasher.verify(password, account?.passwordHash ?? null);
    if (account === undefined || !isRight || account.kind !== kind) {
      guard.noteFailure(login, address);
      throw new LoginRefused();
    }
    if (account.isDemo && !policy.allowsDemoAccounts) throw new DemoAccountRefused();
    return account;
  }

  /** A new customer, who is logged in at once. */
  async register({ login, password, contact }: Registration): Promise<OpenedSession> {
    checkPassword(password, normaliseLogin(login));
    const passwordHash = await this.#parts.hasher.hash(password);
    const created = await this.#parts.mediator.send(CreateAccount, {
      login,
      name: contact.name,
      roles: ['customer'],
      passwordHash,
      contact,
    });
    return this.#open(created.account, created.profileId);
  }

  /** A new member of the staff, or a service. */
  async hire(input: {
    readonly login: string;
    readonly name: string;
    readonly password: string;
    readonly roles: readonly string[];
    readonly kind?: 'person' | 'service';
  }): Promise<CreatedAccount> {
    const { password, ...account } = input;
    checkPassword(password, normaliseLogin(input.login));
    const passwordHash = await this.#parts.hasher.hash(password);
    return this.#parts.mediator.send(CreateAccount, { ...account, passwordHash });
  }

  async changePassword(principal: Principal, current: string, next: string, address: string): Promise<void> {
    const account = await this.verify(principal.login, current, address, 'person');
    checkPassword(next, account.login);
    const passwordHash = await this.#parts.hasher.hash(next);
    await this.#parts.mediator.send(ChangePassword, { accountId: account.id, passwordHash, family: principal.family });
  }

  /** Gives a demonstration account a password of its own, at the start; others keep theirs. */
  async replaceDemoPassword(login: string, password: string): Promise<void> {
    const account = await this.#parts.database.read((session) => session.accounts.findByLogin(login));
    if (account === undefined || !account.isDemo) return;
    checkPassword(password, login);
    const passwordHash = await this.#parts.hasher.hash(password);
    await this.#parts.mediator.send(ChangePassword, { accountId: account.id, passwordHash, family: '' });
  }

  /** Somebody came back from the provider. */
  async welcome(identity: OidcIdentity): Promise<OpenedSession> {
    const account = await this.#parts.mediator.send(RecogniseAccount, identity);
    const profile = await this.#parts.database.read((session) => session.profiles.ofAccount(account.id));
    return this.#open(account, profile?.id ?? null);
  }

  logOut(family: string): Promise<void> {
    return this.#parts.mediator.send(RevokeCredentials, { family });
  }

  /** Who holds the session or the access token; undefined for none, an expired and a revoked one. */
  async principalOf(secret: string, kind: 'session' | 'access'): Promise<Principal | undefined> {
    const { database, clock, policy } = this.#parts;
    const hash = hashOf(secret);
    if (hash === undefined) return undefined;
    const holder = await database.read((session) => session.credentials.holder(hash, kind, clock.nowMs()));
    if (holder === undefined || (holder.account.isDemo && !policy.allowsDemoAccounts)) return undefined;
    const { account, profileId, family } = holder;
    return principalOf(account, { profileId, family, via: kind === 'session' ? 'cookie' : 'token' });
  }

  async #open(account: Parameters<typeof principalOf>[0], profileId: string | null = null): Promise<OpenedSession> {
    const { mediator, clock, newId } = this.#parts;
    const secret = newSecret();
    const nowMs = clock.nowMs();
    const credential: Credential = {
      hash: sha256(secret),
      kind: 'session',
      accountId: account.id,
      family: newId(),
      client: null,
      challenge: null,
      redirectUri: null,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + SESSION_MS,
      usedAtMs: null,
    };
    await mediator.send(IssueCredentials, { credentials: [credential] });
    const principal = principalOf(account, { profileId, via: 'cookie', family: credential.family });
    return { principal, secret };
  }
}
