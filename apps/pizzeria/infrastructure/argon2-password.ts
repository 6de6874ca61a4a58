// Passwords as Argon2id hashes (RFC 9106): memory-hard, so that a stolen table is of little use. Node's own, off the
// main thread.

import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHasher } from '../application/identity/password-hasher.ts';
import { PASSWORD_CHARACTERS_MAX } from '../domain/account.ts';

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; about 33 ms a guess on the first machine. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Hashes at a time: each holds 19 MiB, and a flood of logins must not fill the memory. */
const CONCURRENT_MAX = 4;
/** Logins that wait for their turn; beyond it they are refused at once. */
const WAITING_MAX = 64;

/** The password hasher of the house. Hashes are in PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`. */
export function argon2Password(): PasswordHasher {
  const turns = new Turns();
  return {
    hash: (password) =>
      turns.take(async () => {
        const salt = randomBytes(SALT_BYTES);
        const tag = await tagOf(password, salt, MEMORY_KIB, PASSES, LANES, TAG_BYTES);
        return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(tag)}`;
      }),

    verify: (password, hash) =>
      turns.take(async () => {
        // Somebody without an account costs as much time as somebody with one, so that logins cannot be found out.
        const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? '');
        const [, memory = MEMORY_KIB, passes = PASSES, lanes = LANES, salt = 'AAAAAAAAAAAAAAAAAAAAAA', tag = ''] =
          parts ?? [];
        const wanted = Buffer.from(tag, 'base64');
        const length = parts === null ? TAG_BYTES : wanted.length;
        const saltBytes = Buffer.from(salt, 'base64');
        const found = await tagOf(password, saltBytes, Number(memory), Number(passes), Number(lanes), length);
        return parts !== null && timingSafeEqual(found, wanted);
      }),
  };
}

function tagOf(
  password: string,
  nonce: Buffer,
  memory: number,
  passes: number,
  parallelism: number,
  tagLength: number,
): Promise<Buffer> {
  // A longer one is wrong anyway and must not cost more than a right one.
  const message = Buffer.from(password.normalize('NFKC').slice(0, 4 * PASSWORD_CHARACTERS_MAX));
  return derive('argon2id', { message, nonce, memory, passes, parallelism, tagLength });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** Lets so many through at a time. */
class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CONCURRENT_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw new Error('too many people log in at this moment');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The turn passes to the next in line, or is given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
