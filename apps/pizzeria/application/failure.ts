// What an operation can fail with beside a broken business rule; the API gives each its own status.

export class OrderNotFound extends Error {
  constructor(id: string) {
    super(`There is no order ${id.length > 64 ? `${id.slice(0, 64)}…` : id}.`);
    this.name = 'OrderNotFound';
  }
}

export class PizzaNotFound extends Error {
  constructor(id: string) {
    super(`There is no pizza ${id.length > 64 ? `${id.slice(0, 64)}…` : id} on the menu.`);
    this.name = 'PizzaNotFound';
  }
}

export class NotificationNotFound extends Error {
  constructor() {
    super('There is no such notification, or it is not yours.');
    this.name = 'NotificationNotFound';
  }
}

/** Login and password do not belong together. Which of the two is wrong is not said. */
export class LoginRefused extends Error {
  constructor() {
    super('The login or the password is wrong.');
    this.name = 'LoginRefused';
  }
}

/** An account whose password the documentation prints, on a pizzeria that other machines reach. */
export class DemoAccountRefused extends Error {
  constructor() {
    super(
      'This is a demonstration account, and the pizzeria is reached by other machines. Set MARIO_MANAGER_PASSWORD and ' +
        'start again, then log in as mario with it.',
    );
    this.name = 'DemoAccountRefused';
  }
}

/** Too many attempts; one may be made again after the time. */
export class TooManyAttempts extends Error {
  readonly retryAfterS: number;

  constructor(retryAfterS: number) {
    super(`There were too many attempts to log in; try again in ${retryAfterS} s.`);
    this.name = 'TooManyAttempts';
    this.retryAfterS = retryAfterS;
  }
}

/** What an OAuth client is told (RFC 6749, section 5.2). */
export class OAuthRefused extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.name = 'OAuthRefused';
    this.error = error;
  }
}

/** Somebody else changed the thing between reading and writing; nothing was changed by us. */
export class VersionConflict extends Error {
  constructor(what: string) {
    super(`${what} was changed by somebody else in the meantime; read it again and repeat the step if it still fits.`);
    this.name = 'VersionConflict';
  }
}

/** The caller named a version (`If-Match`) that is no longer the current one. */
/** What no stored version has: what is expected when the tag of an `If-Match` is not of our making. */
export const NO_VERSION = -1;

export class PreconditionFailed extends Error {
  constructor(what: string, expectedVersion: number, version: number) {
    const expected = expectedVersion === NO_VERSION ? 'which is not what If-Match names' : `not ${expectedVersion}`;
    super(`The ${what} has version ${version}, ${expected}; read it again.`);
    this.name = 'PreconditionFailed';
  }
}

export class PaymentDeclined extends Error {
  readonly orderId: string;

  constructor(orderId: string, reason: string) {
    super(`The payment was declined (${reason}); the order was cancelled and nothing was charged.`);
    this.name = 'PaymentDeclined';
    this.orderId = orderId;
  }
}

/** Why there is no answer, for the metric: a closed list. */
export type UnreachableReason = 'timeout' | 'refused' | 'failing' | 'circuit_open' | 'confused';

/** The provider did not answer; the order stays pending and the payment is tried again. */
export class PaymentUnreachable extends Error {
  readonly reason: UnreachableReason;

  constructor(text: string, reason: UnreachableReason = 'refused') {
    super(`The payment provider cannot be reached: ${text}`);
    this.name = 'PaymentUnreachable';
    this.reason = reason;
  }
}
