// What an operation can fail with beside a broken business rule; the API gives each its own status.

export class OrderNotFound extends Error {
  constructor(id: string) {
    super(`There is no order ${id.length > 64 ? `${id.slice(0, 64)}…` : id}.`);
    this.name = 'OrderNotFound';
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
export class PreconditionFailed extends Error {
  constructor(expectedVersion: number, version: number) {
    super(`The order has version ${version}, not ${expectedVersion}; read it again.`);
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

/** The provider did not answer; the order stays pending and the payment is tried again. */
export class PaymentUnreachable extends Error {
  constructor(reason: string) {
    super(`The payment provider cannot be reached: ${reason}`);
    this.name = 'PaymentUnreachable';
  }
}
