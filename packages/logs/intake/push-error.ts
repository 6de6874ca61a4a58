/** A push that cannot be read; answered with 400 and the message. */

export class PushError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'PushError';
  }
}
