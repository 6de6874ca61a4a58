/** Who may enter, and the sessions of those who did. One file in the server's folder holds both. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import { hashPassword, verifyPassword } from './password.ts';

export interface User {
  readonly id: number;
  readonly login: string;
}

interface StoredUser extends User {
  readonly passwordHash: string;
  /** True while the password is the one that everybody knows. */
  readonly passwordIsDefault: boolean;
}

interface StoredSession {
  /** SHA-256 of the token: whoever reads the file cannot enter with it. */
  readonly tokenHash: string;
  readonly userId: number;
  readonly createdMs: number;
}

interface Stored {
  readonly version: 1;
  readonly users: readonly StoredUser[];
  readonly sessions: readonly StoredSession[];
}

const FILE = 'accounts.json';

/** Grafana's login_maximum_lifetime_duration. */
export const SESSION_LIFETIME_MS = 30 * 86_400_000;

/** The oldest go first: nobody has this many browsers. */
const SESSIONS_MAX = 1_000;

/** Grafana blocks a login for five minutes after five wrong passwords. */
const ATTEMPTS_MAX = 5;
const ATTEMPTS_WINDOW_MS = 5 * 60_000;
const ATTEMPT_NAMES_MAX = 10_000;

/** A good basic-auth header is remembered this long: hashing on each request would cost more than the request. */
const BASIC_MEMORY_MS = 60_000;
const BASIC_MEMORY_MAX = 100;

export interface AccountsOptions {
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly adminUser: string;
  readonly adminPassword: string;
}

export class Accounts {
  readonly #directory: StorageDirectory;
  readonly #clock: Clock;
  #stored: Stored;
  readonly #failures = new Map<string, number[]>();
  readonly #basic = new Map<string, { readonly user: User; readonly untilMs: number }>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: AccountsOptions, stored: Stored) {
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#stored = stored;
  }

  /** The first start makes the administrator; a password set by the environment wins over the stored one. */
  static async open(options: AccountsOptions): Promise<Accounts> {
    const stored = await readStored(options.directory);
    const accounts = new Accounts(options, stored ?? { version: 1, users: [], sessions: [] });
    const admin = accounts.#stored.users.find((user) => user.login === options.adminUser);
    const isDefault = options.adminPassword === DEFAULT_PASSWORD;
    if (admin === undefined || (!isDefault && !(await verifyPassword(options.adminPassword, admin.passwordHash)))) {
      const passwordHash = await hashPassword(options.adminPassword);
      const user = { id: admin?.id ?? 1, login: options.adminUser, passwordHash, passwordIsDefault: isDefault };
      await accounts.#replaceUser(user);
    }
    return accounts;
  }

  user(id: number): User | undefined {
    return this.#stored.users.find((user) => user.id === id);
  }

  passwordIsDefault(user: User): boolean {
    return this.#stored.users.find(({ id }) => id === user.id)?.passwordIsDefault ?? false;
  }

  /** `blocked` while too many wrong passwords were given for this name. */
  async check(login: string, password: string): Promise<User | 'wrong' | 'blocked'> {
    const nowMs = this.#clock.nowMs();
    const failures = (this.#failures.get(login) ?? []).filter((atMs) => nowMs - atMs < ATTEMPTS_WINDOW_MS);
    if (failures.length >= ATTEMPTS_MAX) return 'blocked';
    const user = this.#stored.users.find((candidate) => candidate.login === login);
    // A login that does not exist costs a hash too, so that time does not tell which logins do.
    const good = await verifyPassword(password, user?.passwordHash ?? DUMMY_HASH);
    if (user !== undefined && good) {
      this.#failures.delete(login);
      return { id: user.id, login: user.login };
    }
    if (this.#failures.size >= ATTEMPT_NAMES_MAX) this.#failures.clear();
    this.#failures.set(login, [...failures, nowMs]);
    return 'wrong';
  }

  /** As check, for clients that send name and password with each request. */
  async checkBasic(login: string, password: string): Promise<User | 'wrong' | 'blocked'> {
    const key = createHash('sha256').update(`${login}\0${password}`).digest('base64');
    const known = this.#basic.get(key);
    if (known !== undefined && known.untilMs > this.#clock.nowMs()) return known.user;
    const user = await this.check(login, password);
    if (typeof user === 'object') {
      if (this.#basic.size >= BASIC_MEMORY_MAX) this.#basic.clear();
      this.#basic.set(key, { user, untilMs: this.#clock.nowMs() + BASIC_MEMORY_MS });
    }
    return user;
  }

  /** Resolves with the token for the cookie once the session is stored. */
  async startSession(user: User): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const session = { tokenHash: hashToken(token), userId: user.id, createdMs: this.#clock.nowMs() };
    const live = this.#stored.sessions.filter((known) => this.#isLive(known)).slice(-SESSIONS_MAX + 1);
    await this.#store({ ...this.#stored, sessions: [...live, session] });
    return token;
  }

  session(token: string): User | undefined {
    const tokenHash = hashToken(token);
    const session = this.#stored.sessions.find((known) => known.tokenHash === tokenHash);
    return session === undefined || !this.#isLive(session) ? undefined : this.user(session.userId);
  }

  async endSession(token: string): Promise<void> {
    const tokenHash = hashToken(token);
    await this.#store({
      ...this.#stored,
      sessions: this.#stored.sessions.filter((known) => known.tokenHash !== tokenHash),
    });
  }

  /** Ends every session of the user: whoever knew the old password is out. */
  async changePassword(user: User, password: string): Promise<void> {
    this.#basic.clear();
    const passwordHash = await hashPassword(password);
    await this.#replaceUser({ ...user, passwordHash, passwordIsDefault: password === DEFAULT_PASSWORD });
  }

  async #replaceUser(user: StoredUser): Promise<void> {
    const users = [...this.#stored.users.filter(({ id }) => id !== user.id), user];
    const sessions = this.#stored.sessions.filter(({ userId }) => userId !== user.id);
    await this.#store({ version: 1, users, sessions });
  }

  #isLive(session: StoredSession): boolean {
    return this.#clock.nowMs() - session.createdMs < SESSION_LIFETIME_MS;
  }

  async #store(stored: Stored): Promise<void> {
    this.#stored = stored;
    const bytes = new TextEncoder().encode(JSON.stringify(stored, undefined, 1));
    // One after the other: a later state must not be overwritten by an earlier one. A failed write is the caller's.
    const write = this.#writing.then(() => this.#directory.writeAtomic(FILE, [bytes]));
    this.#writing = write.catch(() => undefined);
    await write;
  }
}

export const DEFAULT_PASSWORD = 'admin';

/** The hash of nothing anybody can type, with the cost of a real one. */
const DUMMY_HASH = `scrypt$16384$8$5$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

async function readStored(directory: StorageDirectory): Promise<Stored | undefined> {
  if (!(await directory.list()).includes(FILE)) return undefined;
  const text = new TextDecoder().decode(await directory.read(FILE));
  const stored = JSON.parse(text) as Stored;
  return stored.version === 1 && Array.isArray(stored.users) && Array.isArray(stored.sessions) ? stored : undefined;
}
