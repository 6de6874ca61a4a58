/** Passwords are kept as scrypt hashes: memory-hard, so that a stolen file is of little use. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt) as (password: string, salt: Buffer, bytes: number, options: object) => Promise<Buffer>;

/** 16 MiB and about 50 ms a guess (OWASP Password Storage Cheat Sheet: N = 2^14 with p = 5 at least). */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Longer ones only cost time to hash. */
export const PASSWORD_CHARS_MAX = 1_000;

/** `scrypt$N$r$p$salt$key`, the last two in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, { ...COST, maxmem: 64 * 1024 * 1024 });
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [kind, n, r, p, salt, key] = hash.split('$');
  if (kind !== 'scrypt' || key === undefined || password.length > PASSWORD_CHARS_MAX) return false;
  const wanted = Buffer.from(key, 'base64');
  const cost = { N: Number(n), r: Number(r), p: Number(p), maxmem: 64 * 1024 * 1024 };
  const found = await derive(password, Buffer.from(salt!, 'base64'), wanted.length, cost);
  return timingSafeEqual(found, wanted);
}
