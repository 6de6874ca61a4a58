// Secrets that a client holds (session, token, code) and the hashes of them that the house keeps.

import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: nobody guesses one, and a plain hash suffices to keep it. */
const SECRET_BYTES = 32;
const SECRET_CHARACTERS_MAX = 100;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Undefined for what cannot be a secret of ours, so that nobody makes us hash a megabyte. */
export function hashOf(secret: string): string | undefined {
  if (secret === '' || secret.length > SECRET_CHARACTERS_MAX) return undefined;
  return sha256(secret);
}

/** Base64url of the SHA-256 of the text; also PKCE's S256 (RFC 7636, section 4.2). */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
