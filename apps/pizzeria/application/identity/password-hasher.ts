// The port to whatever hashes passwords.

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes the same time whether there is a hash or not. */
  verify(password: string, hash: string | null): Promise<boolean>;
}
