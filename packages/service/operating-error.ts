/**
 * Errors of operation: something outside the program is not as it must be (a port is taken, a file is malformed,
 * a disk is full). They carry a stable code from the registry of their package and tell the user what to do.
 * Errors of the programmer are plain assertions whose message begins with `BUG:`.
 */

export interface ErrorKind {
  /** Stable, upper case, prefixed by the package: `MARIO_SERVICE_PORT_TAKEN`. */
  readonly code: string;
  /** What it means and what to do, one or two sentences; printed in docs/errors.md. */
  readonly meaning: string;
}

const kinds = new Map<string, ErrorKind>();

/** Registers a kind of error; a code may be registered once. Call at module level, beside the code that throws it. */
export function defineError(code: string, meaning: string): ErrorKind {
  if (!/^MARIO_[A-Z0-9_]+$/.test(code)) throw new Error(`BUG: error code ${code} is not MARIO_UPPER_CASE`);
  if (kinds.has(code)) throw new Error(`BUG: error code ${code} is defined twice`);
  const kind = { code, meaning };
  kinds.set(code, kind);
  return kind;
}

/** All kinds that the loaded modules have registered, by code. */
export function errorKinds(): readonly ErrorKind[] {
  return [...kinds.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

export class OperatingError extends Error {
  readonly code: string;

  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OperatingError';
    this.code = kind.code;
  }
}
